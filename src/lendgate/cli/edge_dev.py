"""``lendgate edge dev``: the Worker in local workerd before an origin of yours, again after every build."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from lendgate.cli.edge_session import BundleDirectory, spoken_edge_errors
from lendgate.cli.local import ORIGIN_KEY, local_token
from lendgate.cli.output import Json, err, print_json
from lendgate.cloudflare.bundle import BUNDLE, SCRIPT, load_bundle
from lendgate.cloudflare.capnp import LocalGate, render, secret_variable
from lendgate.cloudflare.local_keys import AUDIENCE, ISSUER, LocalKeys, load_or_create
from lendgate.cloudflare.workerd import Workerd, write_config
from lendgate.cloudflare.workerd_binary import find_workerd
from lendgate.errors import RuntimeMissingError
from lendgate.settings import service_settings

LOOK_SECONDS: Final = 0.5
Snapshot = frozenset[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class DevGate:
    """What to run, and where its things are."""

    bundle: Path
    directory: Path
    origin_port: int
    port: int
    keys: LocalKeys
    binary: Path


def dev(
    origin_port: Annotated[int, typer.Option(help="Loopback port of the origin.")] = 8000,
    port: Annotated[int, typer.Option(help="Port of the gate.")] = 8787,
    bundle: BundleDirectory = BUNDLE,
    data_dir: Annotated[Path | None, typer.Option(help="Where local keys and logs live.")] = None,
    json: Json = False,
) -> None:
    """Run the built Worker in workerd before a given origin; starts it anew when `make edge` built another.

    The origin must accept the local key: `lendgate serve` and a service with the same --data-dir do.
    """
    with spoken_edge_errors(), suppress(KeyboardInterrupt):
        directory = (data_dir or service_settings().data_dir).resolve()
        keys = load_or_create(directory)
        gate = DevGate(bundle, directory, origin_port, port, keys, find_workerd(os.environ))
        asyncio.run(keep_running(gate, lambda url: _announce(url, keys, json=json)))


async def keep_running(gate: DevGate, started: Callable[[str], None]) -> None:
    """Run the gate, and again with every new build; a build that is not whole yet is waited for.

    Raises:
        RuntimeMissingError: it does not start, or ended by itself.
    """
    while True:
        built = await _whole_build(gate.bundle)
        async with _workerd(gate) as workerd:
            started(workerd.base_url)
            changed = asyncio.create_task(_changed(gate.bundle, built))
            ended = asyncio.create_task(workerd.ended())
            await asyncio.wait({changed, ended}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                changed.cancel()
                raise RuntimeMissingError(f"the gate stopped by itself: {ended.result()}")
            ended.cancel()


def snapshot(directory: Path) -> Snapshot:
    """Names, times and sizes of the files of a build."""
    return frozenset(
        (path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in directory.glob("*")
    )


async def _whole_build(directory: Path) -> Snapshot:
    """Wait until the build can be loaded; the first try must not fail in silence."""
    said = False
    while True:
        before = snapshot(directory)
        try:
            load_bundle(directory)
        except RuntimeMissingError as cause:
            if not said:
                err.print(f"waiting for a build: {cause}", highlight=False, markup=False, soft_wrap=True)
            said = True
            await asyncio.sleep(LOOK_SECONDS)
            continue
        return before


async def _changed(directory: Path, built: Snapshot) -> None:
    while snapshot(directory) == built:  # noqa: ASYNC110 - a file system has no event to wait for
        await asyncio.sleep(LOOK_SECONDS)


def _workerd(gate: DevGate) -> Workerd:
    bundle = load_bundle(gate.bundle)
    variables = {
        "EDGE_VERSION": bundle.sha256[:12],
        "JWT_ISSUER": ISSUER,
        "JWT_AUDIENCE": AUDIENCE,
        "JWKS": gate.keys.jwks,
        "JWKS_URL": "",
        "ORIGIN_URL": "",
        "ORIGIN_SIGNING_KEY_ID": gate.keys.origin.key_id,
        "ORIGIN_SIGNING_ALG": "hmac-sha256",
    }
    local = LocalGate(gate.origin_port, gate.port, variables, (ORIGIN_KEY,))
    config = write_config(gate.directory / "dev-gate", render(bundle.config, local), bundle.script, SCRIPT)
    environment = {secret_variable(ORIGIN_KEY): gate.keys.origin.secret}
    return Workerd(gate.binary, config, log=gate.directory / "logs" / "dev-gate.log", environment=environment)


def _announce(url: str, keys: LocalKeys, *, json: bool) -> None:
    token = local_token(keys)
    if json:
        print_json({"worker_base_url": url, "token": token})
    else:
        err.print(f"gate {url}", highlight=False)
