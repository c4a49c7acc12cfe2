-- Revision 0001: applications, monitoring data, reviews and their progress, the audit trail, edge nonces.
--
-- Laws of the schema
--  * Every row that belongs to a tenant carries it, and FORCE ROW LEVEL SECURITY keeps tenants apart, the
--    owner included. The tenant is the transaction's setting lendgate.tenant; without it every query fails.
--  * The tenant column fills itself from that setting, so no statement of ours ever names a tenant.
--  * Documents are json, not jsonb: they are given back byte for byte, and jsonb cannot hold U+0000.
--  * lendgate_service has exactly the privileges granted below. It changes the audit trail through
--    append_audit_event only; rows of the trail are never updated, deleted or truncated by anybody.

REVOKE ALL ON SCHEMA lendgate FROM PUBLIC;
GRANT USAGE ON SCHEMA lendgate TO lendgate_service;
GRANT SELECT ON lendgate.schema_revision TO lendgate_service;

CREATE FUNCTION lendgate.current_tenant() RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
DECLARE
    tenant text := current_setting('lendgate.tenant', true);
BEGIN
    -- A setting made with set_config(…, true) is empty, not unset, once its transaction has ended.
    IF coalesce(tenant, '') = '' THEN
        RAISE EXCEPTION 'no tenant is set for this transaction'
            USING ERRCODE = 'insufficient_privilege', HINT = 'Open the transaction with Database.tenant().';
    END IF;
    RETURN tenant;
END
$$;

-- ------------------------------------------------------------------ applications and reviews

CREATE TABLE lendgate.application (
    tenant         text        NOT NULL DEFAULT lendgate.current_tenant(),
    application_id uuid        NOT NULL,
    broker_id      text        NOT NULL,
    applicant_id   text        NOT NULL,
    product        text        NOT NULL,
    document       json        NOT NULL,  -- schema.Application; monitoring data is not part of it
    body_sha256    bytea       NOT NULL CHECK (length(body_sha256) = 32),  -- of the caller's original bytes
    request_id     text        NOT NULL,
    received_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant, application_id)
);

CREATE TABLE lendgate.review (
    tenant         text        NOT NULL DEFAULT lendgate.current_tenant(),
    review_id      uuid        NOT NULL,
    application_id uuid        NOT NULL,
    broker_id      text        NOT NULL,
    status         text        NOT NULL CHECK (status IN (
        'queued',     -- accepted, waiting for a worker
        'running',    -- queued -> running
        'completed',  -- running -> completed; final
        'failed'      -- running -> failed; final
    )),
    body           json        NOT NULL,  -- schema.Review: all that the broker may see
    facts          json,                  -- policy.Facts        } private, set on completion
    findings       json,                  -- policy.Finding list }
    outcome        text,
    reviewer       text,
    policy_id      text,
    policy_version text,
    policy_sha256  text,
    engine_version text,
    schema_version text,
    cost_usd       numeric(12, 6),
    created_at     timestamptz NOT NULL,
    started_at     timestamptz,
    completed_at   timestamptz,
    PRIMARY KEY (tenant, review_id),
    FOREIGN KEY (tenant, application_id) REFERENCES lendgate.application (tenant, application_id),
    CHECK ((status IN ('completed', 'failed')) = (completed_at IS NOT NULL)),
    CHECK (status <> 'completed' OR (facts IS NOT NULL AND findings IS NOT NULL AND outcome IS NOT NULL))
);
CREATE INDEX review_unfinished ON lendgate.review (tenant, created_at) WHERE status IN ('queued', 'running');
CREATE INDEX review_of_application ON lendgate.review (tenant, application_id);

CREATE TABLE lendgate.review_progress (
    tenant    text        NOT NULL DEFAULT lendgate.current_tenant(),
    review_id uuid        NOT NULL,
    seq       integer     NOT NULL,  -- from 1; the id of the server-sent event
    event     text        NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (tenant, review_id, seq),
    FOREIGN KEY (tenant, review_id) REFERENCES lendgate.review (tenant, review_id)
);

GRANT SELECT, INSERT ON lendgate.application, lendgate.review_progress TO lendgate_service;
GRANT SELECT, INSERT ON lendgate.review TO lendgate_service;
-- What a review is about never changes, so the columns that say it are not among these.
GRANT UPDATE (
    status, body, facts, findings, outcome, reviewer, policy_id, policy_version, policy_sha256,
    engine_version, schema_version, cost_usd, started_at, completed_at
) ON lendgate.review TO lendgate_service;

-- ------------------------------------------------------------------ monitoring data, walled off

CREATE SCHEMA lendgate_monitoring;
REVOKE ALL ON SCHEMA lendgate_monitoring FROM PUBLIC;
GRANT USAGE ON SCHEMA lendgate_monitoring TO lendgate_service;

CREATE TABLE lendgate_monitoring.monitoring (
    tenant         text NOT NULL DEFAULT lendgate.current_tenant(),
    application_id uuid NOT NULL,
    document       json NOT NULL,  -- schema.monitoring.Monitoring
    PRIMARY KEY (tenant, application_id),
    FOREIGN KEY (tenant, application_id) REFERENCES lendgate.application (tenant, application_id)
);

-- The service writes it and can never read it back (Regulation B 1002.13, DESIGN 3 f).
GRANT INSERT ON lendgate_monitoring.monitoring TO lendgate_service;

-- ------------------------------------------------------------------ the audit trail

CREATE TABLE lendgate.audit_event (
    tenant   text   NOT NULL DEFAULT lendgate.current_tenant(),
    seq      bigint NOT NULL CHECK (seq > 0),
    key_id   text   NOT NULL,
    previous bytea  NOT NULL CHECK (length(previous) = 32),
    mac      bytea  NOT NULL CHECK (length(mac) = 32),
    event    json   NOT NULL,  -- canonical JSON, the very bytes the MAC covers
    -- Read off the event, so that a query can never be told something else than the chain covers.
    kind     text   NOT NULL GENERATED ALWAYS AS (event ->> 'kind') STORED,
    subject  text   NOT NULL GENERATED ALWAYS AS (event ->> 'subject') STORED,
    at       text   NOT NULL GENERATED ALWAYS AS (event ->> 'at') STORED,  -- RFC 3339, sorts as text
    PRIMARY KEY (tenant, seq)
);
CREATE INDEX audit_event_subject ON lendgate.audit_event (tenant, subject);

CREATE TABLE lendgate.audit_head (
    tenant text   NOT NULL PRIMARY KEY DEFAULT lendgate.current_tenant(),
    seq    bigint NOT NULL CHECK (seq > 0),
    mac    bytea  NOT NULL CHECK (length(mac) = 32)
) WITH (fillfactor = 20);  -- one hot row a tenant: room for its next versions on the same page

CREATE TABLE lendgate.audit_checkpoint (
    tenant    text        NOT NULL DEFAULT lendgate.current_tenant(),
    seq       bigint      NOT NULL,
    mac       bytea       NOT NULL CHECK (length(mac) = 32),
    at        timestamptz NOT NULL,
    key_id    text        NOT NULL,
    signature bytea       NOT NULL,
    PRIMARY KEY (tenant, seq, at)
);

GRANT SELECT ON lendgate.audit_event, lendgate.audit_head TO lendgate_service;
GRANT SELECT, INSERT ON lendgate.audit_checkpoint TO lendgate_service;

-- Keeps every other transaction of the tenant from appending until this one ends, and says where the
-- chain stands (NULL, NULL: empty). An advisory lock, not FOR UPDATE: its queue is first come, first
-- served, where the row lock's lets newcomers pass and some wait long (p99 of 16 writers: half).
-- "changed", the number of rows the same statement changed, is handed back: as an argument it has to be
-- known first, so the lock is taken after the statement's own work, not during it.
CREATE FUNCTION lendgate.lock_audit_head(INOUT changed bigint, OUT seq bigint, OUT mac bytea)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    own_tenant text := lendgate.current_tenant();
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(own_tenant, 0));
    -- A statement of its own, and so a snapshot of its own: it sees what the last holder committed.
    SELECT head.seq, head.mac INTO seq, mac FROM lendgate.audit_head AS head WHERE head.tenant = own_tenant;
END
$$;

-- Appends the row that follows the head, and only that one, whether or not the caller took the lock.
CREATE FUNCTION lendgate.append_audit_event(
    new_seq bigint, new_key_id text, new_previous bytea, new_mac bytea, new_event json
) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF new_seq = 1 THEN
        INSERT INTO lendgate.audit_head (seq, mac) VALUES (1, new_mac) ON CONFLICT DO NOTHING;
    ELSE
        UPDATE lendgate.audit_head AS head SET seq = new_seq, mac = new_mac
            WHERE head.tenant = lendgate.current_tenant() AND head.seq = new_seq - 1 AND head.mac = new_previous;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'audit row % does not follow the head of the trail', new_seq
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    INSERT INTO lendgate.audit_event (seq, key_id, previous, mac, event)
        VALUES (new_seq, new_key_id, new_previous, new_mac, new_event);
END
$$;

-- The tenants that have an audit trail, which is every tenant that ever did anything.
CREATE FUNCTION lendgate.tenants() RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
$$ SELECT tenant FROM lendgate.audit_head ORDER BY tenant $$;

REVOKE ALL ON FUNCTION lendgate.lock_audit_head(bigint), lendgate.tenants(),
    lendgate.append_audit_event(bigint, text, bytea, bytea, json) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lendgate.lock_audit_head(bigint), lendgate.tenants(),
    lendgate.append_audit_event(bigint, text, bytea, bytea, json) TO lendgate_service;

CREATE FUNCTION lendgate.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION '% of %.% is refused: %', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lendgate.audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION lendgate.refuse_change('its rows are only ever added');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lendgate.audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION lendgate.refuse_change('its rows are only ever added');
CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON lendgate.audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION lendgate.refuse_change('a trail that was begun goes on');
CREATE TRIGGER ended_is_final BEFORE UPDATE ON lendgate.review
    FOR EACH ROW WHEN (OLD.status IN ('completed', 'failed'))
    EXECUTE FUNCTION lendgate.refuse_change('a review that ended never changes');

-- ------------------------------------------------------------------ tenants kept apart

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'lendgate.application', 'lendgate.review', 'lendgate.review_progress',
        'lendgate_monitoring.monitoring',
        'lendgate.audit_event', 'lendgate.audit_head', 'lendgate.audit_checkpoint'
    ] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        -- The scalar sub-select is evaluated once a query, not once a row.
        EXECUTE format('CREATE POLICY own_tenant ON %s USING (tenant = (SELECT lendgate.current_tenant()))', name);
    END LOOP;
END
$$;
-- lendgate.tenants() runs as the owner, and is the one thing that looks across tenants.
CREATE POLICY owner_lists_tenants ON lendgate.audit_head FOR SELECT TO CURRENT_USER USING (true);

-- ------------------------------------------------------------------ replay protection of the edge's signature

-- No tenant: a nonce is claimed before anything a request says about itself is believed.
CREATE TABLE lendgate.edge_nonce (
    nonce      text        NOT NULL PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX edge_nonce_expired ON lendgate.edge_nonce (expires_at);
GRANT SELECT, INSERT, DELETE ON lendgate.edge_nonce TO lendgate_service;
