"""``lendgate backup`` and ``restore``: everything comes back and verifies, or nothing is put in place."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import typer
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from lendgate.audit import AuditKey
from lendgate.bootstrap import master_keys, secret_key
from lendgate.cli.backup import backup, restore
from lendgate.cloudflare.local_keys import LocalKeys, load_or_create
from lendgate.settings import ServiceSettings
from lendgate.store.applications import load_application
from lendgate.store.database import Database
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.migrate import migrate
from lendgate.workflow.accept import Accepted, accept_application
from tests.support.command import said
from tests.support.edge_hand import GOOD, metadata_of, principal
from tests.support.service import desk_on, now

HOME = Path(__file__).parents[2] / ".lendgate"
BLOB = b"LGB1 sealed bytes"
app = typer.Typer()
app.command("backup")(backup)
app.command("restore")(restore)
NewHome = Callable[[], Path]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def masters_of(keys: LocalKeys) -> ServiceSettings:
    return ServiceSettings(data_key=SecretStr(keys.data_key), audit_key=SecretStr(keys.audit_key))


async def accept(postgres: EmbeddedPostgres, keys: LocalKeys, tenant: str) -> Accepted:
    """An application of a tenant's, sealed and audited with these keys."""
    settings = masters_of(keys)
    audit_key = AuditKey(*secret_key("LENDGATE_AUDIT_KEY", settings.audit_key))
    async with Database(postgres.service_url, size=2, masters=master_keys(settings)) as database:
        caller, desk = principal(tenant, "broker-1"), desk_on(database)
        object.__setattr__(desk, "audit_key", audit_key)
        return await accept_application(desk, GOOD, caller, metadata_of(caller, now()))


@pytest.fixture(scope="module")
def installation() -> Iterator[tuple[Path, Accepted]]:
    """A data directory with two tenants, an application each, and a document."""
    home = HOME / f"test-backup-{uuid4().hex[:8]}"
    keys = load_or_create(home)
    with EmbeddedPostgres(home / "postgres") as postgres:
        migrate(postgres.owner_url)
        accepted = asyncio.run(accept(postgres, keys, "acme"))
        asyncio.run(accept(postgres, keys, "rival"))
    blob = home / "documents" / "ab" / "originals" / "cd"
    blob.parent.mkdir(parents=True)
    blob.write_bytes(BLOB)
    (home / "documents" / ".incoming").mkdir()
    (home / "documents" / ".incoming" / "half").write_bytes(b"half")
    yield home, accepted
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def taken(installation: tuple[Path, Accepted], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it."""
    file = tmp_path_factory.mktemp("backups") / "lendgate.tar"
    answer = run("backup", file, "--data-dir", installation[0])
    assert answer.exit_code == 0, said(answer)
    assert "The keys are not in it" in said(answer)
    return file


@pytest.fixture
def new_home(installation: tuple[Path, Accepted]) -> Iterator[NewHome]:
    """Makes a data directory that holds the installation's keys and nothing else."""
    made: list[Path] = []

    def make() -> Path:
        home = HOME / f"test-restore-{uuid4().hex[:8]}"
        made.append(home)
        shutil.copytree(installation[0] / "keys", home / "keys")
        return home

    yield make
    for home in made:
        shutil.rmtree(home)


def altered(backup_file: Path, to: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """A copy of a backup with members changed, or left out."""
    with tarfile.open(backup_file) as source, tarfile.open(to, "w") as target:
        for member in source:
            content = source.extractfile(member)
            assert content is not None
            new = change(member.name, content.read())
            if new is not None:
                member.size = len(new)
                target.addfile(member, io.BytesIO(new))
    return to


def test_a_restored_backup_has_everything_and_verifies(
    taken: Path, installation: tuple[Path, Accepted], new_home: NewHome
) -> None:
    """Every tenant's trail, the application that opens with the keys, the document; nothing half arrived."""
    home = new_home()
    answer = run("restore", taken, "--data-dir", home, "--json")
    assert answer.exit_code == 0, said(answer)
    assert json.loads(answer.stdout) == {"rows_verified": {"acme": 1, "rival": 1}}
    accepted, masters = installation[1], master_keys(masters_of(load_or_create(home)))

    async def found() -> object:
        with EmbeddedPostgres(home / "postgres") as postgres:
            database = Database(postgres.service_url, size=1, masters=masters)
            async with database, database.tenant("acme") as tx:
                return await load_application(tx, accepted.application.application_id)

    assert asyncio.run(found()) == accepted.application
    blobs = [file.read_bytes() for file in (home / "documents").rglob("*") if file.is_file()]
    assert blobs == [BLOB]
    assert not (home / "restoring").exists()


def test_a_backup_holds_no_key_and_no_word_of_anybody(
    taken: Path, installation: tuple[Path, Accepted]
) -> None:
    """Whoever finds it reads nothing; only its owner may try."""
    keys, content = load_or_create(installation[0]), taken.read_bytes()
    for key in (keys.data, keys.audit, keys.checkpoint, keys.origin):
        assert key.secret.encode() not in content
    assert taken.stat().st_mode & 0o077 == 0


def test_a_backup_replaces_nothing(taken: Path, installation: tuple[Path, Accepted]) -> None:
    """The one from yesterday stays."""
    before = taken.read_bytes()
    answer = run("backup", taken, "--data-dir", installation[0])
    assert answer.exit_code == 1
    assert "a backup replaces nothing" in said(answer)
    assert taken.read_bytes() == before


def test_a_backup_that_cannot_be_written_leaves_nothing(
    installation: tuple[Path, Accepted], tmp_path: Path
) -> None:
    """No half file that looks like a backup."""
    answer = run("backup", tmp_path / "nowhere" / "b.tar", "--data-dir", installation[0])
    assert answer.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_there_is_not_restored_over(
    taken: Path, installation: tuple[Path, Accepted]
) -> None:
    """Nobody loses today's data by restoring yesterday's."""
    answer = run("restore", taken, "--data-dir", installation[0])
    assert answer.exit_code == 1
    assert "is there already" in said(answer)


def test_without_the_keys_nothing_is_restored(taken: Path, new_home: NewHome) -> None:
    """None at all, or another installation's: said first, with what to do."""
    home = new_home()
    shutil.rmtree(home / "keys")
    assert "there are no keys" in said(run("restore", taken, "--data-dir", home))
    assert not (home / "keys").exists()
    load_or_create(home)
    answer = run("restore", taken, "--data-dir", home)
    assert answer.exit_code == 4
    assert "put the keys of that installation back first" in said(answer)
    assert not (home / "postgres").exists()


def test_a_managed_database_is_left_to_its_own_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both commands say where to read on."""
    monkeypatch.setenv("LENDGATE_DATABASE_URL", "postgresql://db/lendgate")
    for command in ("backup", "restore"):
        answer = run(command, tmp_path / "b.tar", "--data-dir", tmp_path)
        assert answer.exit_code == 4
        assert "its own tools" in said(answer)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda name, content: content[:-2000] if name == "database.dump" else content, "damaged"),
        (lambda name, content: None if name == "database.dump" else content, "cut short"),
        (lambda name, content: None if name.startswith("documents/") else content, "0 of 1 documents"),
        (lambda name, content: None if name == "manifest.json" else content, "not a backup"),
        (lambda name, content: content + b"x" if name == "manifest.json" else content, "cannot be read"),
    ],
)
def test_a_damaged_backup_puts_nothing_in_place(
    change: Callable[[str, bytes], bytes | None], says: str, taken: Path, new_home: NewHome, tmp_path: Path
) -> None:
    """Whatever is wrong with it, the directory is as it was."""
    home = new_home()
    answer = run("restore", altered(taken, tmp_path / "damaged.tar", change), "--data-dir", home)
    assert answer.exit_code == 1
    assert says in said(answer)
    assert [each.name for each in home.iterdir()] == ["keys"]


def test_a_file_that_is_no_backup_is_refused(new_home: NewHome, tmp_path: Path) -> None:
    """Another file, picked by mistake."""
    (tmp_path / "b.tar").write_text("not a backup")
    answer = run("restore", tmp_path / "b.tar", "--data-dir", new_home())
    assert answer.exit_code == 1
    assert "cannot be read as a backup" in said(answer)


def test_a_backup_whose_records_were_changed_is_not_put_in_place(
    taken: Path, installation: tuple[Path, Accepted], new_home: NewHome, tmp_path: Path
) -> None:
    """The manifest is signed: a database that does not reach where the trail stood is refused."""

    def longer(name: str, content: bytes) -> bytes:
        if name != "manifest.json":
            return content
        manifest = json.loads(content)
        manifest["heads"] = [further]
        return json.dumps(manifest).encode()

    home = new_home()
    with EmbeddedPostgres(installation[0] / "postgres") as postgres:
        asyncio.run(accept(postgres, load_or_create(installation[0]), "acme"))
    later = tmp_path / "later.tar"
    assert run("backup", later, "--data-dir", installation[0]).exit_code == 0
    with tarfile.open(later) as tar:
        content = tar.extractfile("manifest.json")
        assert content is not None
        further = json.loads(content.read())["heads"][0]
    answer = run("restore", altered(taken, tmp_path / "old.tar", longer), "--data-dir", home)
    assert answer.exit_code == 1
    assert "does not verify" in said(answer)
    assert [each.name for each in home.iterdir()] == ["keys"]


def test_a_backup_of_a_newer_version_is_refused(
    installation: tuple[Path, Accepted], new_home: NewHome, tmp_path: Path
) -> None:
    """An old program does not guess at new tables."""
    with EmbeddedPostgres(installation[0] / "postgres") as postgres:
        with psycopg.connect(postgres.owner_url) as owner:
            found = owner.execute("SELECT version_num FROM lendgate.schema_revision").fetchone()
            owner.execute("UPDATE lendgate.schema_revision SET version_num = '9999'")
        newer = tmp_path / "newer.tar"
        assert run("backup", newer, "--data-dir", installation[0]).exit_code == 0
        with psycopg.connect(postgres.owner_url) as owner:
            owner.execute("UPDATE lendgate.schema_revision SET version_num = %s", found)
    home = new_home()
    answer = run("restore", newer, "--data-dir", home)
    assert answer.exit_code == 1
    assert "a newer Lendgate has migrated it" in said(answer)
    assert [each.name for each in home.iterdir()] == ["keys"]
