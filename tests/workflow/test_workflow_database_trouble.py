"""Whatever the database says in the middle of something: a clear error, nothing half written, on it goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Final
from uuid import UUID

import pytest

from lendgate.store.database import Database, StoreUnavailableError
from lendgate.workflow.accept import Accepted, accept_application
from lendgate.workflow.desk import Desk
from lendgate.workflow.review import carry_out, load_accepted
from tests.support.edge_hand import metadata_of, principal
from tests.support.keys import MASTERS
from tests.support.service import now
from tests.support.traces import Records
from tests.workflow.conftest import AcceptOne
from tests.workflow.test_workflow_accept import MONITORED

pytestmark = pytest.mark.anyio
SAYS: Final[Mapping[str, str]] = {
    "53100": "disk is full",  # disk_full
    "53200": "nothing was written",  # out_of_memory
    "57014": "too busy",  # query_canceled
    "55P03": "too busy",  # lock_not_available
    "40P01": "too busy",  # deadlock_detected
    "57P01": "was lost",  # admin_shutdown
    "25006": "read-only here",  # read_only_sql_transaction
}
"""What PostgreSQL may raise at any statement, and what is said of it."""
ACCEPTING: Final = (
    "lendgate.application",
    "lendgate.review",
    "lendgate_monitoring.monitoring",
    "lendgate.audit_event",
)
COMPLETING: Final = ("lendgate.referral", "lendgate.outbox_event", "lendgate.audit_event")
EVERYTHING: Final = """
    SELECT (SELECT count(*) FROM lendgate.application), (SELECT count(*) FROM lendgate.review),
        (SELECT count(*) FROM lendgate.review WHERE status = 'completed'),
        (SELECT count(*) FROM lendgate_monitoring.monitoring), (SELECT count(*) FROM lendgate.audit_event),
        (SELECT count(*) FROM lendgate.referral), (SELECT count(*) FROM lendgate.outbox_event),
        (SELECT count(*) FROM lendgate.data_key), (SELECT count(*) FROM lendgate.review_progress)
"""


@contextmanager
def failing(records: Records, table: str, code: str) -> Iterator[None]:
    """Every row that is added to a table fails with this error."""
    records.connection.execute(
        f"CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{code}'; END $$; "
        f"CREATE TRIGGER fail BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION public.fail(); "
        f"GRANT EXECUTE ON FUNCTION public.fail() TO PUBLIC".encode()
    )
    try:
        yield
    finally:
        records.connection.execute("DROP FUNCTION public.fail() CASCADE")


def everything(records: Records) -> tuple[object, ...]:
    """How much there is of all that an application brings with it."""
    row = records.connection.execute(EVERYTHING).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize("code", SAYS)
@pytest.mark.parametrize("table", ACCEPTING)
async def test_trouble_while_accepting_stores_nothing(
    table: str, code: str, accept_one: AcceptOne, records: Records
) -> None:
    """At the first table or the last; the next application is accepted as if nothing had been."""
    await accept_one(MONITORED)
    before = everything(records)
    with failing(records, table, code), pytest.raises(StoreUnavailableError, match=SAYS[code]):
        await accept_one(MONITORED)
    assert everything(records) == before
    await accept_one(MONITORED)
    assert everything(records) != before


@pytest.mark.parametrize("code", SAYS)
@pytest.mark.parametrize("table", COMPLETING)
async def test_trouble_at_the_end_of_a_review_leaves_it_to_be_done_again(
    table: str, code: str, desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """No outcome without its events, its referral and what others are told of it."""
    accepted = await accept_one(MONITORED)
    before = everything(records)
    with failing(records, table, code), pytest.raises(StoreUnavailableError, match=SAYS[code]):
        await carry_out(desk, accepted)
    assert everything(records) == before
    again = await load_accepted(desk, accepted.tenant, UUID(accepted.review.review_id))
    assert again is not None
    assert again.review.status == "queued"
    assert (await carry_out(desk, accepted)).status == "completed"


async def test_after_a_failover_connections_to_the_standby_are_given_up(
    desk: Desk, records: Records, service_url: str
) -> None:
    """A connection that is read-only stays so: it does not go back to the pool for the next one to meet."""
    name = records.connection.info.dbname
    records.connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    async with Database(service_url, size=2, masters=MASTERS) as database:
        moved = replace(desk, database=database)
        with pytest.raises(StoreUnavailableError, match="read-only here"):
            await accepted_by(moved)
        records.connection.execute("SET default_transaction_read_only = off")
        records.connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only".encode())
        with suppress(StoreUnavailableError):
            await accepted_by(moved)  # the pool's other connection
        for _ in range(4):
            await accepted_by(moved)


async def accepted_by(desk: Desk) -> Accepted:
    caller = principal("acme", "broker-1")
    return await accept_application(desk, MONITORED, caller, metadata_of(caller, now()))
