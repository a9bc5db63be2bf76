-- Version 2: tokens that open a protected recording once.

CREATE TABLE playback_tokens (
  token      TEXT PRIMARY KEY NOT NULL,
  record_id  TEXT NOT NULL,
  format     TEXT NOT NULL,
  -- From then on it is as if the row were not there.
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX playback_tokens_by_expiry ON playback_tokens (expires_at);

PRAGMA user_version = 2;
