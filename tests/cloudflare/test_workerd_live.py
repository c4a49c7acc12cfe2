"""The generated configuration in a real workerd: bindings, walls, storage, and no orphans."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from lendgate.cloudflare.capnp import EDGE_ONLY_HEADERS, LocalGate, render, secret_variable
from lendgate.cloudflare.workerd import Workerd, write_config
from lendgate.cloudflare.workerd_binary import find_workerd
from lendgate.cloudflare.wrangler import DurableObject, WranglerConfig
from lendgate.errors import RuntimeMissingError

pytestmark = pytest.mark.live
ECHO = (Path(__file__).parent / "echo.js").read_bytes()
NASTY = 'quote " backslash \\ line\nbreak \u20ac \U0001f600 ${x} \x7f'
CONFIG = WranglerConfig(
    name="echo",
    main="echo.js",
    compatibility_date="2026-10-23",
    compatibility_flags=(),
    vars={"TEXT": NASTY, "LIMITS": {"request": {"per_minute": 600}}, "JWKS_URL": ""},
    durable_objects=(DurableObject("LIMITER", "BrokerLimiter", sql=True),),
)


@dataclass
class Origin:
    """A server on loopback that remembers the paths it was asked for."""

    port: int = 0
    paths: list[str] = field(default_factory=list)


@pytest.fixture
def origin() -> Iterator[Origin]:
    origin = Origin()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            origin.paths.append(self.path)
            self.send_response(302 if self.path == "/moved" else 200)
            self.send_header("Location", "/keys")
            self.end_headers()
            self.wfile.write(b"from the origin")

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        origin.port = server.server_port
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield origin
        server.shutdown()
        serving.join()


@pytest.fixture(scope="session")
def binary() -> Path:
    try:
        return find_workerd(os.environ)
    except RuntimeMissingError as missing:
        pytest.skip(str(missing))


def gate(binary: Path, directory: Path, local: LocalGate, script: bytes = ECHO) -> Workerd:
    return Workerd(
        binary,
        write_config(directory / "run", render(CONFIG, local), script),
        log=directory / "workerd.log",
        environment={secret_variable("SECRET"): "hush"},
    )


def test_the_worker_gets_exactly_its_bindings(binary: Path, tmp_path: Path) -> None:
    """Text of any characters, JSON as an object, and the secret from the environment."""
    with gate(binary, tmp_path, LocalGate(origin_port=1, secrets=("SECRET",))) as running:
        seen = httpx.get(f"{running.base_url}/text").json()
    assert seen == {"text": NASTY, "limits": {"request": {"per_minute": 600}}, "secret": "hush"}
    assert "hush" not in (tmp_path / "run/config.capnp").read_text()


def test_callers_cannot_send_what_only_the_edge_sets(binary: Path, tmp_path: Path) -> None:
    """The Worker never sees a signature, principal or request id of a caller; other headers it does."""
    forged = {name.title(): "forged" for name in EDGE_ONLY_HEADERS}
    with gate(binary, tmp_path, LocalGate(origin_port=1)) as running:
        seen = httpx.get(f"{running.base_url}/headers", headers=forged | {"Prefer": "wait=1"}).json()
    assert seen["headers"]["prefer"] == "wait=1"
    assert not seen["headers"].keys() & set(EDGE_ONLY_HEADERS)
    assert seen["cf"].keys() == {"clientIp"}


def test_the_origin_is_reached_and_nothing_else(binary: Path, tmp_path: Path, origin: Origin) -> None:
    """The binding leads to the origin; the Worker's own fetch leads nowhere, not even to it."""
    with gate(binary, tmp_path, LocalGate(origin_port=origin.port)) as running:
        asked = httpx.get(f"{running.base_url}/origin")
        out = httpx.get(f"{running.base_url}/out", params={"url": f"http://127.0.0.1:{origin.port}/x"})
    assert asked.text == "from the origin"
    assert out.text == "403 egress is closed"
    assert origin.paths == ["/asked"]


@pytest.mark.parametrize(
    ("allowed", "asked", "answer"),
    [
        ("/keys", "/keys", "200 from the origin"),
        ("/keys", "/keys?x=1", "403 egress is closed"),
        ("/keys", "/other", "403 egress is closed"),
        ("/moved", "/moved", "403 egress is closed"),
    ],
)
def test_a_jwks_url_is_the_one_way_out(
    binary: Path, tmp_path: Path, origin: Origin, *, allowed: str, asked: str, answer: str
) -> None:
    """That very address, and where it redirects to is not it."""
    base = f"http://127.0.0.1:{origin.port}"
    local = LocalGate(origin_port=1, variables={"JWKS_URL": base + allowed})
    with gate(binary, tmp_path, local) as running:
        assert httpx.get(f"{running.base_url}/out", params={"url": base + asked}).text == answer


@pytest.mark.parametrize(("keeps", "counts"), [(True, ["1", "2"]), (False, ["1", "1"])])
def test_durable_objects_survive_a_restart_where_they_have_a_directory(
    binary: Path, tmp_path: Path, *, keeps: bool, counts: list[str]
) -> None:
    """On disk the count goes on, in memory it starts again."""
    storage = tmp_path / "objects"
    storage.mkdir()
    local = LocalGate(origin_port=1, storage=storage if keeps else None)
    seen = []
    for _ in counts:
        with gate(binary, tmp_path, local) as running:
            seen.append(httpx.get(f"{running.base_url}/count").text)
    assert seen == counts


def test_a_broken_script_is_explained(binary: Path, tmp_path: Path) -> None:
    """The Worker's own error is in the sentence."""
    with pytest.raises(RuntimeMissingError, match="code 1: service gate: Uncaught SyntaxError"):
        gate(binary, tmp_path, LocalGate(origin_port=1), b"export default { fetch() { a b } };").start()


def test_a_port_in_use_is_explained(binary: Path, tmp_path: Path, origin: Origin) -> None:
    """Two gates cannot share a port."""
    with pytest.raises(RuntimeMissingError, match="port is in use already"):
        gate(binary, tmp_path, LocalGate(origin_port=1, port=origin.port)).start()


def test_a_chosen_port_is_used(binary: Path, tmp_path: Path) -> None:
    """Once free, the port that is asked for is the port that listens."""
    free = LocalGate(origin_port=1)
    with gate(binary, tmp_path, free) as running:
        port = running.port
    with gate(binary, tmp_path, replace(free, port=port)) as running:
        assert running.port == port


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_killed_parent_leaves_no_workerd_behind(binary: Path, tmp_path: Path) -> None:
    """Even kill -9 of the service stops the gate: it must not accept what nobody will answer."""
    config = write_config(tmp_path / "run", render(CONFIG, LocalGate(origin_port=1)), ECHO)
    source = (
        "import signal, sys; from pathlib import Path; from lendgate.cloudflare.workerd import Workerd\n"
        "gate = Workerd(Path(sys.argv[1]), Path(sys.argv[2]), log=Path(sys.argv[3]))\n"
        "gate.start(); print(gate.pid, flush=True); signal.pause()"
    )
    command = [sys.executable, "-c", source, str(binary), str(config), str(tmp_path / "workerd.log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
    ended, _, _ = select.select([child], [], [], 10)
    os.close(child)
    assert ended == [child]
