"""``lendgate audit verify|export``: take the trail out, and check one without a database."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lendgate.audit import (
    Checkpoint,
    CheckpointKey,
    Verdict,
    Verifier,
    parse_checkpoint,
    read_lines,
)
from lendgate.bootstrap import audit_keys, open_database, secret_key
from lendgate.cli.output import NO, Json, err, fail, print_json, spoken_errors
from lendgate.cli.settings import service_settings_for, with_local_keys
from lendgate.cli.token import TENANT
from lendgate.settings import ServiceSettings
from lendgate.store.audit_log import export_trail

audit_app = typer.Typer(no_args_is_help=True, help="The audit trail: export it, and verify it offline.")
Tenant = Annotated[str, typer.Option(help="Whose trail.")]
DataDir = Annotated[Path | None, typer.Option(help="Where the local keys and the embedded database live.")]


@audit_app.command()
def export(
    tenant: Tenant = TENANT,
    to: Annotated[Path | None, typer.Option(help="A file; standard output without it.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Write a tenant's whole trail as JSON lines: a signed header, then every row.

    Keep the header line (a checkpoint) where the database's owner cannot write: it proves later that
    nothing was cut off.
    """
    with spoken_errors():
        settings = with_local_keys(service_settings_for(data_dir))
        rows = asyncio.run(_export(settings, tenant, to))
    err.print(f"[green]✓[/green] {rows - 1:,} rows of tenant {tenant}", highlight=False)


@audit_app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="An export; - for standard input.")],
    tenant: Tenant = TENANT,
    checkpoints: Annotated[Path | None, typer.Option(help="Checkpoints kept elsewhere, one a line.")] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Check an export without a database. Exit 1 with the first bad row when anything does not fit."""
    with spoken_errors():
        settings = with_local_keys(service_settings_for(data_dir))
        kept = _checkpoints(checkpoints)
        verifier = verifier_for(settings, tenant, kept)
        for line in _lines(file):
            verifier.feed(line)
        verdict = verifier.finish()
    if json:
        defect = str(verdict.defect) if verdict.defect else None
        print_json({"ok": verdict.ok, "tenant": tenant, "rows": verdict.rows, "defect": defect})
    elif verdict.ok:
        err.print(f"[green]✓[/green] {sentence(verdict)}", highlight=False)
    if not verdict.ok:
        raise fail(sentence(verdict), NO)


async def verify_store(
    settings: ServiceSettings, tenant: str = TENANT, checkpoints: Iterable[Checkpoint] = ()
) -> Verdict:
    """Export a tenant's trail and verify it on the way, in constant memory."""
    filled = with_local_keys(settings)
    verifier = verifier_for(filled, tenant, checkpoints)
    async with _trail(filled, tenant) as lines:
        async for line in lines:
            verifier.feed(line)
    return verifier.finish()


def sentence(verdict: Verdict) -> str:
    """A verdict in words."""
    if verdict.defect:
        return f"the audit trail of {verdict.tenant} does not verify: {verdict.defect}"
    return f"the audit trail of {verdict.tenant} is whole: {verdict.rows:,} rows verified"


def verifier_for(settings: ServiceSettings, tenant: str, checkpoints: Iterable[Checkpoint]) -> Verifier:
    """A verifier that knows the keys of these settings."""
    signer = _checkpoint_key(settings)
    audit_key, former = audit_keys(settings)
    return Verifier(
        tenant,
        keys=(audit_key, *former),
        authorities={signer.id: signer.private.public_key()},
        checkpoints=checkpoints,
    )


def _checkpoint_key(settings: ServiceSettings) -> CheckpointKey:
    key_id, seed = secret_key("LENDGATE_CHECKPOINT_KEY", settings.checkpoint_key)
    return CheckpointKey(key_id, Ed25519PrivateKey.from_private_bytes(seed))


@asynccontextmanager
async def _trail(settings: ServiceSettings, tenant: str) -> AsyncIterator[AsyncIterator[bytes]]:
    async with open_database(settings, 1) as database, database.tenant(tenant) as tx:
        yield export_trail(tx, _checkpoint_key(settings), datetime.now(UTC))


async def _export(settings: ServiceSettings, tenant: str, to: Path | None) -> int:
    rows = 0
    with to.open("wb") if to else nullcontext(sys.stdout.buffer) as target:
        async with _trail(settings, tenant) as lines:
            async for line in lines:
                target.write(line)
                rows += 1
    return rows


def _lines(file: Path) -> Iterator[bytes]:
    if str(file) == "-":
        yield from read_lines(sys.stdin.buffer)
        return
    try:
        with file.open("rb") as stream:
            yield from read_lines(stream)
    except OSError as cause:
        raise fail(f"cannot read {file}: {cause.strerror}", NO) from cause


def _checkpoints(file: Path | None) -> list[Checkpoint]:
    return [parse_checkpoint(line) for line in _lines(file)] if file else []
