"""``lendgate serve``: the service and a local Worker, until told to stop."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from lendgate.cli.local import LocalPlatform, running_platform
from lendgate.cli.output import MISCONFIGURED, Json, err, fail, print_json, spoken_errors
from lendgate.cli.settings import service_settings_for
from lendgate.settings import ServiceSettings
from lendgate.web.logs import configure
from lendgate.web.server import run


def serve(
    port: Annotated[int, typer.Option(help="Port of the gate; 0 takes a free one.")] = 8787,
    origin_port: Annotated[int, typer.Option(help="Port of the service; 0 takes a free one.")] = 0,
    data_dir: Annotated[Path | None, typer.Option(help="Where data, keys and logs live.")] = None,
    json: Json = False,
) -> None:
    """Run the service and the Worker in workerd on this machine; SIGTERM or Ctrl-C stops both.

    With --json, one line says where everything is once it is ready.
    """
    with spoken_errors():
        settings = service_settings_for(data_dir)
        configure(settings.log_level)
        run(_serve(settings, port, origin_port, json_line=json))


async def _serve(settings: ServiceSettings, port: int, origin_port: int, *, json_line: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running_platform(settings, port=port, origin_port=origin_port) as platform:
        _announce(platform, json_line=json_line)
        ended = asyncio.create_task(platform.gate.ended())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not stopped.done():
            raise fail(f"the gate stopped by itself: {await ended}", MISCONFIGURED)


def _announce(platform: LocalPlatform, *, json_line: bool) -> None:
    if json_line:
        print_json(
            {
                "worker_base_url": platform.worker_base_url,
                "origin_url": platform.origin_url,
                "token": platform.token,
                "data_dir": str(platform.data_dir),
            }
        )
        return
    err.print(f"[green]✓[/green] gate     {platform.worker_base_url}", highlight=False)
    err.print(f"[green]✓[/green] service  {platform.origin_url}", highlight=False)
    err.print(f"[green]✓[/green] data     {platform.data_dir}\n", highlight=False)
    err.print("In another terminal:", highlight=False)
    typer.echo(f"export WORKER_BASE_URL={platform.worker_base_url}\nexport LENDGATE_TOKEN={platform.token}")
