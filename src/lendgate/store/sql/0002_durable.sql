-- Revision 0002, part 4: idempotency keys, the outbox and its webhooks, paid replies, spending.
-- The laws of revision 0001 hold: a tenant column that fills itself, and row-level security, forced.

-- ------------------------------------------------------------------ idempotency

CREATE TABLE lendgate.idempotency (
    tenant      text        NOT NULL DEFAULT lendgate.current_tenant(),
    caller      text        NOT NULL,  -- the broker: two of them may choose the same key
    route       text        NOT NULL,
    key         text        NOT NULL,
    body_sha256 bytea       NOT NULL CHECK (length(body_sha256) = 32),
    subject     uuid        NOT NULL,  -- what the request made: a review
    status      smallint,              -- } what was answered, where that cannot be read off the subject
    answer      text,                  -- }
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant, caller, route, key),
    CHECK ((status IS NULL) = (answer IS NULL))
);
CREATE INDEX idempotency_old ON lendgate.idempotency (tenant, created_at);
GRANT SELECT, INSERT, DELETE ON lendgate.idempotency TO lendgate_service;
GRANT UPDATE (status, answer) ON lendgate.idempotency TO lendgate_service;

-- ------------------------------------------------------------------ the outbox and its webhooks

CREATE TABLE lendgate.outbox_event (
    tenant    text        NOT NULL DEFAULT lendgate.current_tenant(),
    event_id  uuid        NOT NULL,
    kind      text        NOT NULL,
    broker_id text        NOT NULL,
    data      json        NOT NULL,  -- ids, codes and states: what a webhook carries, and nothing personal
    at        timestamptz NOT NULL,
    PRIMARY KEY (tenant, event_id)
);
CREATE INDEX outbox_event_old ON lendgate.outbox_event (tenant, at);

CREATE TABLE lendgate.webhook_endpoint (
    tenant          text        NOT NULL DEFAULT lendgate.current_tenant(),
    endpoint_id     uuid        NOT NULL,
    broker_id       text,                  -- whose events it hears; every broker's when none
    url             text        NOT NULL,
    generation      integer     NOT NULL DEFAULT 1,  -- of its secrets, which are derived and not stored
    previous_until  timestamptz,           -- the generation before signs, too, until then
    created_at      timestamptz NOT NULL,
    disabled_at     timestamptz,
    disabled_because text,
    PRIMARY KEY (tenant, endpoint_id)
);

CREATE TABLE lendgate.webhook_delivery (
    tenant       text        NOT NULL DEFAULT lendgate.current_tenant(),
    delivery_id  uuid        NOT NULL DEFAULT gen_random_uuid(),
    endpoint_id  uuid        NOT NULL,
    event_id     uuid        NOT NULL,
    state        text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts     integer     NOT NULL DEFAULT 0,
    last_at      timestamptz,
    last_outcome text,                     -- a status code or a word of ours, never the answer's text
    PRIMARY KEY (tenant, delivery_id),
    UNIQUE (tenant, event_id, endpoint_id),
    FOREIGN KEY (tenant, endpoint_id) REFERENCES lendgate.webhook_endpoint (tenant, endpoint_id)
        ON DELETE CASCADE,
    FOREIGN KEY (tenant, event_id) REFERENCES lendgate.outbox_event (tenant, event_id) ON DELETE CASCADE
);
CREATE INDEX webhook_delivery_of_endpoint ON lendgate.webhook_delivery (tenant, endpoint_id);

GRANT SELECT, INSERT, DELETE ON lendgate.outbox_event TO lendgate_service;
GRANT SELECT, INSERT, DELETE ON lendgate.webhook_endpoint TO lendgate_service;
GRANT UPDATE (url, generation, previous_until, disabled_at, disabled_because)
    ON lendgate.webhook_endpoint TO lendgate_service;
GRANT SELECT, INSERT ON lendgate.webhook_delivery TO lendgate_service;
GRANT UPDATE (state, attempts, last_at, last_outcome) ON lendgate.webhook_delivery TO lendgate_service;

-- Writes an event down, and a delivery with its job for each endpoint that hears it, in the transaction of
-- the change that it tells of. A queue needs a name of at most 128 characters; a tenant's has at most 64.
CREATE FUNCTION lendgate.publish(
    new_event_id uuid, new_kind text, of_broker text, new_data json, new_at timestamptz
) RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    jobs lendgate_queue.procrastinate_job_to_defer_v1[];
BEGIN
    INSERT INTO lendgate.outbox_event (event_id, kind, broker_id, data, at)
        VALUES (new_event_id, new_kind, of_broker, new_data, new_at);
    WITH delivery AS (
        INSERT INTO lendgate.webhook_delivery (endpoint_id, event_id)
        SELECT endpoint_id, new_event_id FROM lendgate.webhook_endpoint
        WHERE disabled_at IS NULL AND (broker_id IS NULL OR broker_id = of_broker)
        RETURNING tenant, delivery_id
    )
    SELECT array_agg(ROW(
        'webhooks:' || tenant, 'deliver', 20, 'deliver:' || delivery_id, NULL,
        jsonb_build_object('tenant', tenant, 'delivery_id', delivery_id), NULL
    )::lendgate_queue.procrastinate_job_to_defer_v1) INTO jobs FROM delivery;
    IF jobs IS NOT NULL THEN
        PERFORM lendgate_queue.procrastinate_defer_jobs_v1(jobs);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION lendgate.publish(uuid, text, text, json, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lendgate.publish(uuid, text, text, json, timestamptz) TO lendgate_service;

-- ------------------------------------------------------------------ paid replies

CREATE TABLE lendgate.model_reply (
    tenant      text        NOT NULL DEFAULT lendgate.current_tenant(),
    subject     text        NOT NULL,  -- the review
    fingerprint bytea       NOT NULL CHECK (length(fingerprint) = 32),  -- of everything that was asked
    purpose     text        NOT NULL,
    model       text        NOT NULL,
    reply       json        NOT NULL,
    cost_usd    numeric     NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (tenant, subject, fingerprint)
);
GRANT SELECT, INSERT ON lendgate.model_reply TO lendgate_service;

-- ------------------------------------------------------------------ spending (claude/ledger.py)

CREATE TABLE lendgate.spend_day (
    tenant    text    NOT NULL DEFAULT lendgate.current_tenant(),
    day       date    NOT NULL,
    committed numeric NOT NULL DEFAULT 0,  -- settled and reserved US dollars
    PRIMARY KEY (tenant, day)
) WITH (fillfactor = 20);

CREATE TABLE lendgate.spend_subject (
    tenant    text    NOT NULL DEFAULT lendgate.current_tenant(),
    subject   text    NOT NULL,
    committed numeric NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, subject)
);

CREATE TABLE lendgate.spend_entry (
    tenant     text        NOT NULL DEFAULT lendgate.current_tenant(),
    entry_id   uuid        NOT NULL,
    day        date        NOT NULL,
    subject    text        NOT NULL,
    purpose    text        NOT NULL,
    model      text        NOT NULL,
    state      text        NOT NULL DEFAULT 'reserved'
        CHECK (state IN ('reserved', 'settled', 'released', 'expired')),
    amount     numeric     NOT NULL,   -- what it counts for now
    usage      json,
    request_id text,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, entry_id)
);
CREATE INDEX spend_entry_open ON lendgate.spend_entry (tenant, expires_at) WHERE state = 'reserved';
CREATE INDEX spend_entry_day ON lendgate.spend_entry (tenant, day);

GRANT SELECT, INSERT ON lendgate.spend_day, lendgate.spend_subject, lendgate.spend_entry TO lendgate_service;
GRANT UPDATE (committed) ON lendgate.spend_day, lendgate.spend_subject TO lendgate_service;
GRANT UPDATE (state, amount, usage, request_id) ON lendgate.spend_entry TO lendgate_service;

-- Sets an amount aside, or says which ceiling stands in the way and what is left under it. The day's row is
-- locked first, by everybody, so the two sums are read and written by one at a time.
CREATE FUNCTION lendgate.reserve_spend(
    new_id uuid, on_day date, for_subject text, for_purpose text, of_model text, new_amount numeric,
    until timestamptz, day_ceiling numeric, subject_ceiling numeric,
    OUT ceiling text, OUT committed numeric
) LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    own text := lendgate.current_tenant();
BEGIN
    INSERT INTO lendgate.spend_day (day) VALUES (on_day) ON CONFLICT DO NOTHING;
    SELECT d.committed INTO STRICT committed FROM lendgate.spend_day AS d
        WHERE d.tenant = own AND d.day = on_day FOR UPDATE;
    IF committed + new_amount > day_ceiling THEN
        ceiling := 'tenant-day';
        RETURN;
    END IF;
    INSERT INTO lendgate.spend_subject (subject) VALUES (for_subject) ON CONFLICT DO NOTHING;
    SELECT s.committed INTO STRICT committed FROM lendgate.spend_subject AS s
        WHERE s.tenant = own AND s.subject = for_subject FOR UPDATE;
    IF committed + new_amount > subject_ceiling THEN
        ceiling := 'application';
        RETURN;
    END IF;
    INSERT INTO lendgate.spend_entry (entry_id, day, subject, purpose, model, amount, expires_at)
        VALUES (new_id, on_day, for_subject, for_purpose, of_model, new_amount, until);
    UPDATE lendgate.spend_day AS d SET committed = d.committed + new_amount
        WHERE d.tenant = own AND d.day = on_day;
    UPDATE lendgate.spend_subject AS s SET committed = s.committed + new_amount
        WHERE s.tenant = own AND s.subject = for_subject;
END
$$;

-- Closes a reservation at what it came to, once; false when it was closed before, or came too late to be
-- released.
CREATE FUNCTION lendgate.close_spend(
    of_id uuid, new_state text, new_amount numeric, new_usage json, new_request_id text, at timestamptz
) RETURNS boolean LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    own text := lendgate.current_tenant();
    entry lendgate.spend_entry;
BEGIN
    SELECT * INTO entry FROM lendgate.spend_entry WHERE tenant = own AND entry_id = of_id;
    -- The same order of locks as in reserve_spend; then look again.
    PERFORM FROM lendgate.spend_day WHERE tenant = own AND day = entry.day FOR UPDATE;
    PERFORM FROM lendgate.spend_subject WHERE tenant = own AND subject = entry.subject FOR UPDATE;
    UPDATE lendgate.spend_entry SET state = new_state, amount = new_amount, usage = new_usage,
            request_id = new_request_id
        WHERE tenant = own AND entry_id = of_id
          AND (state = 'reserved' OR (state = 'expired' AND new_state = 'settled'))
          AND (new_state <> 'released' OR expires_at > at);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE lendgate.spend_day SET committed = committed + new_amount - entry.amount
        WHERE tenant = own AND day = entry.day;
    UPDATE lendgate.spend_subject SET committed = committed + new_amount - entry.amount
        WHERE tenant = own AND subject = entry.subject;
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION
    lendgate.reserve_spend(uuid, date, text, text, text, numeric, timestamptz, numeric, numeric),
    lendgate.close_spend(uuid, text, numeric, json, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    lendgate.reserve_spend(uuid, date, text, text, text, numeric, timestamptz, numeric, numeric),
    lendgate.close_spend(uuid, text, numeric, json, text, timestamptz) TO lendgate_service;

-- ------------------------------------------------------------------ tenants kept apart

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'lendgate.idempotency', 'lendgate.outbox_event', 'lendgate.webhook_endpoint',
        'lendgate.webhook_delivery', 'lendgate.model_reply', 'lendgate.spend_day', 'lendgate.spend_subject',
        'lendgate.spend_entry'
    ] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %s USING (tenant = (SELECT lendgate.current_tenant()))', name);
    END LOOP;
END
$$;
