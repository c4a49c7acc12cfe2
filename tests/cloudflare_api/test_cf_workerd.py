"""What was uploaded runs: the module set Cloudflare was given, unchanged, in workerd; and ``edge dev``."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from contract.vectors import load_vectors
from lendgate.cli.edge_dev import DevGate, keep_running
from lendgate.cloudflare.bundle import BUNDLE, SCRIPT, load_bundle
from lendgate.cloudflare.capnp import LocalGate, render, secret_variable
from lendgate.cloudflare.desired import Module, read_desired
from lendgate.cloudflare.local_keys import AUDIENCE, ISSUER, LocalKeys, load_or_create, mint_token
from lendgate.cloudflare.workerd import Workerd, write_config
from lendgate.cloudflare.workerd_binary import find_workerd
from lendgate.errors import RuntimeMissingError
from tests.cloudflare_api.lab import SECRET, Lab, first_wish

pytestmark = [pytest.mark.live, pytest.mark.anyio]
VECTORS = load_vectors()
PER_BROKER = 500


@pytest.fixture
def keys(tmp_path: Path) -> LocalKeys:
    """Keys of this test's own installation."""
    return load_or_create(tmp_path / "data")


async def test_uploaded_modules_pass_the_contract(lab: Lab, keys: LocalKeys, tmp_path: Path) -> None:
    """The bytes the stand-in received as modules reach the verdict of every contract vector."""
    bundle = load_bundle()
    text = (BUNDLE / "wrangler.jsonc").read_text(encoding="utf-8")
    desired = read_desired(text, None, (Module(SCRIPT, bundle.script),))
    await lab.deploy(desired, replace(first_wish(), percent=100))
    version = lab.script.versions[0]
    assert list(version.modules) == [SCRIPT]

    variables = {
        "EDGE_VERSION": version.text("EDGE_VERSION") or "",
        "JWT_ISSUER": ISSUER,
        "JWT_AUDIENCE": AUDIENCE,
        "JWKS": keys.jwks,
        "JWKS_URL": "",
        "ORIGIN_URL": "",
    }
    gate = LocalGate(1, 0, variables, ("ORIGIN_SIGNING_KEY",))
    config = write_config(tmp_path / "gate", render(bundle.config, gate), version.modules[SCRIPT], SCRIPT)
    secret = {secret_variable("ORIGIN_SIGNING_KEY"): version.text("ORIGIN_SIGNING_KEY") or ""}
    async with Workerd(
        find_workerd(os.environ), config, log=tmp_path / "gate.log", environment=secret
    ) as workerd:
        wrong = await asyncio.to_thread(_wrong_verdicts, workerd.base_url, keys)
    assert wrong == []
    assert version.text("ORIGIN_SIGNING_KEY") == SECRET


def _wrong_verdicts(url: str, keys: LocalKeys) -> list[str]:
    tokens = [_token(keys, f"broker-{number}") for number in range(0, len(VECTORS), PER_BROKER)]
    with httpx.Client(base_url=url, timeout=30) as client, ThreadPoolExecutor(4) as pool:

        def ask(number: int) -> str | None:
            vector = VECTORS[number]
            headers = {**vector.headers(), "authorization": f"Bearer {tokens[number // PER_BROKER]}"}
            answer = client.post("/validate", content=vector.payload(), headers=headers)
            pointers = {error["pointer"] for error in answer.json().get("errors", [])}
            right = (answer.status_code, pointers) == (vector.status, set(vector.pointers))
            return None if right else f"{vector.name}: {answer.status_code} {sorted(pointers)}"

        return [wrong for wrong in pool.map(ask, range(len(VECTORS))) if wrong]


def _token(keys: LocalKeys, broker: str) -> str:
    return mint_token(
        keys,
        tenant="local",
        broker_id=broker,
        subject="contract",
        scopes=("validate",),
        lifetime=timedelta(hours=1),
        now=datetime.now(UTC),
    )


@asynccontextmanager
async def _developing(gate: DevGate) -> AsyncIterator[asyncio.Queue[str]]:
    """``edge dev`` running; each start puts the gate's address into the queue."""
    started: asyncio.Queue[str] = asyncio.Queue()
    running = asyncio.create_task(keep_running(gate, started.put_nowait))
    try:
        yield started
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_dev_starts_anew_with_a_new_build(keys: LocalKeys, tmp_path: Path) -> None:
    """A new build is served; while it is not whole the gate waits for it."""
    built = tmp_path / "bundle"
    shutil.copytree(BUNDLE, built)
    gate = DevGate(built, tmp_path / "data", 1, 0, keys, find_workerd(os.environ))
    async with _developing(gate) as started, httpx.AsyncClient() as http:
        first = await asyncio.wait_for(started.get(), 20)
        before = (await http.get(f"{first}/readyz")).json()["edge_version"]
        digest = (built / f"{SCRIPT}.sha256").read_bytes()
        (built / f"{SCRIPT}.sha256").write_text("not yet", encoding="ascii")
        (built / f"{SCRIPT}.sha256").write_bytes(digest)
        second = await asyncio.wait_for(started.get(), 20)
        assert (await http.get(f"{second}/readyz")).json()["edge_version"] == before
        stopped = second
    async with httpx.AsyncClient() as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(f"{stopped}/livez")


async def test_dev_says_when_the_gate_ends(keys: LocalKeys, tmp_path: Path) -> None:
    """A port that is taken ends the command with why."""
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    gate = DevGate(BUNDLE, tmp_path / "data", 1, port, keys, find_workerd(os.environ))
    async with server:
        with pytest.raises(RuntimeMissingError):
            await asyncio.wait_for(keep_running(gate, lambda _url: None), 20)
