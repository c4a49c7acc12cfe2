-- Revision 0004: documents, what their triage came to, and what their pages are known again by.
-- The laws of revision 0001 hold: a tenant column that fills itself, and row-level security, forced.

CREATE TABLE lendgate.document (
    tenant         text        NOT NULL DEFAULT lendgate.current_tenant(),
    document_id    uuid        NOT NULL,
    application_id uuid        NOT NULL,
    broker_id      text        NOT NULL,
    filed_under    uuid        NOT NULL,  -- the id its sender gave: of the application or of a review of it
    declared_type  text        NOT NULL,
    media_type     text        NOT NULL,
    size           integer     NOT NULL CHECK (size BETWEEN 1 AND 20971520),  -- bytes
    sha256         bytea       NOT NULL CHECK (length(sha256) = 32),          -- of the original
    file_name      bytea       NOT NULL,  -- sealed: people write names into it
    status         text        NOT NULL CHECK (status IN (
        'awaiting_content',  -- declared; its bytes may come until expires_at
        'received',          -- awaiting_content -> received, with the job that reads it
        'triaged'            -- received -> triaged; final
    )),
    blob           text,                  -- where the sealed original is
    route          text,
    triage         json,                  -- schema.TriageResult: all that the sender may see
    findings       bytea,                 -- sealed: all that was found (documents.record), for the lender's people
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    received_at    timestamptz,
    triaged_at     timestamptz,
    PRIMARY KEY (tenant, document_id),
    FOREIGN KEY (tenant, application_id) REFERENCES lendgate.application (tenant, application_id),
    CHECK ((status = 'awaiting_content') = (received_at IS NULL AND blob IS NULL)),
    CHECK ((status = 'triaged') = (triaged_at IS NOT NULL AND triage IS NOT NULL AND findings IS NOT NULL))
);
-- One application holds the same file once; what was only declared counts for nothing.
CREATE UNIQUE INDEX document_once ON lendgate.document (tenant, application_id, sha256)
    WHERE status <> 'awaiting_content';
CREATE INDEX document_of_application ON lendgate.document (tenant, application_id, created_at);
CREATE INDEX document_of_digest ON lendgate.document (tenant, sha256);
CREATE INDEX document_of_blob ON lendgate.document (tenant, blob) WHERE blob IS NOT NULL;

GRANT SELECT, INSERT ON lendgate.document TO lendgate_service;
-- What a document is never changes; file_name and findings are sealed anew when keys are rotated.
GRANT UPDATE (status, file_name, blob, route, triage, findings, received_at, triaged_at)
    ON lendgate.document TO lendgate_service;
CREATE TRIGGER triaged_is_final BEFORE UPDATE OF status, blob, route, triage, received_at, triaged_at
    ON lendgate.document FOR EACH ROW WHEN (OLD.status = 'triaged')
    EXECUTE FUNCTION lendgate.refuse_change('a document that was triaged never changes');

-- ------------------------------------------------------------------ what documents prove

CREATE TABLE lendgate.document_evidence (
    tenant         text        NOT NULL DEFAULT lendgate.current_tenant(),
    application_id uuid        NOT NULL,
    revision       integer     NOT NULL CHECK (revision > 0),  -- each time the documents come to say something else
    evidence       bytea       NOT NULL,                       -- sealed
    at             timestamptz NOT NULL,
    PRIMARY KEY (tenant, application_id, revision),
    FOREIGN KEY (tenant, application_id) REFERENCES lendgate.application (tenant, application_id)
);
GRANT SELECT, INSERT ON lendgate.document_evidence TO lendgate_service;
GRANT UPDATE (evidence) ON lendgate.document_evidence TO lendgate_service;  -- sealed anew

-- ------------------------------------------------------------------ pages known again

CREATE TABLE lendgate.document_page (
    tenant      text    NOT NULL DEFAULT lendgate.current_tenant(),
    document_id uuid    NOT NULL,
    page        integer NOT NULL CHECK (page > 0),
    fingerprint bytea   NOT NULL CHECK (length(fingerprint) = 32),  -- perceptual
    PRIMARY KEY (tenant, document_id, page),
    FOREIGN KEY (tenant, document_id) REFERENCES lendgate.document (tenant, document_id)
);

-- A row for each number of a page's sketch. An array with a GIN index would be smaller, but row-level
-- security keeps the planner from looking into an index by any operator that is not leakproof.
CREATE TABLE lendgate.document_number (
    tenant      text    NOT NULL DEFAULT lendgate.current_tenant(),
    digest      bytea   NOT NULL,  -- keyed: numbers are few enough to try them all
    document_id uuid    NOT NULL,
    page        integer NOT NULL,
    PRIMARY KEY (tenant, digest, document_id, page),
    FOREIGN KEY (tenant, document_id, page) REFERENCES lendgate.document_page (tenant, document_id, page)
);
CREATE INDEX document_number_of_page ON lendgate.document_number (tenant, document_id, page);

GRANT SELECT, INSERT ON lendgate.document_page, lendgate.document_number TO lendgate_service;

-- ------------------------------------------------------------------ tenants kept apart

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'lendgate.document', 'lendgate.document_evidence', 'lendgate.document_page', 'lendgate.document_number'
    ] LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_tenant ON %s USING (tenant = (SELECT lendgate.current_tenant()))', name);
    END LOOP;
END
$$;
