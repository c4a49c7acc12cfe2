-- Revision 0013: files that triage left to a person, what later triages add, and the verdicts people give.
-- The laws of revision 0001 hold: a tenant column that fills itself, and row-level security, forced.
-- What triage found (lendgate.document) is not touched: everything here lies beside it, and goes with it.

CREATE TABLE lendgate.inspection (
    tenant         text        NOT NULL DEFAULT lendgate.current_tenant(),
    document_id    uuid        NOT NULL,
    application_id uuid        NOT NULL,
    state          text        NOT NULL CHECK (state IN (
        'open',     -- something in the file waits for a person
        'settled'   -- open -> settled, with the last verdict; and open again when a later triage adds a reason
    )),
    version        integer     NOT NULL CHECK (version > 0),  -- grows with every verdict and every reason added
    waiting_since  timestamptz NOT NULL,
    told           json,       -- schema.TriageResult: what the sender may see since the last verdict
    PRIMARY KEY (tenant, document_id),
    FOREIGN KEY (tenant, document_id) REFERENCES lendgate.document (tenant, document_id) ON DELETE CASCADE
);
CREATE INDEX inspection_queue ON lendgate.inspection (tenant, waiting_since, document_id) WHERE state = 'open';
GRANT SELECT, INSERT ON lendgate.inspection TO lendgate_service;
GRANT UPDATE (state, version, waiting_since, told) ON lendgate.inspection TO lendgate_service;

-- What triage leaves to a person waits, whoever kept the triage: a version that knows of no queue among them.
CREATE FUNCTION lendgate.wait_for_a_person() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    INSERT INTO lendgate.inspection (tenant, document_id, application_id, state, version, waiting_since)
        VALUES (NEW.tenant, NEW.document_id, NEW.application_id, 'open', 1, NEW.triaged_at);
    RETURN NULL;
END
$$;
CREATE TRIGGER left_to_a_person AFTER UPDATE OF route ON lendgate.document
    FOR EACH ROW WHEN (OLD.route IS NULL AND NEW.route = 'human_review')
    EXECUTE FUNCTION lendgate.wait_for_a_person();

CREATE TABLE lendgate.document_doubt (
    tenant      text        NOT NULL DEFAULT lendgate.current_tenant(),
    document_id uuid        NOT NULL,
    revision    integer     NOT NULL CHECK (revision > 0),  -- each time a triage of other files adds a reason
    reasons     bytea       NOT NULL,                       -- sealed
    at          timestamptz NOT NULL,
    PRIMARY KEY (tenant, document_id, revision),
    FOREIGN KEY (tenant, document_id) REFERENCES lendgate.document (tenant, document_id) ON DELETE CASCADE
);
GRANT SELECT, INSERT ON lendgate.document_doubt TO lendgate_service;
GRANT UPDATE (reasons) ON lendgate.document_doubt TO lendgate_service;  -- sealed anew

CREATE TABLE lendgate.document_verdict (
    tenant      text        NOT NULL DEFAULT lendgate.current_tenant(),
    verdict_id  uuid        NOT NULL,
    document_id uuid        NOT NULL,
    number      integer     NOT NULL CHECK (number > 0),  -- of this file's verdicts
    action      text        NOT NULL CHECK (action IN ('accept', 'return')),
    body        bytea       NOT NULL,  -- sealed: the verdict, its values and written reason, and who gave it
    at          timestamptz NOT NULL,
    PRIMARY KEY (tenant, verdict_id),
    UNIQUE (tenant, document_id, number),
    FOREIGN KEY (tenant, document_id) REFERENCES lendgate.document (tenant, document_id) ON DELETE CASCADE
);
GRANT SELECT, INSERT ON lendgate.document_verdict TO lendgate_service;
GRANT UPDATE (body) ON lendgate.document_verdict TO lendgate_service;  -- sealed anew

-- How it is sealed may change, in a transaction that says so (revision 0006), and it goes with its document
-- when an application is erased, which says so too; what it says may not.
CREATE TRIGGER never_changes BEFORE UPDATE ON lendgate.document_verdict
    FOR EACH ROW WHEN (
        NOT (
            lendgate.is_sealing_anew()
            AND (OLD.verdict_id, OLD.document_id, OLD.number, OLD.action, OLD.at)
                IS NOT DISTINCT FROM (NEW.verdict_id, NEW.document_id, NEW.number, NEW.action, NEW.at)
        )
    )
    EXECUTE FUNCTION lendgate.refuse_change('a verdict never changes; a later one follows it');
CREATE TRIGGER never_changes BEFORE UPDATE ON lendgate.document_doubt
    FOR EACH ROW WHEN (
        NOT (
            lendgate.is_sealing_anew()
            AND (OLD.document_id, OLD.revision, OLD.at) IS NOT DISTINCT FROM (NEW.document_id, NEW.revision, NEW.at)
        )
    )
    EXECUTE FUNCTION lendgate.refuse_change('what a triage added stays');
CREATE TRIGGER never_removed BEFORE DELETE ON lendgate.document_verdict
    FOR EACH ROW WHEN (NOT lendgate.is_sealing_anew())
    EXECUTE FUNCTION lendgate.refuse_change('a verdict goes with its application only');
CREATE TRIGGER never_removed BEFORE DELETE ON lendgate.document_doubt
    FOR EACH ROW WHEN (NOT lendgate.is_sealing_anew())
    EXECUTE FUNCTION lendgate.refuse_change('what a triage added goes with its application only');
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON lendgate.document_verdict
    FOR EACH STATEMENT EXECUTE FUNCTION lendgate.refuse_change('its rows are only ever added');
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON lendgate.document_doubt
    FOR EACH STATEMENT EXECUTE FUNCTION lendgate.refuse_change('its rows are only ever added');

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'lendgate.inspection', 'lendgate.document_doubt', 'lendgate.document_verdict'
    ] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %s USING (tenant = (SELECT lendgate.current_tenant()))', name);
    END LOOP;
END
$$;

-- What was left to people before there was a queue waits in it now: tenant by tenant, behind the walls, and
-- without a lock that a service would wait for.
DO $$
DECLARE
    own text;
BEGIN
    FOR own IN SELECT lendgate.tenants() LOOP
        PERFORM set_config('lendgate.tenant', own, true);
        INSERT INTO lendgate.inspection (document_id, application_id, state, version, waiting_since)
            SELECT document_id, application_id, 'open', 1, triaged_at
            FROM lendgate.document WHERE status = 'triaged' AND route = 'human_review';
    END LOOP;
    PERFORM set_config('lendgate.tenant', '', true);
END
$$;
