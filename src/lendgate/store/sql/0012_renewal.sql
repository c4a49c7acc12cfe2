-- Revision 0012: what could not be sealed anew can be, and a data key that nothing is sealed with can go.
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

-- Drops a data key of the tenant: NULL when it is gone, otherwise why it stays. Every bytea of every table is
-- looked at, so that none that is sealed can be missed, monitoring data among them: all that is told of it is
-- whether the key is named. The service drops keys in this way and in no other, and looks at files itself.
CREATE FUNCTION lendgate.drop_data_key(of_key uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    own      text  := lendgate.current_tenant();
    key_name bytea := uuid_send(of_key);
    kept     record;
    found_it boolean;
BEGIN
    -- A day: far longer than any process, upload or job goes on with what it read of the keys before.
    PERFORM FROM lendgate.data_key AS old
        WHERE old.tenant = own AND old.key_id = of_key AND EXISTS (
            SELECT FROM lendgate.data_key AS later
            WHERE later.tenant = own AND later.purpose = old.purpose AND later.seals_from > old.seals_from
              AND later.seals_from + interval '1 day' <= clock_timestamp()
        ) FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'no later key has sealed for a day';
    END IF;
    FOR kept IN
        SELECT c.oid::regclass AS from_table, a.attname AS from_column
        FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('lendgate', 'lendgate_monitoring') AND c.relkind IN ('r', 'p')
          AND a.atttypid = 'bytea'::regtype AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY n.nspname, c.relname, a.attnum
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE substring(%I FROM 2 FOR 16) = $1)',
                       kept.from_table, kept.from_column)
            INTO found_it USING key_name;
        IF found_it THEN
            RETURN format('%s.%s names it', kept.from_table, kept.from_column);
        END IF;
    END LOOP;
    DELETE FROM lendgate.data_key WHERE tenant = own AND key_id = of_key;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION lendgate.drop_data_key(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lendgate.drop_data_key(uuid) TO lendgate_service;
