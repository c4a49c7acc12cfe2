"""A database is brought to this code's revision, once, and no other revision is worked with."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.migrate import (
    REVISIONS,
    SchemaError,
    current_revision,
    migrate,
    newest_revision,
    require_current,
)
from lendgate.store.migrations import DIRECTORY

_numbers = count()


@pytest.fixture
def empty(postgres: EmbeddedPostgres, database_name: str) -> Iterator[str]:
    """The owner's URL of a database without tables."""
    name = f"{database_name}_empty_{next(_numbers)}"
    postgres.create_database(name)
    yield postgres.url("lendgate_owner", name)
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_empty_database_is_brought_to_the_newest_revision(empty: str) -> None:
    """From nothing to what this code needs, in one call."""
    assert current_revision(empty) is None
    assert migrate(empty) == newest_revision()
    assert current_revision(empty) == newest_revision()
    require_current(empty)


def test_the_files_are_the_revisions_that_alembic_knows() -> None:
    """Looking goes by the files' numbers, migrating by Alembic: they agree, and on the order."""
    config = Config()
    config.set_main_option("script_location", str(DIRECTORY))
    walked = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert list(reversed(walked)) == sorted(file.name[:4] for file in REVISIONS.glob("[0-9]*.py"))
    assert walked[0] == newest_revision()


def test_looking_at_a_database_loads_no_alembic() -> None:
    """It costs most of a second, at every start."""
    source = "import sys, lendgate.bootstrap; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout
    assert not {"alembic", "sqlalchemy"} & set(loaded.split())


def test_migrating_twice_changes_nothing(empty: str) -> None:
    """A database that is up to date stays as it is."""
    migrate(empty)
    assert migrate(empty) == newest_revision()


def test_migrations_at_the_same_time_do_not_collide(empty: str) -> None:
    """Several processes that start together migrate one after the other."""
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(migrate, [empty] * 4)) == [newest_revision()] * 4


def test_database_without_tables_is_refused(empty: str) -> None:
    """The message says that it has none and who makes them."""
    with pytest.raises(SchemaError, match="has no Lendgate tables; migrate it, as its owner"):
        require_current(empty)


def test_newer_database_is_refused(empty: str) -> None:
    """What a newer version migrated is neither used nor migrated."""
    migrate(empty)
    with psycopg.connect(empty) as connection:
        connection.execute("UPDATE lendgate.schema_revision SET version_num = '9999'")
    for door in (require_current, migrate):
        with pytest.raises(SchemaError, match="revision 9999, which this version does not know"):
            door(empty)


def test_older_database_is_refused(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an older version left has to be migrated first."""
    migrate(empty)
    monkeypatch.setattr("lendgate.store.migrate.newest_revision", lambda: "9999")
    with pytest.raises(SchemaError, match=r"is at revision \d+ and this version needs 9999"):
        require_current(empty)


def test_service_may_look_at_the_revision(service_url: str) -> None:
    """The service checks at its start, with its own role."""
    require_current(service_url)


def test_service_may_not_migrate(postgres: EmbeddedPostgres, empty: str) -> None:
    """Making tables takes the owner."""
    service = empty.replace("lendgate_owner", "lendgate_service")
    with pytest.raises(Exception, match="permission denied for database"):
        migrate(service)
    assert current_revision(empty) is None


def test_migration_that_fails_leaves_the_database_as_it_was(empty: str) -> None:
    """A revision is one transaction."""
    with psycopg.connect(empty) as connection:
        connection.execute("CREATE SCHEMA lendgate_monitoring")
    with pytest.raises(Exception, match="already exists"):
        migrate(empty)
    assert current_revision(empty) is None


def test_missing_service_role_is_named(own_server: EmbeddedPostgres) -> None:
    """On a managed database somebody has to make the roles first."""
    with psycopg.connect(own_server.url("postgres")) as administrator:
        administrator.execute("ALTER ROLE lendgate_service RENAME TO somebody_else")
    with pytest.raises(
        SchemaError, match=r"lendgate_service does not exist: run lendgate/store/sql/roles\.sql"
    ):
        migrate(own_server.owner_url)
