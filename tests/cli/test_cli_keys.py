"""``lendgate keys``: which data keys there are, and rotating them; never a key itself."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lendgate.cli.keys import keys_app
from lendgate.store.database import Database
from lendgate.store.keyring import MasterKeys
from lendgate.workflow.accept import accept_application
from tests.support.command import said
from tests.support.edge_hand import BROKER, GOOD, metadata_of
from tests.support.keys import DATA_KEY, MASTERS
from tests.support.service import desk_on, now

BOTH = MasterKeys({**MASTERS.keys, "m2": b"n" * 32})
NEXT = f"m2:{base64.urlsafe_b64encode(b'n' * 32).decode()}"


def keys(*arguments: str) -> Result:
    return CliRunner().invoke(keys_app, list(arguments))


def listed() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(keys("list", "--json").stdout)
    return found


@pytest.fixture(autouse=True)
def _settings(service_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENDGATE_DATABASE_URL", service_url)
    monkeypatch.setenv("LENDGATE_DATA_KEY", DATA_KEY.get_secret_value())


@pytest.fixture
def _sealed(service_url: str) -> None:
    """Something that a tenant sealed."""

    async def accept() -> None:
        async with Database(service_url, size=2, masters=BOTH) as database:
            await accept_application(desk_on(database), GOOD, BROKER, metadata_of(BROKER, now()))

    asyncio.run(accept())


def test_with_nothing_sealed_there_are_no_keys() -> None:
    """A new installation."""
    assert listed() == []
    assert "no data keys yet" in keys("list").stdout


@pytest.mark.usefixtures("_sealed")
def test_no_key_is_ever_shown() -> None:
    """Names only."""
    shown = keys("list").output + keys("list", "--json").output
    assert "m1" in shown
    assert DATA_KEY.get_secret_value().partition(":")[2].rstrip("=") not in shown


@pytest.mark.usefixtures("_sealed")
def test_a_rotation_is_seen_in_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """What wrapped each key; after --renew one more of each purpose."""
    assert {key["master_key"] for key in listed()} == {"m1"}
    monkeypatch.setenv("LENDGATE_DATA_KEY", f"{NEXT},{DATA_KEY.get_secret_value()}")
    assert json.loads(keys("rotate", "--json").stdout) == {"rewrapped": 1, "made": 0}
    assert {key["master_key"] for key in listed()} == {"m2"}
    assert "0 wrapped anew, 1 made" in said(keys("rotate", "--renew"))
    assert len(listed()) == 2


@pytest.mark.usefixtures("_sealed")
def test_progress_names_every_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has come to be sealed with a key that is new."""
    monkeypatch.setenv("LENDGATE_DATA_KEY", f"{NEXT},{DATA_KEY.get_secret_value()}")
    told = json.loads(keys("progress", "--json").stdout)
    assert {line["state"] for line in told} == {"waits"}
    assert {"review.body_sealed", "support_turn.sealed", "document.blob"} <= {line["place"] for line in told}
    assert "review.body_sealed" in keys("progress").stdout


@pytest.mark.usefixtures("_sealed")
def test_a_key_in_use_is_not_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says of each older key why it stays; the newest is not even asked about."""
    monkeypatch.setenv("LENDGATE_DATA_KEY", f"{NEXT},{DATA_KEY.get_secret_value()}")
    keys("rotate", "--renew")
    before = listed()
    told = json.loads(keys("drop", "--json").stdout)
    assert {line["kept_because"] for line in told} == {"no later key has sealed for a day"}
    assert [line["data_key"] for line in told] == [key["data_key"] for key in before[:-1]]
    assert "stays: no later key has sealed for a day" in keys("drop").stdout
    assert listed() == before
