"""``lendgate monitoring``: monitoring information, read and sealed anew by the database's owner alone."""

from __future__ import annotations

import asyncio
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from lendgate.bootstrap import master_keys, open_desk
from lendgate.cli.output import Json, err, print_json, spoken_errors
from lendgate.cli.settings import service_settings_for, with_local_keys
from lendgate.cli.token import TENANT
from lendgate.errors import SettingsError
from lendgate.settings import ServiceSettings
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.monitoring_report import monitoring_of
from lendgate.workflow.key_care import seal_monitoring_anew

monitoring_app = typer.Typer(
    no_args_is_help=True, help="Monitoring information for reports, read by the database's owner."
)
DataDir = Annotated[Path | None, typer.Option(help="Where the local keys and the embedded database live.")]


@monitoring_app.command()
def export(tenant: Annotated[str, typer.Option(help="Whose.")] = TENANT, data_dir: DataDir = None) -> None:
    """Print a tenant's monitoring information as JSON lines (needs LENDGATE_DATABASE_OWNER_URL)."""
    with spoken_errors(), ExitStack() as stack:
        settings = with_local_keys(service_settings_for(data_dir))
        url = _owner_url(settings, stack)
        for application_id, text in monitoring_of(url, tenant, master_keys(settings)):
            line = {"application_id": str(application_id), "monitoring": json.loads(text)}
            typer.echo(json.dumps(line, ensure_ascii=True))


@monitoring_app.command()
def renew(data_dir: DataDir = None, json: Json = False) -> None:
    """Seal every tenant's monitoring information with its data key in force (LENDGATE_DATABASE_OWNER_URL).

    To be run an hour or more after `lendgate keys rotate --renew`; until then it does nothing. It can be
    broken off and begun again, and `lendgate keys progress` says how far it has come.
    """
    with spoken_errors(), ExitStack() as stack:
        settings = with_local_keys(service_settings_for(data_dir))
        rows = asyncio.run(_renewed(settings, _owner_url(settings, stack)))
    if json:
        print_json({"rows": rows})
        return
    err.print(f"[green]✓[/green] {rows:,} rows sealed anew", highlight=False)


async def _renewed(settings: ServiceSettings, owner_url: str) -> int:
    async with open_desk(settings, owner_url=owner_url) as desk:
        return await seal_monitoring_anew(desk)


def _owner_url(settings: ServiceSettings, stack: ExitStack) -> str:
    if settings.database_owner_url is not None:
        return settings.database_owner_url.get_secret_value()
    if settings.database_url is not None:
        raise SettingsError("LENDGATE_DATABASE_OWNER_URL is not set: the service's role cannot read this")
    return stack.enter_context(EmbeddedPostgres(settings.data_dir.resolve() / "postgres")).owner_url
