-- Who changed what, see core/src/audit.rs.
CREATE TABLE ext_changes (
  id      bigserial PRIMARY KEY,
  at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  who     text NOT NULL,
  host    text NOT NULL,
  what    text NOT NULL,
  target  text NOT NULL,
  how     text NOT NULL,
  outcome text NOT NULL
);
CREATE INDEX ext_changes_newest ON ext_changes (at, id);
