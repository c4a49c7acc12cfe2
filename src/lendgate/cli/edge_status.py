"""``lendgate edge status``: is what runs on Cloudflare what is here?"""

from __future__ import annotations

import asyncio

import typer
from pydantic import JsonValue

from lendgate.cli.edge_session import (
    BundleDirectory,
    Config,
    Environment,
    Files,
    edge_session,
    spoken_edge_errors,
)
from lendgate.cli.edge_shown import plan_json, shares_json, show_plan
from lendgate.cli.output import NO, Json, out, print_json
from lendgate.cloudflare.bundle import BUNDLE
from lendgate.cloudflare.plan import make_plan
from lendgate.cloudflare.status import Status, make_status
from lendgate.cloudflare.traffic import shown


def status(
    env: Environment = None, config: Config = None, bundle: BundleDirectory = BUNDLE, json: Json = False
) -> None:
    """Compare the deployed Worker with wrangler.jsonc and the bundle; leaves with 1 when they differ."""
    with spoken_edge_errors():
        found = asyncio.run(_status(Files(env, config, bundle)))
    if json:
        print_json(_json(found))
    else:
        _show(found)
    if not found.in_step:
        raise typer.Exit(NO)


async def _status(files: Files) -> Status:
    async with edge_session(files) as session:
        actual = await session.actual()
        return make_status(session.desired, actual, make_plan(session.desired, actual))


def _show(found: Status) -> None:
    if not found.exists:
        out.print(f"{found.worker} is not deployed", highlight=False)
        return
    there = found.code_there[:12] if found.code_there else "not uploaded by Lendgate"
    lines = [
        f"traffic      {shown(found.shares)}",
        f"code         {there} there, {found.code_here[:12]} here",
        f"signing key  {found.key_id}" + (f", public half {found.public_key}" if found.public_key else ""),
        f"deployed     {found.deployed_on} by {found.deployed_by}",
    ]
    if not found.ours:
        lines.append("the version with the most traffic was not uploaded by Lendgate")
    for line in lines:
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    show_plan(found.plan)


def _json(found: Status) -> dict[str, JsonValue]:
    return {
        "worker": found.worker,
        "exists": found.exists,
        "in_step": found.in_step,
        "shares": shares_json(found.shares),
        "code_here": found.code_here,
        "code_there": found.code_there,
        "key_id": found.key_id,
        "public_key": found.public_key,
        "deployed_on": found.deployed_on,
        "deployed_by": found.deployed_by,
        "ours": found.ours,
        "plan": plan_json(found.plan),
    }
