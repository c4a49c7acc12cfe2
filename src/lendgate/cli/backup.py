"""``lendgate backup`` and ``lendgate restore``: the embedded database and the documents beside it.

Law: a restore goes into a data directory without a database, is checked from end to end (every tenant's audit
trail, up to where it stood) and put in its place last: half a restore is never taken for one.
"""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from lendgate.audit import Checkpoint, checkpoint_line, make_checkpoint, parse_checkpoint
from lendgate.bootstrap import checkpoint_key, master_keys
from lendgate.cli.audit import verify_store
from lendgate.cli.output import Json, err, print_json, spoken_errors
from lendgate.cli.settings import service_settings_for, with_local_keys
from lendgate.errors import AuditError, SettingsError
from lendgate.settings import ServiceSettings
from lendgate.store.audit_log import current_head, tenants
from lendgate.store.backup import BackupError, Manifest, opened_backup, restore_into, write_backup
from lendgate.store.data_keys import stored_keys
from lendgate.store.database import Database
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.migrate import current_revision, migrate

DataDir = Annotated[Path | None, typer.Option(help="Where the local keys and the embedded database live.")]
BackupFile = Annotated[Path, typer.Argument(help="The backup's file.", dir_okay=False)]


def backup(file: BackupFile, data_dir: DataDir = None, json: Json = False) -> None:
    """Write the embedded database and the documents to a file, while the service runs.

    No key is in it: keep a copy of the keys elsewhere.
    """
    with spoken_errors():
        settings = _embedded_only(with_local_keys(service_settings_for(data_dir)))
        with EmbeddedPostgres(settings.data_dir / "postgres") as postgres:
            manifest = asyncio.run(_manifest(settings, postgres))
            size = write_backup(file, manifest, postgres.url("postgres"), settings.data_dir / "documents")
    if json:
        print_json({"file": str(file), "bytes": size, "tenants": len(manifest.heads)})
        return
    err.print(f"[green]✓[/green] {file}: {size:,} bytes, {len(manifest.heads)} tenants", highlight=False)
    err.print("[dim]The keys are not in it: keep a copy of them elsewhere.[/dim]")


def restore(file: BackupFile, data_dir: DataDir = None, json: Json = False) -> None:
    """Restore a backup into a data directory without a database, and verify every audit trail."""
    with spoken_errors():
        settings = _embedded_only(service_settings_for(data_dir))
        _require_a_key(settings)
        rows = _restore(file, with_local_keys(settings))
    if json:
        print_json({"rows_verified": rows})
        return
    for tenant, number in rows.items():
        err.print(f"[green]✓[/green] tenant {tenant}: {number:,} audit rows verified", highlight=False)


def _embedded_only(settings: ServiceSettings) -> ServiceSettings:
    if settings.database_url is not None:
        raise SettingsError(
            "LENDGATE_DATABASE_URL is set: back that database up with its own tools "
            "(docs/how-to/back-up-and-restore.md)"
        )
    return settings.model_copy(update={"data_dir": settings.data_dir.resolve()})


async def _manifest(settings: ServiceSettings, postgres: EmbeddedPostgres) -> Manifest:
    signer, now = checkpoint_key(settings), datetime.now(UTC)
    if signer is None:
        raise SettingsError("LENDGATE_CHECKPOINT_KEY is not set")
    masters: set[str] = set()
    heads: list[str] = []
    async with Database(postgres.service_url, size=1) as database:
        for tenant in await tenants(database):
            async with database.tenant(tenant) as tx:
                masters.update(key.master_id for key in await stored_keys(tx))
                heads.append(checkpoint_line(make_checkpoint(signer, await current_head(tx), now)).decode())
    return Manifest(
        made_at=now.isoformat(timespec="seconds"),
        revision=current_revision(postgres.owner_url) or "none",
        master_keys=tuple(sorted(masters)),
        heads=tuple(heads),
    )


def _restore(file: Path, settings: ServiceSettings) -> dict[str, int]:
    """Restore beside its place, verify, and move it there; each tenant's verified rows."""
    places = [settings.data_dir / name for name in ("postgres", "documents")]
    if taken := next((place for place in places if place.exists()), None):
        raise BackupError(f"{taken} is there already: restore into a data directory without a database")
    beside = settings.data_dir / "restoring"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(mode=0o755)
    try:
        with opened_backup(file) as (manifest, tar):
            _require_keys(settings, manifest)
            with EmbeddedPostgres(beside / "postgres") as postgres:
                restore_into(manifest, tar, postgres.url("postgres"), beside / "documents")
                migrate(postgres.owner_url)
        rows = _verified(settings.model_copy(update={"data_dir": beside}), manifest)
        for place in places:
            if (beside / place.name).exists():
                (beside / place.name).rename(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return rows


def _require_a_key(settings: ServiceSettings) -> None:
    """Before new local keys are made, which would open nothing."""
    if settings.data_key is None and not (settings.data_dir / "keys").exists():
        raise SettingsError(
            f"there are no keys in {settings.data_dir}: copy those of the backup's installation to "
            f"{settings.data_dir / 'keys'} first, or set LENDGATE_DATA_KEY and the others"
        )


def _require_keys(settings: ServiceSettings, manifest: Manifest) -> None:
    missing = sorted(set(manifest.master_keys) - set(master_keys(settings).keys))
    if missing:
        raise SettingsError(
            f"LENDGATE_DATA_KEY does not hold {', '.join(missing)}, which the backup's data is sealed under: "
            "put the keys of that installation back first"
        )


def _verified(settings: ServiceSettings, manifest: Manifest) -> dict[str, int]:
    heads = [parse_checkpoint(line.encode()) for line in manifest.heads]
    return {head.head.tenant: _verified_rows(settings, head) for head in heads}


def _verified_rows(settings: ServiceSettings, head: Checkpoint) -> int:
    verdict = asyncio.run(verify_store(settings, head.head.tenant, (head,)))
    if verdict.defect:
        raise AuditError(f"what the backup holds of {head.head.tenant} does not verify: {verdict.defect}")
    return verdict.rows
