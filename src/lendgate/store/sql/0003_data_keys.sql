-- Revision 0003: the tenants' data keys, wrapped by a master key that is never in the database.
-- The laws of revision 0001 hold: a tenant column that fills itself, and row-level security, forced.

CREATE TABLE lendgate.data_key (
    tenant     text        NOT NULL DEFAULT lendgate.current_tenant(),
    key_id     uuid        NOT NULL,
    purpose    text        NOT NULL CHECK (purpose IN ('records', 'monitoring')),
    master_id  text        NOT NULL,  -- names the key of LENDGATE_DATA_KEY that wrapped it
    wrapped    bytea       NOT NULL,  -- nonce, AES-256-GCM ciphertext and tag; bound to all of the above
    created_at timestamptz NOT NULL,
    seals_from timestamptz NOT NULL,  -- later than it was made: by then every process knows it
    PRIMARY KEY (tenant, key_id)
);
GRANT SELECT, INSERT ON lendgate.data_key TO lendgate_service;
GRANT UPDATE (master_id, wrapped) ON lendgate.data_key TO lendgate_service;

ALTER TABLE lendgate.data_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON lendgate.data_key USING (tenant = (SELECT lendgate.current_tenant()));
