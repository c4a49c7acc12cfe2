"""``lendgate retention``: legal holds, what need not be kept any more, and erasing it."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from lendgate.cli.desk import on_desk
from lendgate.cli.output import Json, err, out, print_json, spoken_errors
from lendgate.cli.settings import service_settings_for
from lendgate.cli.token import TENANT
from lendgate.workflow.retention import (
    ErasedBecause,
    Erasing,
    due_for_erasure,
    erase_due,
    erase_one,
    hold_application,
    holds_in_force,
    release_hold,
)

retention_app = typer.Typer(
    no_args_is_help=True, help="How long records are kept: holds, what is due, and erasing."
)
DataDir = Annotated[Path | None, typer.Option(help="Where the local keys and the embedded database live.")]
Tenant = Annotated[str, typer.Option(help="Whose records.")]
By = Annotated[str | None, typer.Option(help="Who says so, for the audit trail; your account's name.")]
ApplicationId = Annotated[UUID, typer.Argument(help="The application's id.")]


@retention_app.command()
def due(
    tenant: Tenant = TENANT,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the oldest first.")] = 50,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Applications whose time is over; the service erases them every night."""
    with spoken_errors():
        months = service_settings_for(data_dir).retention_months
        found = on_desk(data_dir, lambda desk: due_for_erasure(desk, tenant, months, limit))
    rows = [{"application": str(each.application_id), "kept_until": str(each.kept_until)} for each in found]
    _print_rows(rows, "nothing is due", as_json=json)


@retention_app.command()
def run(data_dir: DataDir = None, json: Json = False) -> None:
    """Erase now, of every tenant, what need not be kept any more; harmless to repeat."""
    with spoken_errors():
        months = service_settings_for(data_dir).retention_months
        erased = on_desk(data_dir, lambda desk: erase_due(desk, months))
    if json:
        print_json({"erased": erased})
        return
    err.print(f"[green]✓[/green] {erased:,} applications erased", highlight=False)


@retention_app.command()
def erase(
    application_id: ApplicationId,
    because: Annotated[str, typer.Option(help="asked_for, or never_an_application: a test, a mistake.")],
    tenant: Tenant = TENANT,
    by: By = None,
    data_dir: DataDir = None,
) -> None:
    """Erase one application for good, once it need not be kept (or never was an application)."""
    with spoken_errors():
        months = service_settings_for(data_dir).retention_months
        one = Erasing(tenant, application_id, _because(because), _operator(by))
        on_desk(data_dir, lambda desk: erase_one(desk, one, months))
    err.print(f"[green]✓[/green] application {application_id} is erased", highlight=False)


@retention_app.command()
def hold(
    application_id: ApplicationId,
    reason: Annotated[str, typer.Option(help="Why: an investigation, a suit, an examination.")],
    tenant: Tenant = TENANT,
    by: By = None,
    data_dir: DataDir = None,
) -> None:
    """Keep an application's records until the hold is lifted."""
    with spoken_errors():
        hold_id = on_desk(
            data_dir, lambda desk: hold_application(desk, tenant, application_id, reason, _operator(by))
        )
    err.print(f"[green]✓[/green] hold {hold_id}", highlight=False)


@retention_app.command()
def lift(
    hold_id: Annotated[UUID, typer.Argument(help="The hold's id.")],
    tenant: Tenant = TENANT,
    by: By = None,
    data_dir: DataDir = None,
) -> None:
    """Lift a hold: from then on the records go when their time is over."""
    with spoken_errors():
        on_desk(data_dir, lambda desk: release_hold(desk, tenant, hold_id, _operator(by)))
    err.print(f"[green]✓[/green] hold {hold_id} is lifted", highlight=False)


@retention_app.command()
def holds(tenant: Tenant = TENANT, data_dir: DataDir = None, json: Json = False) -> None:
    """The holds in force."""
    with spoken_errors():
        found = on_desk(data_dir, lambda desk: holds_in_force(desk, tenant))
    rows = [
        {
            "hold": str(each.hold_id),
            "application": str(each.application_id),
            "reason": each.reason,
            "placed_by": each.placed_by,
            "placed_at": each.placed_at.isoformat(timespec="seconds"),
        }
        for each in found
    ]
    _print_rows(rows, "no holds", as_json=json)


def _because(name: str) -> ErasedBecause:
    match name:
        case "asked_for" | "never_an_application":
            return name
        case _:
            raise typer.BadParameter("asked_for or never_an_application", param_hint="--because")


def _operator(by: str | None) -> str:
    return f"operator:{by or getpass.getuser()}"


def _print_rows(rows: list[dict[str, str]], none: str, *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    table = Table(*(rows[0] if rows else ()))
    for row in rows:
        table.add_row(*row.values())
    out.print(table if rows else none, highlight=False)
