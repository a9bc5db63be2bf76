-- The tables of Scalelite 1.8 in SQLite (CONTRACT §10): times are text, `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, and
-- booleans 0 or 1.

CREATE TABLE recordings (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  record_id       TEXT,
  meeting_id      TEXT,
  name            TEXT,
  published       INTEGER NOT NULL DEFAULT 0,
  participants    INTEGER,
  state           TEXT,
  starttime       TEXT,
  endtime         TEXT,
  deleted_at      TEXT,
  protected       INTEGER NOT NULL DEFAULT 0,
  publish_updated INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX index_recordings_on_record_id ON recordings (record_id);
CREATE INDEX index_recordings_on_meeting_id ON recordings (meeting_id);

CREATE TABLE metadata (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  recording_id INTEGER,
  key          TEXT,
  value        TEXT
);
CREATE UNIQUE INDEX index_metadata_on_recording_id_and_key ON metadata (recording_id, key);

CREATE TABLE playback_formats (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  recording_id    INTEGER,
  format          TEXT,
  url             TEXT,
  length          INTEGER,
  processing_time INTEGER
);
CREATE UNIQUE INDEX index_playback_formats_on_recording_id_and_format ON playback_formats (recording_id, format);

CREATE TABLE thumbnails (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  playback_format_id INTEGER,
  width              INTEGER,
  height             INTEGER,
  alt                TEXT,
  url                TEXT,
  sequence           INTEGER
);
CREATE INDEX index_thumbnails_on_playback_format_id ON thumbnails (playback_format_id);

CREATE TABLE callback_data (
  id                  INTEGER PRIMARY KEY AUTOINCREMENT,
  meeting_id          TEXT,
  recording_id        INTEGER,
  callback_attributes TEXT,
  created_at          TEXT NOT NULL,
  updated_at          TEXT NOT NULL
);

CREATE TABLE schema_migrations (version TEXT NOT NULL PRIMARY KEY);
INSERT INTO schema_migrations (version) VALUES
  ('20181123180008'), ('20210425184558'), ('20210630205630'),
  ('20210725200414'), ('20221111194252'), ('20230627141045');
