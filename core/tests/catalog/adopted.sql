CREATE TABLE "recordings" ("id" bigserial primary key, "record_id" character varying, "meeting_id" character varying, "name" character varying, "published" boolean, "participants" integer, "state" character varying, "starttime" timestamp, "endtime" timestamp, "deleted_at" timestamp, "publish_updated" boolean DEFAULT FALSE, "protected" boolean);
CREATE UNIQUE INDEX "index_recordings_on_record_id" ON "recordings" ("record_id");
CREATE INDEX "index_recordings_on_meeting_id" ON "recordings" ("meeting_id");
CREATE TABLE "metadata" ("id" bigserial primary key, "recording_id" bigint, "key" character varying, "value" character varying);
CREATE UNIQUE INDEX "index_metadata_on_recording_id_and_key" ON "metadata" ("recording_id", "key");
CREATE TABLE "playback_formats" ("id" bigserial primary key, "recording_id" bigint, "format" character varying, "url" character varying, "length" integer, "processing_time" integer);
CREATE UNIQUE INDEX "index_playback_formats_on_recording_id_and_format" ON "playback_formats" ("recording_id", "format");
CREATE INDEX "index_playback_formats_on_recording_id" ON "playback_formats" ("recording_id");
CREATE TABLE "thumbnails" ("id" bigserial primary key, "playback_format_id" bigint, "width" integer, "height" integer, "alt" character varying, "url" character varying, "sequence" integer);
CREATE INDEX "index_thumbnails_on_playback_format_id" ON "thumbnails" ("playback_format_id");
CREATE TABLE "callback_data" ("id" bigserial primary key, "meeting_id" character varying, "recording_id" integer, "callback_attributes" text, "created_at" timestamp(6) NOT NULL, "updated_at" timestamp(6) NOT NULL);
CREATE TABLE "schema_migrations" ("version" character varying NOT NULL PRIMARY KEY);
INSERT INTO "schema_migrations" (version) VALUES ('20181123180008'), ('20210425184558'), ('20210630205630'), ('20210725200414'), ('20221111194252'), ('20230627141045');
CREATE TABLE "ar_internal_metadata" ("key" character varying NOT NULL PRIMARY KEY, "value" character varying, "created_at" timestamp(6) NOT NULL, "updated_at" timestamp(6) NOT NULL);
INSERT INTO "ar_internal_metadata" VALUES ('environment', 'production', '2021-01-01 00:00:00.123456', '2021-01-01 00:00:00.123456');

INSERT INTO "recordings" ("record_id", "meeting_id", "name", "published", "participants", "state", "starttime", "endtime", "publish_updated", "protected") VALUES
  ('rec-old', 'm-old', 'Old', TRUE, 5, 'published', '2020-09-13 12:26:40.123', '2020-09-13 13:26:40.5', NULL, NULL),
  ('rec-new', 'm-new', 'New', FALSE, NULL, 'unpublished', '2023-09-13 12:26:40', '2023-09-13 13:26:40', TRUE, TRUE),
  ('rec-bare', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO "metadata" ("recording_id", "key", "value") VALUES (1, 'isBreakout', 'false'), (1, 'empty', NULL);
INSERT INTO "playback_formats" ("recording_id", "format", "url", "length", "processing_time") VALUES (1, 'presentation', '/playback/presentation/2.0/playback.html?meetingId=rec-old', 60, NULL);
INSERT INTO "thumbnails" ("playback_format_id", "width", "height", "alt", "url", "sequence") VALUES (1, 176, 136, 'a', '/1.png', 0), (1, 176, 136, NULL, '/2.png', 1);
INSERT INTO "callback_data" ("meeting_id", "recording_id", "callback_attributes", "created_at", "updated_at") VALUES
  ('m-tagged', NULL, E'--- !ruby/hash:ActiveSupport::HashWithIndifferentAccess\nrecording_ready_url: https://tagged.example.com/\n', '2022-01-01 00:00:00', '2022-01-01 00:00:00'),
  ('m-twice', NULL, E'---\n:recording_ready_url: https://first.example.com/\n', '2022-01-01 00:00:00', '2022-01-01 00:00:00'),
  ('m-twice', NULL, E'---\n:analytics_callback_url: https://analytics.example.com/\n:recording_ready_url: https://second.example.com/\n', '2022-01-01 00:00:00', '2022-01-01 00:00:00');
