-- Recordings as `shape.rs` describes them, into the tables of Scalelite 1.8; ours are added afterwards, as on a
-- database that is taken over.
CREATE TEMPORARY VIEW shape AS
SELECT i + 1 AS id, i, m,
       1420070400000 + i * 300000 + (i * 2654435761) % 345600 * 1000 AS start,
       (1 + i % 120) AS minutes,
       to_hex(1048576 + m * 7919 % 15728640) AS color,
       (SELECT string_agg(lpad(to_hex((m + 1) * (2654435761 + 2 * word) % 4294967296), 8, '0'), '' ORDER BY word)
        FROM generate_series(0, 4) AS word) AS hash
FROM (SELECT i, i % {meetings} AS m FROM generate_series(0::bigint, {recordings} - 1) AS i) AS numbers;

INSERT INTO recordings
  (id, record_id, meeting_id, name, published, participants, state, starttime, endtime, protected, publish_updated)
SELECT id, hash || '-' || start, 'meeting-' || m, 'Lecture ' || i || ' of room ' || m,
       i % 20 <> 0, 2 + i % 40, CASE WHEN i % 20 = 0 THEN 'unpublished' ELSE 'published' END,
       to_timestamp(start / 1000.0) AT TIME ZONE 'UTC',
       to_timestamp(start / 1000.0) AT TIME ZONE 'UTC' + minutes * interval '1 minute', false, false
FROM shape;

INSERT INTO metadata (recording_id, key, value)
SELECT id, key, value
FROM shape CROSS JOIN LATERAL (VALUES
  ('bbb-origin', 'Moodle'), ('bbb-origin-server-name', 'moodle.example.org'), ('bbb-origin-version', '4.1 (20221128)'),
  ('bbb-context-name', 'Course ' || (i % {courses})), ('course-id', (i % {courses})::text),
  ('bbb-recording-name', 'Lecture ' || i)) AS given (key, value);

INSERT INTO playback_formats (id, recording_id, format, url, length, processing_time)
SELECT id, id, 'presentation', '/playback/presentation/2.3/' || hash || '-' || start, minutes, 60000 + i % 100000
FROM shape;

INSERT INTO thumbnails (playback_format_id, width, height, alt, url, sequence)
SELECT id, 176, 136, 'Slide ' || n || ' of lecture ' || i,
       '/presentation/' || hash || '-' || start || '/presentation/' || color || '/thumbnails/thumb-' || n || '.png', n
FROM shape CROSS JOIN generate_series(1, 3) AS n;

SELECT setval(pg_get_serial_sequence('recordings', 'id'), {recordings}),
       setval(pg_get_serial_sequence('playback_formats', 'id'), {recordings});
