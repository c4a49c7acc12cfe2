"""The embedded PostgreSQL starts anywhere, is shared, survives kill -9, and says what is wrong."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from lendgate.errors import RuntimeMissingError
from lendgate.store import account, cluster
from lendgate.store.account import choose_account
from lendgate.store.cluster import advice, find_programs
from lendgate.store.embedded import EmbeddedPostgres

HOLDER = """
import pathlib, sys
from lendgate.store.embedded import EmbeddedPostgres
with EmbeddedPostgres(pathlib.Path(sys.argv[1])):
    print("holding", flush=True)
    sys.stdin.read()
"""


def holder(directory: Path) -> subprocess.Popen[str]:
    """Another process that uses the directory's server until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    return process


def pid_of(server: EmbeddedPostgres) -> int:
    """The postmaster's process id."""
    with psycopg.connect(server.url("postgres")) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    assert row is not None
    return int(row[0].split()[0])


def alive(pid: int) -> bool:
    """Whether the process is there and not just waiting to be reaped."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"


def gone(pid: int, seconds: float = 5) -> bool:
    """Whether the process ends: its file goes, which is what a stop waits for, a moment before it does."""
    deadline = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < deadline:
        os.sched_yield()
    return not alive(pid)


def keep_a_row(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url("postgres")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")


def row_is_kept(server: EmbeddedPostgres) -> bool:
    with psycopg.connect(server.url("postgres")) as connection:
        return connection.execute("SELECT number FROM kept").fetchone() == (42,)


@pytest.fixture
def as_root() -> None:
    """Only root needs another account."""
    if os.geteuid() != 0:
        pytest.skip("needs root: an ordinary user runs PostgreSQL as themselves")


def test_roles_have_no_power_they_need_not(postgres: EmbeddedPostgres) -> None:
    """Neither role is a superuser, makes roles or databases, or gets around row-level security."""
    with psycopg.connect(postgres.url("postgres")) as connection:
        roles = connection.execute(
            "SELECT rolname, rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls, rolcanlogin "
            "FROM pg_roles WHERE rolname LIKE 'lendgate%' ORDER BY 1"
        ).fetchall()
    assert roles == [("lendgate_owner", False, True), ("lendgate_service", False, True)]


def test_server_listens_on_no_network(postgres: EmbeddedPostgres) -> None:
    """Only its socket leads to it, and only its account may enter the socket's directory."""
    with psycopg.connect(postgres.service_url) as connection:
        host = Path(connection.info.host)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert host.stat().st_mode & 0o077 == 0


def test_committed_data_survives_the_end_and_kill_9(own_directory: Path) -> None:
    """A clean restart and a killed postmaster both leave every committed row."""
    with EmbeddedPostgres(own_directory) as server:
        keep_a_row(server)
        first = pid_of(server)
    assert gone(first)
    with EmbeddedPostgres(own_directory) as server:
        assert row_is_kept(server)
        os.kill(pid_of(server), signal.SIGKILL)
        server.ensure_running()
        assert row_is_kept(server)


def test_processes_share_a_server_and_the_last_one_stops_it(own_directory: Path) -> None:
    """The first to go leaves it running for the other."""
    with EmbeddedPostgres(own_directory) as server:
        pid = pid_of(server)
        other = holder(own_directory)
    assert alive(pid)
    other.communicate("", timeout=30)
    assert other.returncode == 0
    assert gone(pid)


def test_killed_process_no_longer_counts(own_directory: Path) -> None:
    """A process that was killed does not keep the server up."""
    with EmbeddedPostgres(own_directory) as server:
        pid = pid_of(server)
        other = holder(own_directory)
        other.kill()
        other.communicate()
    assert gone(pid)


def test_two_holds_of_one_process_count_as_two(own_directory: Path) -> None:
    """Closing one leaves the other its server; closing twice does nothing."""
    first, second = EmbeddedPostgres(own_directory), EmbeddedPostgres(own_directory)
    pid = pid_of(first)
    first.close()
    first.close()
    assert alive(pid)
    second.close()
    assert gone(pid)


def test_setup_that_was_cut_short_is_begun_anew(new_directory: Path) -> None:
    """Half a cluster from a killed first start is thrown away."""
    half = new_directory / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(new_directory) as server:
        keep_a_row(server)
    assert not half.exists()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc to tell whose number it is")
def test_pid_file_with_another_programs_number_is_no_obstacle(own_directory: Path) -> None:
    """After a container's restart the old number may be anybody's."""
    with EmbeddedPostgres(own_directory) as server:
        keep_a_row(server)
        file = own_directory / "data" / "postmaster.pid"
        before = file.read_text(encoding="utf-8")
        os.kill(pid_of(server), signal.SIGKILL)
        server.ensure_running()
        pid = pid_of(server)
        os.kill(pid, signal.SIGKILL)
        file.write_text(before.replace(before.split("\n", 1)[0], str(os.getpid()), 1), encoding="utf-8")
        server.ensure_running()
        assert row_is_kept(server)


def test_path_too_long_for_a_socket_is_no_obstacle(new_directory: Path) -> None:
    """The socket goes to a short directory of its own, which only the account may enter."""
    directory = new_directory / ("d" * 100)
    with EmbeddedPostgres(directory) as server:
        keep_a_row(server)
        with psycopg.connect(server.url("postgres")) as connection:
            sockets = Path(connection.info.host)
    assert sockets.parent == Path("/tmp")
    assert sockets.stat().st_mode & 0o077 == 0
    sockets.rmdir()


def test_comma_in_the_path_is_no_obstacle(new_directory: Path) -> None:
    """PostgreSQL and its clients read a comma as the end of one directory in a list of them."""
    with (
        EmbeddedPostgres(new_directory / "loans, 2026") as server,
        psycopg.connect(server.service_url) as connection,
    ):
        sockets = Path(connection.info.host)
    assert sockets.parent == Path("/tmp")
    sockets.rmdir()


def test_foreign_socket_directory_is_refused(new_directory: Path) -> None:
    """Somebody else's directory at the short path is not used."""
    sockets = cluster._socket_directory((new_directory / ("d" * 100) / "data").absolute())
    sockets.mkdir(mode=0o755)
    try:
        with pytest.raises(RuntimeMissingError, match="is not a directory of ours alone"):
            EmbeddedPostgres(new_directory / ("d" * 100))
    finally:
        sockets.rmdir()


def test_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """The message names it."""
    (tmp_path / "postgres").write_text("")
    with pytest.raises(
        RuntimeMissingError, match=f"PostgreSQL cannot use {tmp_path}/postgres: .*File exists"
    ):
        EmbeddedPostgres(tmp_path / "postgres")


def test_missing_wheel_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the wheel has no build for the machine, the other way is named."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(
        RuntimeMissingError, match=r"not installed or has no build .* set LENDGATE_DATABASE_URL"
    ):
        EmbeddedPostgres(tmp_path / "postgres")


def test_data_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ordinary user cannot run what belongs to somebody else."""
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 4242)
    with pytest.raises(RuntimeMissingError, match="belongs to another user: run Lendgate as that user"):
        choose_account(tmp_path, find_programs())


@pytest.mark.usefixtures("as_root")
def test_root_runs_it_as_the_directorys_owner(tmp_path: Path) -> None:
    """With sudo in somebody's checkout the data is theirs."""
    tmp_path.chmod(0o711)
    shutil.chown(tmp_path, "daemon")
    chosen = account._unprivileged(tmp_path / "postgres" / "data")
    assert chosen.pw_name == "daemon"


@pytest.mark.usefixtures("as_root")
def test_root_leaves_nothing_that_the_owner_cannot_use(own_directory: Path) -> None:
    """After a start with sudo the owner starts it without."""
    with EmbeddedPostgres(own_directory) as server:
        owner = (own_directory / "data").stat().st_uid
        assert alive(pid_of(server))
    assert owner != 0
    assert {path.stat().st_uid for path in (own_directory, *own_directory.iterdir())} == {owner}


@pytest.mark.usefixtures("as_root")
def test_root_without_any_account_is_told_what_to_do(tmp_path: Path) -> None:
    """A directory of a user id that has no account gives no account to run as."""
    os.chown(tmp_path, 3_999_999, -1)
    with pytest.raises(RuntimeMissingError, match="user id 3999999 is no account of this machine"):
        choose_account(tmp_path / "data", find_programs())


@pytest.fixture
def closed_directory(as_root: None, tmp_path: Path) -> Path:
    """A directory below one that only root may pass, like a checkout in /root."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    return closed / "postgres"


def test_root_reaches_a_closed_directory_in_a_namespace(closed_directory: Path) -> None:
    """No permission is opened: the server runs where root has another number, and data stays root's."""
    try:
        choose_account(closed_directory / "data", find_programs())
    except RuntimeMissingError:
        pytest.skip("this machine allows no user namespace")
    for _ in ("first start", "second start"):
        with EmbeddedPostgres(closed_directory) as server:
            assert alive(pid_of(server))
    assert (closed_directory / "data").stat().st_uid == 0
    assert closed_directory.parent.stat().st_mode & 0o777 == 0o700


def test_closed_directory_without_namespaces_is_named(
    closed_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says which directory is in the way and what helps."""
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(
        RuntimeMissingError, match=r"may not pass /.* move the checkout to where others may enter"
    ):
        EmbeddedPostgres(closed_directory)


@pytest.mark.parametrize(
    ("said", "do"),
    [
        ('initdb: error: could not create directory "x": No space left on device', "the disk is full"),
        ("PANIC:  could not write: Disk quota exceeded", "the disk quota is used up"),
        ('initdb: error: could not create directory "x": Permission denied', "make the directory writable"),
        ("[Errno 30] Read-only file system: '/x'", "the file system is read-only"),
        ("FATAL:  database files are incompatible with server", "another major version"),
        ("LOG:  a\nFATAL:  could not map memory\nLOG:  shut down", "FATAL:  could not map memory"),
        ("something else", "something else"),
        ("", "it gave no reason"),
    ],
)
def test_advice_says_what_to_do(said: str, do: str) -> None:
    """Known causes have a remedy, others are passed on."""
    assert do in advice(said)


def test_data_of_another_version_is_named(own_directory: Path) -> None:
    """A cluster made by another major version is not touched."""
    with EmbeddedPostgres(own_directory):
        pass
    (own_directory / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(RuntimeMissingError, match="another major version of PostgreSQL made it"):
        EmbeddedPostgres(own_directory)
