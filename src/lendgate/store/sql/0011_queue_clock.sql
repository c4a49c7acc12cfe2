-- Revision 0011, part 2: a server whose clock is set back takes over what the dead held within seconds, too.

-- As in revision 0002, but for signs of life, and a start of the server, that lie in the future: a clock that
-- was set back by an hour would have kept every dead worker's jobs for an hour.
CREATE OR REPLACE FUNCTION lendgate_queue.tend(
    worker bigint, silence interval, too_many integer,
    OUT known boolean, OUT ids bigint[], OUT locks text[], OUT taken integer
) LANGUAGE plpgsql SET search_path = lendgate_queue, pg_temp AS $$
DECLARE
    orphan record;
BEGIN
    UPDATE procrastinate_workers SET last_heartbeat = clock_timestamp() WHERE id = worker;
    known := FOUND;
    taken := 0;
    IF pg_postmaster_start_time() NOT BETWEEN now() - silence AND now() THEN
        FOR orphan IN
            SELECT job.id, job.attempts FROM procrastinate_jobs AS job
                LEFT JOIN procrastinate_workers AS holder ON holder.id = job.worker_id
            WHERE job.status = 'doing' AND (
                holder.id IS NULL OR holder.last_heartbeat NOT BETWEEN now() - silence AND now() + silence
            )
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
