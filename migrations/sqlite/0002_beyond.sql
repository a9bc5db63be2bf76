-- What is ours beyond Scalelite's tables, see the same file for PostgreSQL.

-- Newest first, of all and of one state. What has no start is older than anything.
CREATE INDEX ext_recordings_newest ON recordings (coalesce(starttime, '') DESC, id DESC);
CREATE INDEX ext_recordings_newest_of_state ON recordings (state, coalesce(starttime, '') DESC, id DESC);
CREATE INDEX ext_metadata_by_value ON metadata (key, value, recording_id);
CREATE INDEX ext_callback_data_by_meeting ON callback_data (meeting_id);

-- How many recordings of a state began on a day. No state is an empty one here.
CREATE TABLE ext_recording_counts (
  day   TEXT NOT NULL,
  state TEXT NOT NULL,
  n     INTEGER NOT NULL,
  PRIMARY KEY (day, state)
) WITHOUT ROWID;
CREATE TRIGGER ext_count_added AFTER INSERT ON recordings BEGIN
  INSERT INTO ext_recording_counts
  VALUES (substr(coalesce(NEW.starttime, ''), 1, 10), coalesce(NEW.state, ''), 1)
  ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER ext_count_changed AFTER UPDATE OF state, starttime ON recordings
WHEN OLD.state IS NOT NEW.state OR OLD.starttime IS NOT NEW.starttime BEGIN
  UPDATE ext_recording_counts SET n = n - 1
  WHERE day = substr(coalesce(OLD.starttime, ''), 1, 10) AND state = coalesce(OLD.state, '');
  INSERT INTO ext_recording_counts
  VALUES (substr(coalesce(NEW.starttime, ''), 1, 10), coalesce(NEW.state, ''), 1)
  ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER ext_count_removed AFTER DELETE ON recordings BEGIN
  UPDATE ext_recording_counts SET n = n - 1
  WHERE day = substr(coalesce(OLD.starttime, ''), 1, 10) AND state = coalesce(OLD.state, '');
END;

-- Times of ours are microseconds since 1970.
CREATE TABLE ext_leases (
  name       TEXT PRIMARY KEY,
  token      TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE ext_imports (
  file_name   TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  trees       TEXT NOT NULL,
  recorded_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE ext_tree_work (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  record_id TEXT NOT NULL,
  format    TEXT NOT NULL,
  shelf     TEXT,
  noted_at  INTEGER NOT NULL
);
CREATE INDEX ext_tree_work_of_recording ON ext_tree_work (record_id);

CREATE TABLE ext_outbox (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  kind            TEXT NOT NULL,
  url             TEXT NOT NULL,
  meeting_id      TEXT NOT NULL,
  tenant_id       TEXT,
  record_id       TEXT,
  body            TEXT,
  recording_marks INTEGER,
  failures        INTEGER NOT NULL DEFAULT 0,
  queued_at       INTEGER NOT NULL,
  due_at          INTEGER NOT NULL
);
CREATE INDEX ext_outbox_due ON ext_outbox (due_at);

CREATE TABLE ext_awaited_ends (
  token             TEXT PRIMARY KEY,
  meeting_id        TEXT NOT NULL,
  end_callback_url  TEXT,
  meeting_ended_url TEXT,
  over_at           INTEGER
) WITHOUT ROWID;
CREATE INDEX ext_awaited_ends_of_meeting ON ext_awaited_ends (meeting_id);
CREATE INDEX ext_awaited_ends_over ON ext_awaited_ends (over_at);
