-- Memos written after a review had ended: the review itself never changes.
-- The laws of revision 0001 hold: a tenant column that fills itself, and row-level security, forced.

CREATE TABLE lendgate.memo_revision (
    tenant    text        NOT NULL DEFAULT lendgate.current_tenant(),
    memo_id   uuid        NOT NULL,
    review_id uuid        NOT NULL,
    revision  integer     NOT NULL CHECK (revision > 1),  -- the first is part of the review
    sealed    bytea       NOT NULL,  -- schema.CreditMemo and schema.Usage
    at        timestamptz NOT NULL,
    PRIMARY KEY (tenant, memo_id),
    UNIQUE (tenant, review_id, revision),
    FOREIGN KEY (tenant, review_id) REFERENCES lendgate.review (tenant, review_id)
);
GRANT SELECT, INSERT ON lendgate.memo_revision TO lendgate_service;

ALTER TABLE lendgate.memo_revision ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON lendgate.memo_revision USING (tenant = (SELECT lendgate.current_tenant()));

-- What is erased with a review is erased with its memos.
CREATE FUNCTION lendgate.forget_memos() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    DELETE FROM lendgate.memo_revision WHERE tenant = NEW.tenant AND review_id = NEW.review_id;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION lendgate.forget_memos() FROM PUBLIC;
CREATE TRIGGER memos_go_along AFTER UPDATE ON lendgate.review
    FOR EACH ROW WHEN (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL)
    EXECUTE FUNCTION lendgate.forget_memos();
