"""Supervising a workerd, against stand-in programs: start, failure, stop, environment, log."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from lendgate.cloudflare.workerd import Workerd, write_config
from lendgate.errors import RuntimeMissingError

LISTEN = """
import os, signal, sys, time
fd = int(next(a for a in sys.argv if a.startswith("--control-fd=")).split("=")[1])
def listen(port=4711):
    os.write(fd, b'{"event":"listen-inspector","port":1}\\n{"event":"lis')
    os.write(fd, b'ten","socket":"http","port":%d}\\n' % port)
"""
STAY = "signal.pause()\n"


def program(directory: Path, source: str) -> Path:
    """A program that is started as workerd is."""
    path = directory / "workerd"
    path.write_text(f"#!{sys.executable}\n{LISTEN}{source}")
    path.chmod(0o755)
    return path


def workerd(directory: Path, source: str, start_seconds: float = 10, stop_seconds: float = 10) -> Workerd:
    return Workerd(
        program(directory, source),
        write_config(directory / "run", "config", b"script"),
        log=directory / "logs/workerd.log",
        environment={"LENDGATE_GATE_SECRET": "s"},
        start_seconds=start_seconds,
        stop_seconds=stop_seconds,
    )


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_its_log_is_for_its_owner_alone(tmp_path: Path) -> None:
    """One that was open to others is closed to them, too."""
    log = tmp_path / "logs/workerd.log"
    log.parent.mkdir()
    log.touch(mode=0o644)
    with workerd(tmp_path, "listen()\n" + STAY):
        assert log.stat().st_mode & 0o777 == 0o600


def test_it_is_running_when_it_listens_and_gone_afterwards(tmp_path: Path) -> None:
    """The port comes from the listen event, whatever else is said and however it is cut."""
    with workerd(tmp_path, "listen()\n" + STAY) as started:
        assert started.base_url == "http://127.0.0.1:4711"
        pid = started.pid
        assert pid is not None
        assert running(pid)
    assert not running(pid)
    assert started.pid is None


def test_the_async_form_does_the_same(tmp_path: Path) -> None:
    """For use beside a running event loop."""

    async def scene() -> int:
        async with workerd(tmp_path, "listen(4712)\n" + STAY) as started:
            assert started.port == 4712
            return started.pid or 0

    assert not running(asyncio.run(scene()))


def test_it_can_be_started_again(tmp_path: Path) -> None:
    """A supervisor restarts the same object."""
    again = workerd(tmp_path, "listen()\n" + STAY)
    for _ in range(2):
        with again:
            assert again.port == 4711


def test_stopping_twice_or_before_starting_does_nothing(tmp_path: Path) -> None:
    """Clean-up code need not know how far things came."""
    never = workerd(tmp_path, "listen()\n")
    never.stop()
    never.stop()
    assert never.pid is None


def test_one_object_runs_one_process(tmp_path: Path) -> None:
    """Starting twice is a fault of ours, not a second process."""
    with workerd(tmp_path, "listen()\n" + STAY) as started, pytest.raises(RuntimeError, match="already"):
        started.start()


def test_the_port_is_known_only_while_it_runs(tmp_path: Path) -> None:
    """Nobody calls a port that belongs to somebody else by now."""
    stopped = workerd(tmp_path, "listen()\n" + STAY)
    with stopped:
        pass
    with pytest.raises(RuntimeError, match="not running"):
        _ = stopped.port


def test_one_that_does_not_hear_the_signal_is_killed(tmp_path: Path) -> None:
    """After the grace period nothing is left."""
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nlisten()\n" + STAY + STAY
    with workerd(tmp_path, deaf, stop_seconds=0.05) as started:
        pid = started.pid or 0
    assert not running(pid)


def test_one_that_ends_instead_of_listening_is_explained(tmp_path: Path) -> None:
    """The last line of its log is the cause."""
    with pytest.raises(RuntimeMissingError, match="ended with code 3: no such service"):
        workerd(tmp_path, "print('no such service', file=sys.stderr)\nsys.exit(3)").start()


def test_only_this_starts_words_explain_it(tmp_path: Path) -> None:
    """An older failure in the same log is not today's."""
    failing = workerd(tmp_path, "sys.exit(3)")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/workerd.log").write_text("Address already in use\n")
    with pytest.raises(RuntimeMissingError, match="code 3: it printed nothing"):
        failing.start()


def test_one_that_never_listens_is_stopped(tmp_path: Path) -> None:
    """It does not stay behind half-started."""
    mute = workerd(tmp_path, STAY, start_seconds=0.05)
    with pytest.raises(RuntimeMissingError, match=r"did not listen within 0\.05 seconds"):
        mute.start()
    assert mute.pid is None


def test_a_program_that_cannot_be_executed_is_explained(tmp_path: Path) -> None:
    """As on a system whose loader is another one (musl)."""
    broken = workerd(tmp_path, "")
    (tmp_path / "workerd").write_text("#!/nowhere/loader\n")
    with pytest.raises(RuntimeMissingError, match="No such file or directory"):
        broken.start()


def test_a_cancelled_start_leaves_nothing_behind(tmp_path: Path) -> None:
    """Ctrl-C while starting stops the process too."""
    mute = workerd(tmp_path, STAY)

    async def scene() -> int:
        starting = asyncio.create_task(mute.__aenter__())
        await asyncio.sleep(0)  # it runs up to where it waits
        pid = mute.pid
        assert pid is not None
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        return pid

    assert not running(asyncio.run(scene()))


def test_an_unexpected_end_is_told_to_the_supervisor(tmp_path: Path) -> None:
    """Whoever runs it can restart it or give up with its sentence."""

    async def scene() -> str:
        async with workerd(tmp_path, "listen()\nprint('out of memory')\nsys.exit(9)") as started:
            return await started.ended()

    assert asyncio.run(scene()).startswith("workerd ended with code 9: out of memory (see ")


def test_waiting_for_one_that_is_not_running_returns_at_once(tmp_path: Path) -> None:
    """There is nothing to wait for."""
    assert asyncio.run(workerd(tmp_path, "").ended()) == "workerd is not running"


def test_it_gets_its_secrets_and_nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An API key in our environment does not reach the Worker's process."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "ours")
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    show = f"open({str(tmp_path / 'seen')!r}, 'w').write(repr(dict(os.environ)))\nlisten()\n" + STAY
    with workerd(tmp_path, show):
        seen = (tmp_path / "seen").read_text()
    assert "'LENDGATE_GATE_SECRET': 's'" in seen
    assert "ours" not in seen


def test_a_configuration_lies_beside_its_script(tmp_path: Path) -> None:
    """The configuration embeds the script by its name."""
    config = write_config(tmp_path / "run", "text", b"script")
    assert config.read_text() == "text"
    assert (config.parent / "gate.js").read_bytes() == b"script"
