"""``lendgate keys``: the keys of personal data: which there are, rotating them, and letting one go."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from lendgate.bootstrap import blobs_from, open_desk
from lendgate.cli.desk import on_desk
from lendgate.cli.output import Json, err, out, print_json, spoken_errors
from lendgate.cli.settings import service_settings_for, with_local_keys
from lendgate.settings import ServiceSettings
from lendgate.store.audit_log import tenants
from lendgate.store.data_keys import stored_keys
from lendgate.workflow.desk import Desk
from lendgate.workflow.key_care import rotate_keys
from lendgate.workflow.key_drop import Fate, drop_keys
from lendgate.workflow.renewals import renewals

keys_app = typer.Typer(no_args_is_help=True, help="The keys of personal data: list, rotate and drop them.")
DataDir = Annotated[Path | None, typer.Option(help="Where the local keys and the embedded database live.")]


@keys_app.command("list")
def list_(data_dir: DataDir = None, json: Json = False) -> None:
    """Every tenant's data keys and the master key that each is wrapped with; no key itself."""
    with spoken_errors():
        rows = on_desk(data_dir, _listed)
    if json:
        print_json(rows)
        return
    table = Table("tenant", "data key", "for", "wrapped with", "made")
    for row in rows:
        table.add_row(*row.values())
    out.print(table if rows else "no data keys yet", highlight=False)


@keys_app.command()
def rotate(
    renew: Annotated[bool, typer.Option("--renew", help="Make new data keys, too.")] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Wrap every data key with the first key of LENDGATE_DATA_KEY; harmless to repeat.

    With --renew new data keys begin to seal a minute later, and what older ones sealed is sealed anew in the
    background, from an hour later on.
    """
    with spoken_errors():
        done = on_desk(data_dir, lambda desk: rotate_keys(desk, renew=renew))
    if json:
        print_json({"rewrapped": done.rewrapped, "made": done.made})
        return
    err.print(f"[green]✓[/green] {done.rewrapped} wrapped anew, {done.made} made", highlight=False)


@keys_app.command()
def progress(data_dir: DataDir = None, json: Json = False) -> None:
    """How far each tenant's data has come to be sealed with its newest data key, place by place.

    A place waits until the key has been in force for an hour; monitoring data waits for its owner
    (`lendgate monitoring renew`). What is left behind does not open: the log names it.
    """
    with spoken_errors():
        found = on_desk(data_dir, renewals)
    if json:
        print_json([asdict(one) for one in found])
        return
    table = Table("tenant", "place", "state", "sealed", "left behind")
    for one in found:
        table.add_row(one.tenant, one.place, one.state, f"{one.share:.0%}", str(one.left_behind or ""))
    out.print(table if found else "no data keys yet", highlight=False)


@keys_app.command()
def drop(data_dir: DataDir = None, json: Json = False) -> None:
    """Delete older data keys that nothing is sealed with any more; every row and file is looked at first.

    A key that anything names, or may name, stays, and it says what that is. Backups from before keep their
    own copy of the key.
    """
    with spoken_errors():
        fates = asyncio.run(_dropped(with_local_keys(service_settings_for(data_dir))))
    if json:
        print_json([{"tenant": f.tenant, "data_key": str(f.key_id), "kept_because": f.why} for f in fates])
        return
    for fate in fates:
        said = "[green]✓[/green] dropped" if fate.why is None else f"stays: {fate.why}"
        out.print(f"{fate.tenant}  {fate.key_id}  {said}", highlight=False, soft_wrap=True)
    if not fates:
        out.print("there are no older data keys", highlight=False)


async def _dropped(settings: ServiceSettings) -> list[Fate]:
    async with open_desk(settings) as desk:
        return await drop_keys(desk, blobs_from(settings))


async def _listed(desk: Desk) -> list[dict[str, str]]:
    rows = []
    for tenant in await tenants(desk.database):
        async with desk.database.tenant(tenant) as tx:
            rows += [
                {
                    "tenant": tenant,
                    "data_key": str(key.key_id),
                    "purpose": key.purpose,
                    "master_key": key.master_id,
                    "made": key.created_at.isoformat(timespec="seconds"),
                }
                for key in await stored_keys(tx)
            ]
    return rows
