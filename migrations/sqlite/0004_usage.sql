-- What tenants have used, month by month, see core/src/usage.rs. The tenant is empty for what is no tenant's.
CREATE TABLE ext_usage (
  month          TEXT NOT NULL,
  tenant_id      TEXT NOT NULL,
  meetings       INTEGER NOT NULL DEFAULT 0,
  participant_ms INTEGER NOT NULL DEFAULT 0,
  recordings     INTEGER NOT NULL DEFAULT 0,
  bytes          INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (month, tenant_id)
) WITHOUT ROWID;
