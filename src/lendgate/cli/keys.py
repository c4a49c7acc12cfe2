"""``lendgate keys``: the keys of personal data: which there are, and how they are rotated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from lendgate.cli.desk import on_desk
from lendgate.cli.output import Json, err, out, print_json, spoken_errors
from lendgate.store.audit_log import tenants
from lendgate.store.data_keys import stored_keys
from lendgate.workflow.desk import Desk
from lendgate.workflow.key_care import rotate_keys

keys_app = typer.Typer(no_args_is_help=True, help="The keys of personal data: list and rotate them.")
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
