"""``lendgate usage``: what models cost a tenant, by day, purpose and model."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from lendgate.bootstrap import open_database
from lendgate.cli.output import Json, err, out, print_json, spoken_errors
from lendgate.cli.settings import service_settings_for
from lendgate.cli.token import TENANT
from lendgate.settings import ServiceSettings
from lendgate.store.usage import UsageLine, usage_since


def usage(
    tenant: Annotated[str, typer.Option(help="Whose use.")] = TENANT,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days back, today included.")] = 30,
    data_dir: Annotated[Path | None, typer.Option(help="Where the embedded database lives.")] = None,
    json: Json = False,
) -> None:
    """Show what models cost, and what is left of today's ceiling."""
    with spoken_errors():
        settings = service_settings_for(data_dir)
        today = datetime.now(UTC).date()
        lines = asyncio.run(_read(settings, tenant, today - timedelta(days=days - 1)))
    spent = sum((line.cost_usd for line in lines if line.day == today), Decimal(0))
    left = max(settings.spend_tenant_day_usd - spent, Decimal(0))
    if json:
        shown = [asdict(line) | {"cached_share": round(line.cached_share, 4)} for line in lines]
        print_json({"tenant": tenant, "left_today_usd": left, "usage": shown})
        return
    if lines:
        out.print(_table(lines))
    else:
        err.print(f"tenant {tenant} has used no model in {days} days", highlight=False)
    ceiling = settings.spend_tenant_day_usd
    err.print(f"${left:.2f} of today's ceiling of ${ceiling:.2f} are left", highlight=False)


async def _read(settings: ServiceSettings, tenant: str, first: date) -> list[UsageLine]:
    async with open_database(settings, 1) as database, database.tenant(tenant) as tx:
        return await usage_since(tx, first)


def _table(lines: list[UsageLine]) -> Table:
    table = Table(title="model use, US dollars")
    for column in ("day", "purpose", "model"):
        table.add_column(column, overflow="fold")
    for column in ("calls", "open", "input tokens", "cached", "output tokens", "cost"):
        table.add_column(column, justify="right", overflow="fold")
    for line in lines:
        table.add_row(
            f"{line.day}",
            line.purpose,
            line.model,
            f"{line.calls:,}",
            f"{line.open_calls:,}",
            f"{line.input_tokens:,}",
            f"{line.cached_share:.0%}",
            f"{line.output_tokens:,}",
            f"{line.cost_usd:.4f}",
        )
    total = sum((line.cost_usd for line in lines), Decimal(0))
    table.add_section()
    table.add_row("", "", "", f"{sum(line.calls for line in lines):,}", "", "", "", "", f"{total:.4f}")
    return table
