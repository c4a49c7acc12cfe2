-- Revision 0006: what is personal is kept sealed (store/sealing.py); columns that queries need stay.
-- Online: columns are added empty, and rows of before stay readable until they are sealed in the background
-- (store/resealing.py). The plain columns go in a later revision.

ALTER TABLE lendgate.application
    ALTER COLUMN document DROP NOT NULL,
    ADD COLUMN document_sealed bytea,
    -- Sealed bytes do not compress, and what sealed them is read off their first bytes.
    ALTER COLUMN document_sealed SET STORAGE EXTERNAL,
    ADD CONSTRAINT application_kept_once CHECK (num_nonnulls(document, document_sealed) = 1) NOT VALID;

ALTER TABLE lendgate.review
    ALTER COLUMN body DROP NOT NULL,
    ADD COLUMN body_sealed bytea,
    ADD COLUMN assessment_sealed bytea,  -- facts and findings
    ALTER COLUMN body_sealed SET STORAGE EXTERNAL,
    ALTER COLUMN assessment_sealed SET STORAGE EXTERNAL,
    DROP CONSTRAINT review_check1,
    ADD CONSTRAINT review_kept_once CHECK (num_nonnulls(body, body_sealed) = 1) NOT VALID,
    ADD CONSTRAINT review_completed_on_grounds CHECK (
        status <> 'completed'
        OR (outcome IS NOT NULL AND (assessment_sealed IS NOT NULL OR num_nonnulls(facts, findings) = 2))
    ) NOT VALID;

ALTER TABLE lendgate.model_reply
    ALTER COLUMN reply DROP NOT NULL,
    ADD COLUMN reply_sealed bytea,
    ALTER COLUMN reply_sealed SET STORAGE EXTERNAL,
    ADD CONSTRAINT model_reply_kept_once CHECK (num_nonnulls(reply, reply_sealed) = 1) NOT VALID;

ALTER TABLE lendgate_monitoring.monitoring
    ALTER COLUMN document DROP NOT NULL,
    ADD COLUMN document_sealed bytea,
    ADD CONSTRAINT monitoring_kept_once CHECK (num_nonnulls(document, document_sealed) = 1) NOT VALID;

GRANT UPDATE (body_sealed, assessment_sealed) ON lendgate.review TO lendgate_service;
GRANT UPDATE (document, document_sealed) ON lendgate.application TO lendgate_service;
GRANT DELETE ON lendgate.model_reply TO lendgate_service;  -- of use only while its review is under way

-- An application is written once, and a review that ended never changes. How they are kept may, in a
-- transaction that says so.
CREATE FUNCTION lendgate.is_sealing_anew() RETURNS boolean LANGUAGE sql STABLE SET search_path = '' AS
$$ SELECT coalesce(current_setting('lendgate.sealing_anew', true), '') = 'on' $$;

CREATE TRIGGER accepted_is_final BEFORE UPDATE ON lendgate.application
    FOR EACH ROW WHEN (NOT lendgate.is_sealing_anew())
    EXECUTE FUNCTION lendgate.refuse_change('an accepted application never changes');
DROP TRIGGER ended_is_final ON lendgate.review;
CREATE TRIGGER ended_is_final BEFORE UPDATE ON lendgate.review
    FOR EACH ROW WHEN (
        OLD.status IN ('completed', 'failed')
        AND NOT (
            lendgate.is_sealing_anew()
            AND (OLD.status, OLD.outcome, OLD.reviewer, OLD.policy_id, OLD.policy_version, OLD.policy_sha256,
                 OLD.engine_version, OLD.schema_version, OLD.cost_usd, OLD.started_at, OLD.completed_at)
                IS NOT DISTINCT FROM
                (NEW.status, NEW.outcome, NEW.reviewer, NEW.policy_id, NEW.policy_version, NEW.policy_sha256,
                 NEW.engine_version, NEW.schema_version, NEW.cost_usd, NEW.started_at, NEW.completed_at)
        )
    )
    EXECUTE FUNCTION lendgate.refuse_change('a review that ended never changes');

-- How far sealing anew has come: everything up to last_id is sealed with this key, or everything when done.
CREATE TABLE lendgate.sealing_progress (
    tenant  text    NOT NULL DEFAULT lendgate.current_tenant(),
    place   text    NOT NULL,
    key_id  uuid    NOT NULL,
    last_id uuid    NOT NULL,
    done    boolean NOT NULL,
    PRIMARY KEY (tenant, place)
);
GRANT SELECT, INSERT, UPDATE ON lendgate.sealing_progress TO lendgate_service;
ALTER TABLE lendgate.sealing_progress ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON lendgate.sealing_progress USING (tenant = (SELECT lendgate.current_tenant()));
