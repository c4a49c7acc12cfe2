"""``lendgate edge plan``: what a deploy would change."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from lendgate.cli.edge_session import (
    CHANGES,
    BundleDirectory,
    Config,
    Environment,
    Files,
    edge_session,
    spoken_edge_errors,
)
from lendgate.cli.edge_shown import plan_json, show_plan
from lendgate.cli.output import Json, print_json
from lendgate.cloudflare.bundle import BUNDLE
from lendgate.cloudflare.plan import Plan, make_plan


def plan(
    env: Environment = None,
    config: Config = None,
    bundle: BundleDirectory = BUNDLE,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Leave with 2 if anything changes.")] = False,
    json: Json = False,
) -> None:
    """Show what `lendgate edge deploy` would change; changes nothing itself."""
    with spoken_edge_errors():
        made = asyncio.run(_plan(Files(env, config, bundle)))
    if json:
        print_json(plan_json(made))
    else:
        show_plan(made)
    if exit_code and made.changes:
        raise typer.Exit(CHANGES)


async def _plan(files: Files) -> Plan:
    async with edge_session(files) as session:
        return make_plan(session.desired, await session.actual())
