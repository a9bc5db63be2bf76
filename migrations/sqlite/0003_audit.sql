-- Who changed what, see core/src/audit.rs. Times of ours are microseconds since 1970.
CREATE TABLE ext_changes (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  who     TEXT NOT NULL,
  host    TEXT NOT NULL,
  what    TEXT NOT NULL,
  target  TEXT NOT NULL,
  how     TEXT NOT NULL,
  outcome TEXT NOT NULL
);
CREATE INDEX ext_changes_newest ON ext_changes (at, id);
