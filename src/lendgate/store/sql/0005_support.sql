-- Revision 0005: the broker's support conversations, and requests for a correction or a person.
-- The laws of revision 0001 hold: a tenant column that fills itself, and row-level security, forced.
-- What people wrote and what they were told is sealed; ids, kinds, states and days are in the open.

CREATE TABLE lendgate.support_conversation (
    tenant          text        NOT NULL DEFAULT lendgate.current_tenant(),
    conversation_id uuid        NOT NULL,
    review_id       uuid        NOT NULL,
    broker_id       text        NOT NULL,
    opened_at       timestamptz NOT NULL,
    PRIMARY KEY (tenant, conversation_id),
    FOREIGN KEY (tenant, review_id) REFERENCES lendgate.review (tenant, review_id)
);
CREATE INDEX support_conversation_of_review ON lendgate.support_conversation (tenant, review_id);

CREATE TABLE lendgate.support_turn (
    tenant          text        NOT NULL DEFAULT lendgate.current_tenant(),
    conversation_id uuid        NOT NULL,
    turn_id         uuid        NOT NULL,
    at              timestamptz NOT NULL,
    sealed          bytea       NOT NULL,  -- question and answer, sealed for this row
    PRIMARY KEY (tenant, conversation_id, turn_id),
    FOREIGN KEY (tenant, conversation_id)
        REFERENCES lendgate.support_conversation (tenant, conversation_id)
);
CREATE INDEX support_turn_latest ON lendgate.support_turn (tenant, conversation_id, at DESC, turn_id);

CREATE TABLE lendgate.support_request (
    tenant      text        NOT NULL DEFAULT lendgate.current_tenant(),
    request_id  uuid        NOT NULL,
    review_id   uuid        NOT NULL,
    broker_id   text        NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('correction', 'human_review')),
    state       text        NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered')),
    sealed      bytea       NOT NULL,      -- what was asked for, sealed for this row
    opened_at   timestamptz NOT NULL,
    due_on      date        NOT NULL,
    answered_at timestamptz,
    PRIMARY KEY (tenant, request_id),
    FOREIGN KEY (tenant, review_id) REFERENCES lendgate.review (tenant, review_id),
    CHECK ((state = 'answered') = (answered_at IS NOT NULL))
);
CREATE INDEX support_request_of_review ON lendgate.support_request (tenant, review_id, opened_at);
CREATE INDEX support_request_due ON lendgate.support_request (tenant, due_on) WHERE state = 'open';

GRANT SELECT, INSERT ON lendgate.support_conversation, lendgate.support_turn, lendgate.support_request
    TO lendgate_service;
GRANT UPDATE (state, answered_at) ON lendgate.support_request TO lendgate_service;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'lendgate.support_conversation', 'lendgate.support_turn', 'lendgate.support_request'
    ] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %s USING (tenant = (SELECT lendgate.current_tenant()))', name);
    END LOOP;
END
$$;
