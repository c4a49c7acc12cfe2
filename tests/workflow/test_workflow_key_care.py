"""Rotation of keys: nothing is unreadable in between, each step is on record, and it may be repeated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from lendgate.errors import SettingsError
from lendgate.store import data_keys
from lendgate.store.applications import load_application
from lendgate.store.database import Database
from lendgate.store.keyring import MasterKeys
from lendgate.store.sealed_columns import COLUMNS
from lendgate.workflow.desk import Desk
from lendgate.workflow.key_care import Rotated, rotate_keys, seal_all_anew
from tests.support.edge_hand import GOOD
from tests.support.keys import MASTERS
from tests.support.traces import Records
from tests.workflow.conftest import AcceptOne

pytestmark = pytest.mark.anyio
NEXT = MasterKeys({"m2": b"n" * 32, **MASTERS.keys})
BACK = MasterKeys({**MASTERS.keys, "m2": b"n" * 32})
KINDS = "SELECT count(*) FROM lendgate.audit_event WHERE tenant = 'acme' AND kind = %s"

SPOIL = """
    UPDATE lendgate.application SET document_sealed = document_sealed || '\\x00' WHERE application_id = %s
"""
ENDS = "SELECT count(*) FROM lendgate.audit_event WHERE tenant = %s AND kind = 'data_key.took_over'"
LEFT_OF = """
    SELECT coalesce(sum((event -> 'data' ->> 'left')::int), 0) FROM lendgate.audit_event
    WHERE tenant = %s AND kind = 'data_key.took_over'
"""


@pytest.fixture
async def next_desk(desk: Desk, service_url: str) -> AsyncIterator[Desk]:
    """A process that was started with another master key in front; afterwards all is as it was."""
    async with Database(service_url, size=2, masters=NEXT) as opened:
        yield replace(desk, database=opened)
    async with Database(service_url, size=2, masters=BACK) as opened:
        await rotate_keys(replace(desk, database=opened))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_keys, "LEAD", timedelta(0))


async def test_every_data_key_is_wrapped_with_the_new_master_key(
    next_desk: Desk, accept_one: AcceptOne, records: Records, service_url: str
) -> None:
    """Then the old master key is not needed any more, and a second rotation finds nothing to do."""
    accepted = await accept_one()
    assert await rotate_keys(next_desk) == Rotated(rewrapped=1, made=0)
    assert await rotate_keys(next_desk) == Rotated(rewrapped=0, made=0)
    assert records.number(KINDS, "data_key.rewrapped") == 1
    only_new = MasterKeys({"m2": NEXT.keys["m2"]})
    async with Database(service_url, size=1, masters=only_new) as later, later.tenant("acme") as tx:
        found = await load_application(tx, accepted.application.application_id)
    assert found is not None
    assert found.document == accepted.application.document


async def test_without_the_old_master_key_nothing_is_rotated(
    desk: Desk, accept_one: AcceptOne, service_url: str
) -> None:
    """It says which key has to be put back, and leaves what is there."""
    await accept_one()
    async with Database(service_url, size=1, masters=MasterKeys({"m2": b"n" * 32})) as lost:
        with pytest.raises(SettingsError, match="does not hold the key 'm1'"):
            await rotate_keys(replace(desk, database=lost))
    await accept_one()


async def test_new_data_keys_take_over_what_older_ones_sealed(
    desk: Desk, next_desk: Desk, accept_one: AcceptOne, records: Records
) -> None:
    """Rows are sealed anew, once; the end of each column is on record."""
    await accept_one()
    await seal_all_anew(desk, timedelta(0))
    done = records.number(KINDS, "data_key.took_over")
    made = await rotate_keys(next_desk, renew=True)
    assert made.made == 1
    assert records.number(KINDS, "data_key.made") == 1
    rows = records.number("SELECT count(*) FROM lendgate.application")
    assert await seal_all_anew(next_desk, timedelta(0)) == rows + records.number(
        "SELECT count(*) FROM lendgate.review"
    )
    assert await seal_all_anew(next_desk, timedelta(0)) == 0
    assert records.number(KINDS, "data_key.took_over") == done + len(COLUMNS)


async def test_what_does_not_open_is_on_record_and_holds_up_nothing(
    next_desk: Desk, accept_one: AcceptOne, records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    """One altered row: the columns and tenants after it are sealed anew, and the trail says what is left."""
    altered = (await accept_one(tenant="altered")).application.application_id
    await accept_one(tenant="zebra")
    await rotate_keys(next_desk, renew=True)
    records.connection.execute("SET lendgate.sealing_anew = on")
    records.connection.execute(SPOIL, (altered,))
    assert await seal_all_anew(next_desk, timedelta(0)) > 0
    assert f"application.document_sealed {altered} of tenant altered does not open" in caplog.text
    assert records.number(LEFT_OF, "altered") == 1
    assert records.number(LEFT_OF, "zebra") == 0
    assert records.number(ENDS, "altered") == records.number(ENDS, "zebra") == len(COLUMNS)


async def test_what_is_accepted_while_keys_are_rotated_stays_readable(
    desk: Desk, next_desk: Desk, accept_one: AcceptOne
) -> None:
    """A process that has not heard of the new keys goes on sealing; everybody opens it."""
    before = await accept_one()
    await rotate_keys(next_desk, renew=True)
    after = await accept_one(GOOD)  # sealed with what this process remembers
    for one in (desk, next_desk):
        async with one.database.tenant("acme") as tx:
            for accepted in (before, after):
                assert await load_application(tx, accepted.application.application_id) is not None
