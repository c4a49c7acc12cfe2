-- Revision 0009: legal holds, and erasing what is personal of an application once it need not be kept.
-- The laws of revision 0001 hold: a tenant column that fills itself, and row-level security, forced.

CREATE TABLE lendgate.legal_hold (
    tenant         text        NOT NULL DEFAULT lendgate.current_tenant(),
    hold_id        uuid        NOT NULL,
    application_id uuid        NOT NULL,
    reason         bytea       NOT NULL,  -- sealed: people write names into it
    placed_by      text        NOT NULL,
    placed_at      timestamptz NOT NULL,
    lifted_by      text,
    lifted_at      timestamptz,
    PRIMARY KEY (tenant, hold_id),
    FOREIGN KEY (tenant, application_id) REFERENCES lendgate.application (tenant, application_id),
    CHECK ((lifted_by IS NULL) = (lifted_at IS NULL))
);
CREATE INDEX legal_hold_of_application ON lendgate.legal_hold (tenant, application_id) WHERE lifted_at IS NULL;
GRANT SELECT, INSERT ON lendgate.legal_hold TO lendgate_service;
GRANT UPDATE (reason, lifted_by, lifted_at) ON lendgate.legal_hold TO lendgate_service;
ALTER TABLE lendgate.legal_hold ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON lendgate.legal_hold USING (tenant = (SELECT lendgate.current_tenant()));

ALTER TABLE lendgate.application
    ADD COLUMN erased_at timestamptz,
    DROP CONSTRAINT application_kept_once,
    ADD CONSTRAINT application_kept_once CHECK (
        num_nonnulls(document, document_sealed) = CASE WHEN erased_at IS NULL THEN 1 ELSE 0 END
    ) NOT VALID;
ALTER TABLE lendgate.review
    ADD COLUMN erased_at timestamptz,
    DROP CONSTRAINT review_kept_once,
    ADD CONSTRAINT review_kept_once CHECK (
        num_nonnulls(body, body_sealed) = CASE WHEN erased_at IS NULL THEN 1 ELSE 0 END
    ) NOT VALID,
    DROP CONSTRAINT review_completed_on_grounds,
    ADD CONSTRAINT review_completed_on_grounds CHECK (
        status <> 'completed' OR erased_at IS NOT NULL
        OR (outcome IS NOT NULL AND (assessment_sealed IS NOT NULL OR num_nonnulls(facts, findings) = 2))
    ) NOT VALID;

-- Destroys what is personal of an application, everywhere. What stays are ids, states, outcomes, costs and
-- times, for counting, and the audit trail, which never held more. False: it is on hold, under review, erased
-- or not there, and nothing was done. The service may erase in this way and in no other.
CREATE FUNCTION lendgate.erase_application(of_id uuid, at timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    own     text := lendgate.current_tenant();
    reviews uuid[];
BEGIN
    -- Locked: a hold that is being placed refers to the row and waits, or has been placed and is seen below.
    PERFORM FROM lendgate.application
        WHERE tenant = own AND application_id = of_id AND erased_at IS NULL FOR UPDATE;
    IF NOT FOUND
        OR EXISTS (SELECT FROM lendgate.legal_hold
                   WHERE tenant = own AND application_id = of_id AND lifted_at IS NULL)
        OR EXISTS (SELECT FROM lendgate.review
                   WHERE tenant = own AND application_id = of_id AND completed_at IS NULL)
        OR EXISTS (SELECT FROM lendgate.referral JOIN lendgate.review USING (tenant, review_id)
                   WHERE tenant = own AND application_id = of_id AND state <> 'decided')
    THEN
        RETURN false;
    END IF;
    SELECT coalesce(array_agg(review_id), '{}') INTO reviews FROM lendgate.review
        WHERE tenant = own AND application_id = of_id;
    PERFORM set_config('lendgate.sealing_anew', 'on', true);

    DELETE FROM lendgate.document_number WHERE tenant = own AND document_id IN (
        SELECT document_id FROM lendgate.document WHERE tenant = own AND application_id = of_id);
    DELETE FROM lendgate.document_page WHERE tenant = own AND document_id IN (
        SELECT document_id FROM lendgate.document WHERE tenant = own AND application_id = of_id);
    DELETE FROM lendgate.document_evidence WHERE tenant = own AND application_id = of_id;
    DELETE FROM lendgate.document WHERE tenant = own AND application_id = of_id;
    DELETE FROM lendgate.support_turn WHERE tenant = own AND conversation_id IN (
        SELECT conversation_id FROM lendgate.support_conversation WHERE tenant = own AND review_id = ANY (reviews));
    DELETE FROM lendgate.support_conversation WHERE tenant = own AND review_id = ANY (reviews);
    DELETE FROM lendgate.support_request WHERE tenant = own AND review_id = ANY (reviews);
    DELETE FROM lendgate.intake_session WHERE tenant = own AND review_id = ANY (reviews);
    DELETE FROM lendgate.intake_identifier WHERE tenant = own AND application_id = of_id;
    DELETE FROM lendgate.clock WHERE tenant = own AND review_id = ANY (reviews);
    DELETE FROM lendgate.decision WHERE tenant = own AND review_id = ANY (reviews);
    DELETE FROM lendgate.referral WHERE tenant = own AND review_id = ANY (reviews);
    DELETE FROM lendgate.model_reply WHERE tenant = own AND subject = ANY (reviews::text[]);
    DELETE FROM lendgate.idempotency WHERE tenant = own AND subject = ANY (reviews);
    DELETE FROM lendgate_monitoring.monitoring WHERE tenant = own AND application_id = of_id;
    UPDATE lendgate.legal_hold SET reason = '' WHERE tenant = own AND application_id = of_id;
    UPDATE lendgate.review
        SET body = NULL, body_sealed = NULL, facts = NULL, findings = NULL, assessment_sealed = NULL,
            erased_at = at
        WHERE tenant = own AND application_id = of_id;
    UPDATE lendgate.application
        SET document = NULL, document_sealed = NULL, applicant_id = '', erased_at = at
        WHERE tenant = own AND application_id = of_id;
    PERFORM set_config('lendgate.sealing_anew', '', true);
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION lendgate.erase_application(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lendgate.erase_application(uuid, timestamptz) TO lendgate_service;
