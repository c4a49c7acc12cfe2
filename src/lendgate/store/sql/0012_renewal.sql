-- Revision 0012: what could not be sealed anew can be.
-- As in revision 0006: how a row is kept may change in a transaction that says so; what it says may not.

GRANT UPDATE (sealed) ON lendgate.support_turn, lendgate.support_request, lendgate.memo_revision
    TO lendgate_service;

CREATE TRIGGER said_is_final BEFORE UPDATE ON lendgate.support_turn
    FOR EACH ROW WHEN (
        NOT (
            lendgate.is_sealing_anew()
            AND (OLD.conversation_id, OLD.turn_id, OLD.at)
                IS NOT DISTINCT FROM (NEW.conversation_id, NEW.turn_id, NEW.at)
        )
    )
    EXECUTE FUNCTION lendgate.refuse_change('what was asked and answered stays as it was');
-- Requests are answered, and holds are lifted: these go on as before, apart from what is sealed.
CREATE TRIGGER asked_is_final BEFORE UPDATE ON lendgate.support_request
    FOR EACH ROW WHEN (
        OLD.sealed IS DISTINCT FROM NEW.sealed
        AND NOT (
            lendgate.is_sealing_anew()
            AND (OLD.review_id, OLD.broker_id, OLD.kind, OLD.state, OLD.opened_at, OLD.due_on, OLD.answered_at)
                IS NOT DISTINCT FROM
                (NEW.review_id, NEW.broker_id, NEW.kind, NEW.state, NEW.opened_at, NEW.due_on, NEW.answered_at)
        )
    )
    EXECUTE FUNCTION lendgate.refuse_change('what was asked for stays as it was');
CREATE TRIGGER reason_is_final BEFORE UPDATE ON lendgate.legal_hold
    FOR EACH ROW WHEN (
        OLD.reason IS DISTINCT FROM NEW.reason
        AND NOT (
            lendgate.is_sealing_anew()
            AND (OLD.application_id, OLD.placed_by, OLD.placed_at, OLD.lifted_by, OLD.lifted_at)
                IS NOT DISTINCT FROM
                (NEW.application_id, NEW.placed_by, NEW.placed_at, NEW.lifted_by, NEW.lifted_at)
        )
    )
    EXECUTE FUNCTION lendgate.refuse_change('the reason of a hold stays as it was');
CREATE TRIGGER written_is_final BEFORE UPDATE ON lendgate.memo_revision
    FOR EACH ROW WHEN (
        NOT (
            lendgate.is_sealing_anew()
            AND (OLD.memo_id, OLD.review_id, OLD.revision, OLD.at)
                IS NOT DISTINCT FROM (NEW.memo_id, NEW.review_id, NEW.revision, NEW.at)
        )
    )
    EXECUTE FUNCTION lendgate.refuse_change('a memo never changes; a later one follows it');

-- What is sealed and does not open is passed over, named and counted.
ALTER TABLE lendgate.sealing_progress ADD COLUMN left_behind integer NOT NULL DEFAULT 0;
