-- The same as `postgres.sql`. The tables are there; their indexes are made anew, which is quicker than adding to them.
CREATE TEMPORARY TABLE shape AS
WITH RECURSIVE numbers (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < {recordings}),
meetings AS (SELECT i, i % {meetings} AS m FROM numbers)
SELECT i + 1 AS id, i, m,
       1420070400000 + i * 300000 + (i * 2654435761) % 345600 * 1000 AS start,
       (1 + i % 120) AS minutes,
       printf('%x', 1048576 + m * 7919 % 15728640) AS color,
       printf('%08x%08x%08x%08x%08x',
         (m + 1) * 2654435761 % 4294967296, (m + 1) * 2654435763 % 4294967296, (m + 1) * 2654435765 % 4294967296,
         (m + 1) * 2654435767 % 4294967296, (m + 1) * 2654435769 % 4294967296) AS hash
FROM meetings;

INSERT INTO recordings
  (id, record_id, meeting_id, name, published, participants, state, starttime, endtime, protected, publish_updated)
SELECT id, hash || '-' || start, 'meeting-' || m, 'Lecture ' || i || ' of room ' || m,
       i % 20 <> 0, 2 + i % 40, CASE WHEN i % 20 = 0 THEN 'unpublished' ELSE 'published' END,
       datetime(start / 1000, 'unixepoch') || '.000000',
       datetime(start / 1000 + minutes * 60, 'unixepoch') || '.000000', 0, 0
FROM shape;

INSERT INTO metadata (recording_id, key, value)
SELECT id, key, CASE given.n WHEN 3 THEN 'Course ' || (i % {courses}) WHEN 4 THEN CAST(i % {courses} AS TEXT)
                             WHEN 5 THEN 'Lecture ' || i ELSE value END
FROM shape CROSS JOIN (
  SELECT 0 AS n, 'bbb-origin' AS key, 'Moodle' AS value UNION ALL
  SELECT 1, 'bbb-origin-server-name', 'moodle.example.org' UNION ALL
  SELECT 2, 'bbb-origin-version', '4.1 (20221128)' UNION ALL
  SELECT 3, 'bbb-context-name', NULL UNION ALL SELECT 4, 'course-id', NULL UNION ALL
  SELECT 5, 'bbb-recording-name', NULL) AS given;

INSERT INTO playback_formats (id, recording_id, format, url, length, processing_time)
SELECT id, id, 'presentation', '/playback/presentation/2.3/' || hash || '-' || start, minutes, 60000 + i % 100000
FROM shape;

INSERT INTO thumbnails (playback_format_id, width, height, alt, url, sequence)
SELECT id, 176, 136, 'Slide ' || n || ' of lecture ' || i,
       '/presentation/' || hash || '-' || start || '/presentation/' || color || '/thumbnails/thumb-' || n || '.png', n
FROM shape CROSS JOIN (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3);

DROP TABLE shape;
