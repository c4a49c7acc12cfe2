-- Revision 0011: a review ends in one statement, its referral and its clock included.

-- The newest revision of what an application's documents prove, 0 for none. VOLATILE: it looks anew, and so
-- sees what was committed while the caller waited for the audit trail; "locked" is what shows that it was
-- called after that wait.
CREATE FUNCTION lendgate.evidence_revision(of_application uuid, locked bigint) RETURNS integer
    LANGUAGE plpgsql VOLATILE SET search_path = '' AS $$
BEGIN
    RETURN coalesce((
        SELECT max(revision) FROM lendgate.document_evidence WHERE application_id = of_application
    ), 0);
END
$$;
REVOKE ALL ON FUNCTION lendgate.evidence_revision(uuid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lendgate.evidence_revision(uuid, bigint) TO lendgate_service;
