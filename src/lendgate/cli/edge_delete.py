"""``lendgate edge delete``: take the Worker away, after saying what goes with it."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from lendgate.cli.edge_session import (
    Config,
    Environment,
    Files,
    edge_session,
    spoken_edge_errors,
)
from lendgate.cli.output import NO, Json, out, print_json
from lendgate.cloudflare.delete import Loss, count_loss
from lendgate.cloudflare.delete import delete as delete_worker


def delete(
    env: Environment = None,
    config: Config = None,
    force: Annotated[bool, typer.Option("--force", help="Delete it; else only say what is lost.")] = False,
    json: Json = False,
) -> None:
    """Say what deleting the Worker would lose; with --force, delete it."""
    with spoken_edge_errors():
        loss = asyncio.run(_delete(Files(env, config), force=force))
    if json:
        print_json({"nothing": loss.nothing, "lost": loss.lines(), "deleted": force and not loss.nothing})
    elif loss.nothing:
        out.print("nothing to delete", highlight=False)
    else:
        out.print("lost:" if force else "this would be lost:", highlight=False)
        for line in loss.lines():
            out.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)
    if not force and not loss.nothing:
        raise typer.Exit(NO)


async def _delete(files: Files, *, force: bool) -> Loss:
    async with edge_session(files) as session:
        actual = await session.actual()
        loss = await count_loss(session.worker, actual)
        if force and not loss.nothing:
            await delete_worker(session.worker, actual, session.say)
        return loss
