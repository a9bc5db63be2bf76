INSERT INTO "recordings" ("record_id", "meeting_id", "name", "published", "participants", "state", "starttime", "endtime", "deleted_at", "publish_updated", "protected")
VALUES ('theirs', 'm2', 'Name', TRUE, 2, 'published', '2024-01-01 00:00:00', '2024-01-01 01:00:00', NULL, FALSE, FALSE) RETURNING "id";
INSERT INTO "metadata" ("recording_id","key","value") SELECT id, 'k', 'v' FROM recordings WHERE record_id = 'theirs'
  ON CONFLICT ("recording_id","key") DO UPDATE SET "value"=excluded."value" RETURNING "id";
INSERT INTO "playback_formats" ("recording_id", "format", "url", "length", "processing_time")
  SELECT id, 'presentation', '/playback/presentation/2.3/theirs', 60, NULL FROM recordings WHERE record_id = 'theirs' RETURNING "id";
INSERT INTO "thumbnails" ("playback_format_id", "width", "height", "alt", "url", "sequence")
  SELECT max(id), 1, 1, NULL, '/t.png', 0 FROM playback_formats;
INSERT INTO "callback_data" ("meeting_id", "recording_id", "callback_attributes", "created_at", "updated_at")
  VALUES ('m2', NULL, '---\n', '2024-01-01 00:00:00.123456', '2024-01-01 00:00:00.123456') RETURNING "id";
