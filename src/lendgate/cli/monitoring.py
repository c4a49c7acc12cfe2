"""``lendgate monitoring``: monitoring information for reports, read by the database's owner alone."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from lendgate.bootstrap import master_keys
from lendgate.cli.output import spoken_errors
from lendgate.cli.settings import service_settings_for, with_local_keys
from lendgate.cli.token import TENANT
from lendgate.errors import SettingsError
from lendgate.settings import ServiceSettings
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.monitoring_report import monitoring_of

monitoring_app = typer.Typer(
    no_args_is_help=True, help="Monitoring information for reports, read by the database's owner."
)
DataDir = Annotated[Path | None, typer.Option(help="Where the local keys and the embedded database live.")]


@monitoring_app.callback()
def _group() -> None:
    """Keeps ``export`` a command of its own beside those to come."""


@monitoring_app.command()
def export(tenant: Annotated[str, typer.Option(help="Whose.")] = TENANT, data_dir: DataDir = None) -> None:
    """Print a tenant's monitoring information as JSON lines (needs LENDGATE_DATABASE_OWNER_URL)."""
    with spoken_errors(), ExitStack() as stack:
        settings = with_local_keys(service_settings_for(data_dir))
        url = _owner_url(settings, stack)
        for application_id, text in monitoring_of(url, tenant, master_keys(settings)):
            line = {"application_id": str(application_id), "monitoring": json.loads(text)}
            typer.echo(json.dumps(line, ensure_ascii=True))


def _owner_url(settings: ServiceSettings, stack: ExitStack) -> str:
    if settings.database_owner_url is not None:
        return settings.database_owner_url.get_secret_value()
    if settings.database_url is not None:
        raise SettingsError("LENDGATE_DATABASE_OWNER_URL is not set: the service's role cannot read this")
    return stack.enter_context(EmbeddedPostgres(settings.data_dir.resolve() / "postgres")).owner_url
