-- Version 3: where the learning analytics of tenants go, and how many meetings they have.

ALTER TABLE tenants ADD COLUMN lrs_endpoint TEXT;
ALTER TABLE tenants ADD COLUMN lrs_username TEXT;
ALTER TABLE tenants ADD COLUMN lrs_password TEXT;
ALTER TABLE tenants ADD COLUMN kc_token_url TEXT;
ALTER TABLE tenants ADD COLUMN kc_client_id TEXT;
ALTER TABLE tenants ADD COLUMN kc_client_secret TEXT;
ALTER TABLE tenants ADD COLUMN kc_username TEXT;
ALTER TABLE tenants ADD COLUMN kc_password TEXT;

CREATE INDEX meetings_by_tenant ON meetings (tenant_id) WHERE tenant_id IS NOT NULL;

PRAGMA user_version = 3;
