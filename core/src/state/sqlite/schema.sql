-- The embedded live state. Times are milliseconds since 1970. What corresponds to what in Redis:
-- docs/ARCHITECTURE.md and CONTRACT §9.

CREATE TABLE servers (
  id                TEXT PRIMARY KEY NOT NULL,
  url               TEXT NOT NULL,
  secret            TEXT NOT NULL,
  tag               TEXT,
  state             TEXT NOT NULL DEFAULT 'disabled' CHECK (state IN ('enabled', 'cordoned', 'disabled')),
  online            INTEGER NOT NULL DEFAULT 0,
  -- Null while the server is unavailable: only one that is online and not disabled has a load.
  load              REAL,
  load_multiplier   REAL NOT NULL DEFAULT 1.0,
  -- All the load ever added between polls: a poll under way tells by it what came meanwhile.
  load_added        REAL NOT NULL DEFAULT 0.0,
  meetings          INTEGER NOT NULL DEFAULT 0,
  users             INTEGER NOT NULL DEFAULT 0,
  largest_meeting   INTEGER NOT NULL DEFAULT 0,
  videos            INTEGER NOT NULL DEFAULT 0,
  healthy_counter   INTEGER NOT NULL DEFAULT 0,
  unhealthy_counter INTEGER NOT NULL DEFAULT 0,
  bbb_version       TEXT,
  -- When a poller last took the server to poll.
  poll_taken        INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE meetings (
  id           TEXT PRIMARY KEY NOT NULL,
  server_id    TEXT NOT NULL,
  moderator_pw TEXT NOT NULL,
  voice_bridge TEXT NOT NULL UNIQUE,
  tenant_id    TEXT,
  -- When a create was last routed for it.
  placed_at    INTEGER NOT NULL,
  -- Whether its first create has not been answered yet.
  creating     INTEGER NOT NULL DEFAULT 1,
  -- From then on it is as if the row were not there.
  expires_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE tenants (
  id      TEXT PRIMARY KEY NOT NULL,
  name    TEXT NOT NULL,
  secrets TEXT NOT NULL
) STRICT;
CREATE INDEX tenants_by_name ON tenants (name);

CREATE TABLE tenant_settings (
  id        TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL,
  param     TEXT NOT NULL,
  value     TEXT NOT NULL,
  overrides INTEGER NOT NULL
) STRICT;
CREATE INDEX tenant_settings_by_tenant ON tenant_settings (tenant_id);

-- Written by the health check, and by nothing else.
CREATE TABLE health_check (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  at INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 1;
