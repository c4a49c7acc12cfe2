"""Opening a service: what is missing is named before anything starts, what was opened is closed."""

from __future__ import annotations

import base64
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from lendgate.analysis.rules import RulesReviewer
from lendgate.bootstrap import (
    audit_keys,
    master_keys,
    open_database,
    open_service,
    reviewer_from,
    rulebook_from,
    secret_key,
)
from lendgate.errors import PolicyError, SettingsError
from lendgate.settings import ServiceSettings
from lendgate.store import database
from lendgate.store.database import Database, StoreUnavailableError
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.migrate import SchemaError
from lendgate.workflow.accept import accept_application
from tests.support.edge_hand import BROKER, GOOD, metadata_of
from tests.support.keys import DATA_KEY, MASTERS
from tests.support.service import AUDIT_KEY, desk_on, now
from tests.support.waiting import until

KEY = base64.urlsafe_b64encode(AUDIT_KEY.secret).decode()


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("LENDGATE_") and name != "LENDGATE_WORKERD":
            monkeypatch.delenv(name)


def settings_for(url: str, **more: object) -> ServiceSettings:
    values: dict[str, object] = {
        "database_url": SecretStr(url),
        "audit_key": SecretStr(f"k1:{KEY}"),
        "data_key": DATA_KEY,
    }
    return ServiceSettings().model_copy(update=values | more)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "k1",
        "k1:",
        f":{KEY}",
        "k1:c2hvcnQ",
        f"k1:{KEY}AAAA",
        f"k1 {KEY}",
        "k1:\u00fcml\u00e4ut",
    ],
)
def test_a_key_of_another_form_is_refused_with_the_form(text: str | None) -> None:
    """The variable and what it must look like; never what it held."""
    with pytest.raises(SettingsError) as refused:
        secret_key("LENDGATE_AUDIT_KEY", None if text is None else SecretStr(text))
    assert str(refused.value) == 'LENDGATE_AUDIT_KEY must be "key-id:<base64url of 32 random bytes>"'


@pytest.mark.parametrize("text", [f"k1:{KEY}", f"k1:{KEY.rstrip('=')}"])
def test_a_key_is_read_with_and_without_padding(text: str) -> None:
    """Both are what people paste."""
    assert secret_key("LENDGATE_AUDIT_KEY", SecretStr(text)) == ("k1", AUDIT_KEY.secret)


def test_several_master_keys_are_read_in_their_order() -> None:
    """The first one wraps; the others open what they wrapped before."""
    masters = master_keys(ServiceSettings(data_key=SecretStr(f"new:{KEY}, old:{KEY}")))
    assert list(masters.keys) == ["new", "old"]
    assert masters.current == "new"


def test_several_audit_keys_are_read_in_their_order() -> None:
    """The first one makes rows; the others made earlier ones."""
    first, former = audit_keys(ServiceSettings(audit_key=SecretStr(f"new:{KEY},old:{KEY}")))
    assert (first.id, [key.id for key in former]) == ("new", ["old"])


@pytest.mark.parametrize("text", ["", "k1", f"k1:{KEY},", f"k1:{KEY},k1:{KEY}"])
def test_audit_keys_of_another_form_are_refused_with_the_form(text: str) -> None:
    """As with every key that may be several."""
    with pytest.raises(SettingsError, match="LENDGATE_AUDIT_KEY must be"):
        audit_keys(ServiceSettings(audit_key=SecretStr(text)))


@pytest.mark.parametrize("text", ["", "m1", f"m1:{KEY},", f"m1:{KEY},m1:{KEY}", f"m1:{KEY};m2:{KEY}"])
def test_master_keys_of_another_form_are_refused_with_the_form(text: str) -> None:
    """A list with a hole, or two keys of one name, is not guessed at."""
    with pytest.raises(SettingsError, match="LENDGATE_DATA_KEY must be"):
        master_keys(ServiceSettings(data_key=SecretStr(text)))


@pytest.mark.anyio
async def test_without_data_key_nothing_is_started(tmp_path: Path) -> None:
    """A service that cannot seal accepts nothing."""
    with pytest.raises(SettingsError, match="LENDGATE_DATA_KEY is not set"):
        async with open_service(settings_for("", data_dir=tmp_path / "data", data_key=None)):
            pytest.fail("it opened")
    assert not (tmp_path / "data").exists()


@pytest.mark.anyio
async def test_without_audit_key_nothing_is_started(tmp_path: Path) -> None:
    """The settings are judged before a database is made."""
    with pytest.raises(SettingsError, match="LENDGATE_AUDIT_KEY"):
        async with open_service(ServiceSettings(data_dir=tmp_path / "data")):
            pytest.fail("it opened")
    assert not (tmp_path / "data").exists()


@pytest.mark.anyio
async def test_a_bad_policy_refuses_to_start(tmp_path: Path) -> None:
    """No service without a policy for every product."""
    with pytest.raises(PolicyError, match="no pack for"):
        async with open_service(ServiceSettings(data_dir=tmp_path / "data", policy_dir=tmp_path)):
            pytest.fail("it opened")
    assert not (tmp_path / "data").exists()


@pytest.mark.anyio
async def test_a_service_takes_up_what_was_left_and_closes_what_it_opened(service_url: str) -> None:
    """An unfinished review is completed by the next start; afterwards the pool is closed."""
    async with Database(service_url, size=2, masters=MASTERS) as opened:
        desk = desk_on(opened)
        await accept_application(desk, GOOD, BROKER, metadata_of(BROKER, now()))
    with psycopg.connect(service_url, autocommit=True) as watch:
        watch.execute("SET lendgate.tenant = 'local'")
        async with open_service(settings_for(service_url)) as service:
            await until(lambda: statuses(watch) == ["completed"])
            opened = service.desk.database
        # Of reviews alone: a minute that begins meanwhile brings periodic jobs of its own.
        left = "SELECT count(*) FROM lendgate_queue.procrastinate_jobs WHERE task_name = 'review'"
        assert watch.execute(left).fetchone() == (0,)
    with pytest.raises(StoreUnavailableError):
        await opened.ping()


def statuses(watch: psycopg.Connection[psycopg.rows.TupleRow]) -> list[str]:
    found = watch.execute("SELECT status FROM lendgate.review").fetchall()
    return [status for (status,) in found]


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["checkpoint_key", "webhook_key"])
async def test_a_key_that_cannot_be_right_is_refused_before_anything_is_started(
    name: str, tmp_path: Path
) -> None:
    """Each names its variable."""
    settings = settings_for("", data_dir=tmp_path / "data", **{name: SecretStr("k1:short")})
    with pytest.raises(SettingsError, match=f"LENDGATE_{name.upper()}"):
        async with open_service(settings):
            pytest.fail("it opened")


@pytest.mark.anyio
async def test_an_unmigrated_database_is_refused(
    postgres: EmbeddedPostgres, empty_database_name: str
) -> None:
    """The service does not migrate what it is given: that takes the owner."""
    url = postgres.url("lendgate_service", empty_database_name)
    with pytest.raises(SchemaError, match="migrate it, as its owner"):
        async with open_service(settings_for(url)):
            pytest.fail("it opened")


@pytest.mark.anyio
async def test_a_role_that_may_too_much_is_refused(owner_url: str) -> None:
    """A service that could change its tables is not started."""
    with pytest.raises(SettingsError, match="connect as lendgate_service"):
        async with open_service(settings_for(owner_url)):
            pytest.fail("it opened")


@pytest.mark.anyio
async def test_a_database_that_is_away_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence of ours, not a driver's trace."""
    monkeypatch.setattr(database, "_ACQUIRE_SECONDS", 0.1)
    url = f"postgresql://lendgate_service@/lendgate?host={tmp_path}"
    with pytest.raises(StoreUnavailableError, match="it is away"):
        async with open_database(settings_for(url), 1):
            pytest.fail("it opened")


def test_the_packaged_policy_and_the_rules_reviewer_need_no_settings() -> None:
    """A laptop with nothing set has a policy and a reviewer."""
    rulebook = rulebook_from(ServiceSettings())
    assert set(rulebook.packs) == set(rulebook.requirements) == {"personal_loan", "mortgage"}
    assert isinstance(reviewer_from(ServiceSettings()), RulesReviewer)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory of our own, where an unprivileged PostgreSQL may live."""
    directory = Path(__file__).parents[1] / ".lendgate" / f"test-kept-{os.getpid()}"
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.mark.anyio
async def test_an_embedded_server_that_dies_is_started_again(data_dir: Path) -> None:
    """A kill -9 of PostgreSQL costs seconds, not the service."""
    settings = ServiceSettings().model_copy(update={"data_dir": data_dir})
    async with open_database(settings, 1) as store:
        first = _postmaster(data_dir)
        assert first is not None
        os.kill(first, signal.SIGKILL)

        async def revived() -> bool:
            # Connections that were open outlive the postmaster for a moment: its number has to change too.
            return _postmaster(data_dir) not in (None, first) and await _answers(store)

        await until(revived, seconds=30)


def _postmaster(data_dir: Path) -> int | None:
    """Its process id; None while there is none."""
    with suppress(FileNotFoundError, IndexError):
        return int((data_dir / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    return None


async def _answers(store: Database) -> bool:
    try:
        await store.ping()
    except StoreUnavailableError:
        return False
    return True
