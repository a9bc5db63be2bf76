-- What tenants have used, month by month, see core/src/usage.rs. The tenant is empty for what is no tenant's. Whoever adds
-- something appends a row, so that no two wait for each other; they are summed up now and then.
CREATE TABLE ext_usage (
  month          text NOT NULL,
  tenant_id      text NOT NULL,
  meetings       bigint NOT NULL DEFAULT 0,
  participant_ms bigint NOT NULL DEFAULT 0,
  recordings     bigint NOT NULL DEFAULT 0,
  bytes          bigint NOT NULL DEFAULT 0
);
CREATE INDEX ext_usage_by_month ON ext_usage (month, tenant_id);
