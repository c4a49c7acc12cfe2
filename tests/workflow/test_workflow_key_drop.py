"""Data keys at their end: gone once nothing names them, and not a moment before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lendgate.store.blobs import reading_of
from lendgate.store.model_replies import purge_replies
from lendgate.workflow.key_care import seal_all_anew
from lendgate.workflow.key_drop import Fate, drop_keys
from lendgate.workflow.renewals import renewals
from tests.support.service import blobs
from tests.support.traces import Records
from tests.workflow.filing import NOW, Files, parts

pytestmark = pytest.mark.anyio
EVENTS = "SELECT count(*) FROM lendgate.audit_event WHERE tenant = %s AND kind = %s"
A_DAY_AGO = """
    UPDATE lendgate.data_key SET created_at = created_at - interval '25 hours',
        seals_from = seals_from - interval '25 hours' WHERE tenant = %s
"""


async def fates(files: Files) -> list[str | None]:
    """Why each of the tenant's older keys stays; None: it is gone."""
    return [fate.why for fate in await drop_keys(files.desk, files.blobs) if fate.tenant == files.tenant]


async def test_a_key_goes_once_nothing_names_it(files: Files, records: Records) -> None:
    """Not while a row or a file does, not on the day, and then for good; everything opens without it."""
    key = await files.send_read(b"one")
    (old,) = [stored.key_id for stored in await files.keys()]
    new = await files.new_key()
    assert await fates(files) == [f"{reading_of(key)} names it"]
    await files.seal()
    assert await fates(files) == ["no later key has sealed for a day"]
    records.connection.execute(A_DAY_AGO, (files.tenant,))
    assert await fates(files) == ["lendgate.application.document_sealed names it"]
    await seal_all_anew(files.desk, NOW)
    assert [fate for fate in await drop_keys(files.desk, files.blobs) if fate.tenant == files.tenant] == [
        Fate(files.tenant, old, None)
    ]
    assert [stored.key_id for stored in await files.keys()] == [new]
    assert records.number(EVENTS, files.tenant, "data_key.dropped") == 1
    assert await fates(files) == []
    assert await files.blobs.open(key, await files.sealer()) == b"one"


@pytest.mark.parametrize("trouble", ["lost", "altered", "other shelf"])
async def test_a_key_stays_while_a_file_cannot_be_looked_at(
    files: Files, records: Records, trouble: str
) -> None:
    """Lost, altered, or on another shelf than the settings say: it may be sealed with that key."""
    key = await files.send(b"one")
    await files.new_key()
    await files.seal()
    await seal_all_anew(files.desk, NOW)
    records.connection.execute(A_DAY_AGO, (files.tenant,))
    if trouble == "altered":
        await files.blobs.shelf.put(key, parts(b"LGB0" + b"0" * 100))
    elif trouble == "lost":
        await files.blobs.shelf.remove(key)
    else:
        files.blobs = blobs()
    assert await fates(files) == [f"{key} is lost or damaged, or lies elsewhere"]


async def test_a_key_that_a_paid_reply_names_stays(files: Files, records: Records) -> None:
    """Replies are not sealed anew; they go within a month, and the key after them."""
    await files.send(b"one")
    old = await files.sealer()
    async with files.desk.database.tenant(files.tenant) as tx:
        await tx.connection.execute(
            "INSERT INTO lendgate.model_reply "
            "(subject, fingerprint, purpose, model, reply_sealed, cost_usd, at) "
            "VALUES ('r', %s, 'p', 'm', %s, 0, now())",
            (b"f" * 32, old.seal(b"{}", b"here")),
        )
    await files.new_key()
    await files.seal()
    await seal_all_anew(files.desk, NOW)
    records.connection.execute(A_DAY_AGO, (files.tenant,))
    assert await fates(files) == ["lendgate.model_reply.reply_sealed names it"]
    async with files.desk.database.tenant(files.tenant) as tx:
        await purge_replies(tx, files.desk.now() + timedelta(days=1))
    assert await fates(files) == [None]


async def test_progress_is_of_the_newest_key(files: Files) -> None:
    """Everything waits for a new key, place by place, until it has been gone through."""

    async def states() -> dict[str, str]:
        return {one.place: one.state for one in await renewals(files.desk) if one.tenant == files.tenant}

    await files.send(b"one")
    await files.new_key()
    assert set((await states()).values()) == {"waits"}
    await files.seal()
    assert {place for place, state in (await states()).items() if state == "done"} == {"document.blob"}
    await seal_all_anew(files.desk, NOW)
    assert set((await states()).values()) == {"done"}
