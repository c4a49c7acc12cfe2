"""``lendgate worker``: one more process at the queue, on this machine or any that reaches the database."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from lendgate.bootstrap import open_service
from lendgate.cli.output import Json, err, print_json, spoken_errors
from lendgate.cli.settings import service_settings_for, with_local_keys
from lendgate.settings import ServiceSettings
from lendgate.web.logs import configure


def worker(
    data_dir: Annotated[Path | None, typer.Option(help="Where data, keys and logs live.")] = None,
    json: Json = False,
) -> None:
    """Work off the queue until SIGTERM or Ctrl-C; then finish what is in hand, or hand it back.

    Needs the same database, keys and policy as the service. With --json, one line says that it is ready.
    """
    with spoken_errors():
        settings = with_local_keys(service_settings_for(data_dir))
        configure(settings.log_level)
        asyncio.run(_work(settings, json_line=json))


async def _work(settings: ServiceSettings, *, json_line: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with open_service(settings):
        if json_line:
            print_json({"ready": True, "concurrency": settings.worker_concurrency})
        else:
            err.print(f"[green]✓[/green] at work, {settings.worker_concurrency} at a time", highlight=False)
        await stop.wait()
