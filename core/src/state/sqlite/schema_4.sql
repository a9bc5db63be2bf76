-- Version 4: the last day of each server, and how many meetings were made.

-- One row for each five minutes, of which `slot` is the number since 1970 and `place` its remainder by 288: a row is
-- overwritten a day later.
CREATE TABLE history (
  server_id TEXT NOT NULL,
  place     INTEGER NOT NULL,
  slot      INTEGER NOT NULL,
  load      REAL NOT NULL,
  meetings  INTEGER NOT NULL,
  users     INTEGER NOT NULL,
  videos    INTEGER NOT NULL,
  offline   INTEGER NOT NULL,
  PRIMARY KEY (server_id, place)
) STRICT, WITHOUT ROWID;

-- Meetings that were made since a poller last asked; the tenant is empty for those of no tenant.
CREATE TABLE made (
  tenant_id TEXT PRIMARY KEY NOT NULL,
  meetings  INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 4;
