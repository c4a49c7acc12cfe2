-- Revision 0002, part 3: what we add to the engine's tables, and who may do what with them.
--
-- A job names its tenant and a record by id and holds nothing else about anybody. Its tables are the one
-- place that is not kept apart by tenant: a worker has to see whose turn it is.
--
-- Names: a queue is a kind of work and a tenant ("bulk:acme"); jobs of one queue have one priority.

SET LOCAL search_path = DEFAULT;

-- The engine's functions name its tables without their schema. Let each find them in whatever session.
DO $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT oid::regprocedure AS signature FROM pg_proc
        WHERE pronamespace = 'lendgate_queue'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = lendgate_queue, pg_temp', each.signature);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', each.signature);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO lendgate_service', each.signature);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON lendgate_queue.procrastinate_jobs, lendgate_queue.procrastinate_workers,
    lendgate_queue.procrastinate_periodic_defers TO lendgate_service;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA lendgate_queue TO lendgate_service;

-- The engine writes each job's past down and looks after it with triggers and foreign keys. What happened is
-- in the audit trail here, a job ends with its row, and a worker that is not listed is dead: without them a
-- review costs the database a third less for its job.
DROP TRIGGER procrastinate_trigger_status_events_insert_v1 ON lendgate_queue.procrastinate_jobs;
DROP TRIGGER procrastinate_trigger_status_events_update_v1 ON lendgate_queue.procrastinate_jobs;
DROP TRIGGER procrastinate_trigger_scheduled_events_v1 ON lendgate_queue.procrastinate_jobs;
DROP TRIGGER procrastinate_trigger_abort_requested_events_v1 ON lendgate_queue.procrastinate_jobs;
DROP TRIGGER procrastinate_trigger_delete_jobs_v1 ON lendgate_queue.procrastinate_jobs;
ALTER TABLE lendgate_queue.procrastinate_events DROP CONSTRAINT procrastinate_events_job_id_fkey;
ALTER TABLE lendgate_queue.procrastinate_periodic_defers
    DROP CONSTRAINT procrastinate_periodic_defers_job_id_fkey;
ALTER TABLE lendgate_queue.procrastinate_jobs DROP CONSTRAINT procrastinate_jobs_worker_id_fkey;

-- A few hot rows that come and go: keep their pages small and clean.
ALTER TABLE lendgate_queue.procrastinate_jobs SET (
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500
);
ALTER TABLE lendgate_queue.procrastinate_workers SET (fillfactor = 20);

-- What waits, by urgency and queue, and in a queue by when it is due: whoever takes the next job looks at
-- one row of each queue, however many wait in it.
CREATE INDEX job_waiting ON lendgate_queue.procrastinate_jobs (
    (-priority), queue_name, coalesce(scheduled_at, '-infinity'), id
) WHERE status = 'todo';

-- The next job for a worker, none (NULL) when nothing is due. The engine's own function serves the oldest
-- job of the highest priority, so whoever sends a long list is served alone until it is done. This one lets
-- the queues of one priority take turns, and leaves out those (patterns of LIKE) that the worker has enough of.
CREATE FUNCTION lendgate_queue.fetch_in_turn(worker bigint, full_queues text[])
    RETURNS lendgate_queue.procrastinate_jobs
    LANGUAGE plpgsql SET search_path = lendgate_queue, pg_temp AS $$
DECLARE
    lane record;
    taken procrastinate_jobs;
BEGIN
    FOR lane IN
        WITH RECURSIVE lanes AS (
            (SELECT -priority AS urgency, queue_name FROM procrastinate_jobs WHERE status = 'todo'
             ORDER BY -priority, queue_name LIMIT 1)
            UNION ALL
            SELECT following.urgency, following.queue_name FROM lanes, LATERAL (
                SELECT -priority AS urgency, queue_name FROM procrastinate_jobs
                WHERE status = 'todo' AND (-priority, queue_name) > (lanes.urgency, lanes.queue_name)
                ORDER BY -priority, queue_name LIMIT 1
            ) AS following
        )
        SELECT urgency, queue_name FROM lanes WHERE queue_name NOT LIKE ALL (full_queues) ORDER BY urgency, random()
    LOOP
        UPDATE procrastinate_jobs AS job SET status = 'doing', worker_id = worker
            WHERE job.id = (
                SELECT id FROM procrastinate_jobs AS waiting
                WHERE status = 'todo' AND -priority = lane.urgency AND queue_name = lane.queue_name
                  AND coalesce(scheduled_at, '-infinity') <= now()
                  AND NOT EXISTS (
                      SELECT FROM procrastinate_jobs AS busy
                      WHERE busy.lock = waiting.lock AND busy.status = 'doing'
                  )
                ORDER BY coalesce(scheduled_at, '-infinity'), id LIMIT 1 FOR UPDATE SKIP LOCKED
            ) RETURNING job.* INTO taken;
        IF FOUND THEN
            RETURN taken;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- A worker's sign of life. Says whether the worker is still known and what is in its hands, and hands back
-- what others hold that gave no sign for so long, or are gone; a job that took too many workers with it is set
-- aside as failed. Nobody is presumed dead while the server itself was away: nobody could have given a sign.
CREATE FUNCTION lendgate_queue.tend(
    worker bigint, silence interval, too_many integer,
    OUT known boolean, OUT ids bigint[], OUT locks text[], OUT taken integer
) LANGUAGE plpgsql SET search_path = lendgate_queue, pg_temp AS $$
DECLARE
    orphan record;
BEGIN
    UPDATE procrastinate_workers SET last_heartbeat = clock_timestamp() WHERE id = worker;
    known := FOUND;
    taken := 0;
    IF pg_postmaster_start_time() <= now() - silence THEN
        FOR orphan IN
            SELECT job.id, job.attempts FROM procrastinate_jobs AS job
                LEFT JOIN procrastinate_workers AS holder ON holder.id = job.worker_id
            WHERE job.status = 'doing' AND (holder.id IS NULL OR holder.last_heartbeat < now() - silence)
            FOR UPDATE OF job SKIP LOCKED
        LOOP
            IF orphan.attempts >= too_many THEN
                PERFORM procrastinate_finish_job_v1(orphan.id, 'failed', false);
            ELSE
                PERFORM procrastinate_retry_job_v2(orphan.id, NULL, NULL, NULL, NULL);
            END IF;
            taken := taken + 1;
        END LOOP;
    END IF;
    SELECT coalesce(array_agg(id), '{}'), coalesce(array_agg(lock), '{}') INTO ids, locks
        FROM procrastinate_jobs WHERE worker_id = worker AND status = 'doing';
END
$$;

REVOKE ALL ON FUNCTION lendgate_queue.fetch_in_turn(bigint, text[]),
    lendgate_queue.tend(bigint, interval, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lendgate_queue.fetch_in_turn(bigint, text[]),
    lendgate_queue.tend(bigint, interval, integer) TO lendgate_service;

-- What an earlier version left unfinished becomes jobs. Row-level security holds for the owner, too.
DO $$
DECLARE
    each text;
BEGIN
    FOR each IN SELECT lendgate.tenants() LOOP
        PERFORM set_config('lendgate.tenant', each, true);
        INSERT INTO lendgate_queue.procrastinate_jobs (queue_name, task_name, priority, lock, args)
        SELECT 'interactive:' || each, 'review', 30, 'review:' || review_id,
               jsonb_build_object('tenant', each, 'review_id', review_id)
        FROM lendgate.review WHERE status IN ('queued', 'running');
    END LOOP;
    PERFORM set_config('lendgate.tenant', '', true);
END
$$;
