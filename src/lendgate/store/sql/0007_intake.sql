-- Revision 0007: the intake conversations. What people said is sealed; ids, numbers and states are not.
-- The laws of revision 0001 hold: a tenant column that fills itself, and row-level security, forced.

CREATE TABLE lendgate.intake_session (
    tenant       text        NOT NULL DEFAULT lendgate.current_tenant(),
    session_id   uuid        NOT NULL,
    broker_id    text        NOT NULL,
    owner        text        NOT NULL,  -- the token's sub: whose conversation it is
    applicant_id text        NOT NULL,  -- what the application will call its applicant
    phase        text        NOT NULL CHECK (phase IN (
        'asking',       -- questions are open
        'confirming',   -- everything was read back
        'confirmed',    -- the person said that it is right
        'submitted',    -- confirmed -> submitted, with its review; final
        'with_person'   -- a person was asked for; final
    )),
    state        bytea       NOT NULL,  -- sealed: assistants.intake.state
    messages     integer     NOT NULL DEFAULT 0,
    review_id    uuid,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant, session_id),
    FOREIGN KEY (tenant, review_id) REFERENCES lendgate.review (tenant, review_id),
    CHECK ((phase = 'submitted') = (review_id IS NOT NULL))
);
CREATE INDEX intake_session_expired ON lendgate.intake_session (tenant, expires_at);
GRANT SELECT, INSERT, DELETE ON lendgate.intake_session TO lendgate_service;
-- Whose a conversation is never changes.
GRANT UPDATE (phase, state, messages, review_id) ON lendgate.intake_session TO lendgate_service;

CREATE TABLE lendgate.intake_message (
    tenant     text        NOT NULL DEFAULT lendgate.current_tenant(),
    session_id uuid        NOT NULL,
    seq        integer     NOT NULL CHECK (seq > 0),  -- from 1, without gaps: the order of the transcript
    message_id text        NOT NULL,                  -- the sender's own: the same one is the same message
    reply_to   integer,                               -- the person's message that this one answers
    content    bytea       NOT NULL,                  -- sealed
    at         timestamptz NOT NULL,
    PRIMARY KEY (tenant, session_id, seq),
    UNIQUE (tenant, session_id, message_id),
    UNIQUE (tenant, session_id, reply_to),            -- a message is answered once
    FOREIGN KEY (tenant, session_id) REFERENCES lendgate.intake_session (tenant, session_id) ON DELETE CASCADE
);
GRANT SELECT, INSERT, DELETE ON lendgate.intake_message TO lendgate_service;
GRANT UPDATE (content) ON lendgate.intake_message TO lendgate_service;  -- sealed anew when keys are rotated

-- The vault of taxpayer identifiers: those of an application that was submitted outlive its conversation.
CREATE TABLE lendgate.intake_identifier (
    tenant         text        NOT NULL DEFAULT lendgate.current_tenant(),
    token          text        NOT NULL,
    session_id     uuid        NOT NULL,
    application_id uuid,
    digits         bytea       NOT NULL,  -- sealed
    at             timestamptz NOT NULL,
    PRIMARY KEY (tenant, token),
    FOREIGN KEY (tenant, application_id) REFERENCES lendgate.application (tenant, application_id)
);
CREATE INDEX intake_identifier_of_session ON lendgate.intake_identifier (tenant, session_id);
GRANT SELECT, INSERT, DELETE ON lendgate.intake_identifier TO lendgate_service;
GRANT UPDATE (application_id, digits) ON lendgate.intake_identifier TO lendgate_service;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'lendgate.intake_session', 'lendgate.intake_message', 'lendgate.intake_identifier'
    ] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %s USING (tenant = (SELECT lendgate.current_tenant()))', name);
    END LOOP;
END
$$;
