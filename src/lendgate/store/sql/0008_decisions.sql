-- Revision 0008: referrals, decisions, notices, clocks, and the text of the policy that reviews rest on.
-- The laws of revision 0001 hold: a tenant column that fills itself, and row-level security, forced.

CREATE TABLE lendgate.referral (
    tenant       text        NOT NULL DEFAULT lendgate.current_tenant(),
    referral_id  uuid        NOT NULL,
    review_id    uuid        NOT NULL,
    broker_id    text        NOT NULL,
    applicant_id text        NOT NULL,
    product      text        NOT NULL,
    cause        text        NOT NULL CHECK (
        cause IN ('refer', 'ineligible', 'incomplete', 'eligible', 'failed', 'person_request')
    ),
    outcome      text,
    state        text        NOT NULL CHECK (state IN ('open', 'waiting', 'second_look', 'decided')),
    assigned_to  text,
    held_by      text,
    held_until   timestamptz,
    notes_sealed bytea,      -- conditions, what was asked for, a proposal with its written reason
    version      integer     NOT NULL CHECK (version > 0),
    opened_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant, referral_id),
    FOREIGN KEY (tenant, review_id) REFERENCES lendgate.review (tenant, review_id),
    CHECK ((held_by IS NULL) = (held_until IS NULL))
);
CREATE INDEX referral_queue ON lendgate.referral (tenant, opened_at, referral_id) WHERE state <> 'decided';
-- One open case a review: whoever asks for a person meanwhile joins it.
CREATE UNIQUE INDEX referral_open_once ON lendgate.referral (tenant, review_id) WHERE state <> 'decided';
GRANT SELECT, INSERT ON lendgate.referral TO lendgate_service;
GRANT UPDATE (state, assigned_to, held_by, held_until, notes_sealed, version) ON lendgate.referral TO lendgate_service;

CREATE TABLE lendgate.decision (
    tenant      text        NOT NULL DEFAULT lendgate.current_tenant(),
    decision_id uuid        NOT NULL,
    review_id   uuid        NOT NULL,
    referral_id uuid,                  -- none: approved by the lender's standing permission
    broker_id   text        NOT NULL,
    number      integer     NOT NULL CHECK (number > 0),  -- of this review's decisions; the last one stands
    action      text        NOT NULL,
    decided_on  date        NOT NULL,  -- the lender's day
    decided_at  timestamptz NOT NULL,
    body_sealed   bytea     NOT NULL,  -- schema.Decision, byte for byte
    record_sealed bytea     NOT NULL,  -- the verdict, who gave it, and the creditor as it was
    letter_sealed bytea,               -- decision.Letter, every word of the notice
    PRIMARY KEY (tenant, decision_id),
    UNIQUE (tenant, review_id, number),
    FOREIGN KEY (tenant, review_id) REFERENCES lendgate.review (tenant, review_id),
    FOREIGN KEY (tenant, referral_id) REFERENCES lendgate.referral (tenant, referral_id)
);
GRANT SELECT, INSERT ON lendgate.decision TO lendgate_service;
GRANT UPDATE (body_sealed, record_sealed, letter_sealed) ON lendgate.decision TO lendgate_service;

CREATE TABLE lendgate.clock (
    tenant     text        NOT NULL DEFAULT lendgate.current_tenant(),
    clock_id   uuid        NOT NULL,
    review_id  uuid        NOT NULL,
    kind       text        NOT NULL,
    started_on date        NOT NULL,  -- } days of the lender's calendar
    due_on     date        NOT NULL,  -- }
    alerts     date[]      NOT NULL,
    alerted    smallint    NOT NULL DEFAULT 0,  -- how many of the alerts have been given
    stopped_at timestamptz,
    PRIMARY KEY (tenant, clock_id),
    FOREIGN KEY (tenant, review_id) REFERENCES lendgate.review (tenant, review_id)
);
-- Past the last element an array has NULL, so a clock without a next alert is not looked at.
CREATE INDEX clock_next ON lendgate.clock (tenant, (alerts[alerted + 1])) WHERE stopped_at IS NULL;
CREATE UNIQUE INDEX clock_runs_once ON lendgate.clock (tenant, review_id, kind) WHERE stopped_at IS NULL;
GRANT SELECT, INSERT ON lendgate.clock TO lendgate_service;
GRANT UPDATE (alerted, stopped_at) ON lendgate.clock TO lendgate_service;

CREATE TABLE lendgate.policy_pack (
    tenant     text        NOT NULL DEFAULT lendgate.current_tenant(),
    sha256     text        NOT NULL CHECK (sha256 = encode(sha256(content), 'hex')),
    content    bytea       NOT NULL,
    first_used timestamptz NOT NULL,
    PRIMARY KEY (tenant, sha256)
);
GRANT SELECT, INSERT ON lendgate.policy_pack TO lendgate_service;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lendgate.policy_pack
    FOR EACH STATEMENT EXECUTE FUNCTION lendgate.refuse_change('what was applied stays as it was');
-- How it is sealed may change, in a transaction that says so (revision 0006); what it says may not.
CREATE TRIGGER decided_is_final BEFORE UPDATE ON lendgate.referral
    FOR EACH ROW WHEN (
        OLD.state = 'decided'
        AND NOT (
            lendgate.is_sealing_anew()
            AND (OLD.state, OLD.assigned_to, OLD.held_by, OLD.version)
                IS NOT DISTINCT FROM (NEW.state, NEW.assigned_to, NEW.held_by, NEW.version)
        )
    )
    EXECUTE FUNCTION lendgate.refuse_change('a referral that is decided never changes');
CREATE TRIGGER never_changes BEFORE UPDATE ON lendgate.decision
    FOR EACH ROW WHEN (
        NOT (
            lendgate.is_sealing_anew()
            AND (OLD.review_id, OLD.referral_id, OLD.broker_id, OLD.number, OLD.action, OLD.decided_on,
                 OLD.decided_at)
                IS NOT DISTINCT FROM
                (NEW.review_id, NEW.referral_id, NEW.broker_id, NEW.number, NEW.action, NEW.decided_on,
                 NEW.decided_at)
        )
    )
    EXECUTE FUNCTION lendgate.refuse_change('a decision never changes; a later one follows it');

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'lendgate.referral', 'lendgate.decision', 'lendgate.clock', 'lendgate.policy_pack'
    ] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %s USING (tenant = (SELECT lendgate.current_tenant()))', name);
    END LOOP;
END
$$;
