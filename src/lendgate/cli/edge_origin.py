"""``lendgate edge origin``: the service alone, for a gate that runs on Cloudflare.

Law: everything secret is given by the environment; nothing is made up here, because keys that exist on one
machine only are keys the gate does not have.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Annotated

import typer

from lendgate.bootstrap import open_service
from lendgate.cli.output import Json, err, print_json, spoken_errors
from lendgate.errors import SettingsError
from lendgate.settings import ServiceSettings, service_settings
from lendgate.web.app import create_app
from lendgate.web.logs import configure
from lendgate.web.server import run, serving


def origin(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 in a container.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    json: Json = False,
) -> None:
    """Run the service without a local gate; SIGTERM or Ctrl-C stops it.

    Needs LENDGATE_EDGE_KEYS (whose signatures it accepts), LENDGATE_AUDIT_KEY, LENDGATE_DATA_KEY and
    LENDGATE_DATABASE_URL.
    """
    with spoken_errors():
        settings = service_settings()
        require_all(settings)
        configure(settings.log_level)
        run(_until_told(settings, host, port, json=json))


def require_all(settings: ServiceSettings) -> None:
    """Refuse to start with anything missing that a single machine could make up for itself.

    Raises:
        SettingsError: names what is missing.
    """
    needed = {
        "LENDGATE_EDGE_KEYS": settings.edge_keys,
        "LENDGATE_AUDIT_KEY": settings.audit_key,
        "LENDGATE_DATA_KEY": settings.data_key,
        "LENDGATE_DATABASE_URL": settings.database_url,
    }
    missing = [name for name, value in needed.items() if value is None]
    if missing:
        raise SettingsError(
            f"{', '.join(missing)}: not set. A service behind a gate elsewhere needs them (or *_FILE): "
            "see docs/how-to/connect-the-origin.md"
        )


async def serve_origin(
    settings: ServiceSettings, host: str, port: int, stop: asyncio.Event, started: Callable[[int], None]
) -> None:
    """Serve until ``stop``; ``started`` is told the port."""
    async with open_service(settings) as service, serving(create_app(service), host, port) as bound:
        started(bound)
        await stop.wait()


async def _until_told(settings: ServiceSettings, host: str, port: int, *, json: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def started(bound: int) -> None:
        if json:
            print_json({"host": host, "port": bound})
        else:
            err.print(f"service http://{host}:{bound}", highlight=False)

    await serve_origin(settings, host, port, stop, started)
