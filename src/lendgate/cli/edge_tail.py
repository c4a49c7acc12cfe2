"""``lendgate edge tail``: the Worker's live log, without anybody's data."""

from __future__ import annotations

import asyncio
import contextlib

from lendgate.cli.edge_session import Config, Environment, Files, edge_session, spoken_edge_errors
from lendgate.cli.output import Json, out, print_json
from lendgate.cloudflare.tail import LogLine, follow


def tail(env: Environment = None, config: Config = None, json: Json = False) -> None:
    """Show what the deployed Worker does, as it happens, until Ctrl-C.

    Only methods, paths, outcomes and ids are shown; whatever could be about a person or open a door is
    hidden.
    """
    with spoken_edge_errors(), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_tail(Files(env, config), json=json))


async def _tail(files: Files, *, json: bool) -> None:
    async with edge_session(files) as session:
        session.say(f"following {session.worker.name}; Ctrl-C ends it")
        async with contextlib.aclosing(follow(session.worker)) as lines:
            async for line in lines:
                _show(line, json=json)
        session.say("Cloudflare ended the live log")


def _show(line: LogLine, *, json: bool) -> None:
    if json:
        print_json(line.as_json())
    else:
        out.print(str(line), highlight=False, markup=False, soft_wrap=True)
