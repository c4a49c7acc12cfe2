"""``lendgate edge versions``, ``promote`` and ``rollback``: which version takes which part of the traffic."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from lendgate.cli.edge_session import (
    Config,
    Environment,
    Files,
    GateUrl,
    Yes,
    confirm,
    edge_session,
    spoken_edge_errors,
)
from lendgate.cli.edge_shown import checked_json, shares_json, show_checked
from lendgate.cli.output import NO, Json, out, print_json
from lendgate.cloudflare.versions import Moved, Row, list_versions, promote, rollback

VersionName = Annotated[str, typer.Argument(metavar="VERSION", help="Its id, how one begins, or its number.")]


def versions(env: Environment = None, config: Config = None, json: Json = False) -> None:
    """List the versions that can be deployed, newest first, with their traffic."""
    with spoken_edge_errors():
        rows = asyncio.run(_versions(Files(env, config)))
    if json:
        print_json({"versions": [_row_json(row) for row in rows]})
        return
    table = Table("number", "version", "traffic", "made", "by", "note", box=None)
    for row in rows:
        version = row.version
        table.add_row(
            str(version.number),
            version.id,
            "" if row.percentage is None else f"{row.percentage:g} %",
            version.metadata.created_on,
            version.metadata.author_email or version.metadata.source,
            version.annotations.message,
        )
    out.print(table)


def promote_version(
    version: VersionName,
    percent: Annotated[float, typer.Option(min=0, max=100, help="Its part of the traffic.")] = 100,
    env: Environment = None,
    config: Config = None,
    gate_url: GateUrl = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Give a version a part of the traffic, after asking it whether it works."""
    with spoken_edge_errors():
        confirm(f"Give version {version} {percent:g} % of the traffic?", yes=yes)
        moved = asyncio.run(_promote(Files(env, config, gate_url=gate_url), version, percent))
    _finish(moved, json=json)


def rollback_version(
    version: Annotated[
        str | None, typer.Argument(metavar="[VERSION]", help="By default who had all traffic before.")
    ] = None,
    env: Environment = None,
    config: Config = None,
    gate_url: GateUrl = None,
    accept_old_secrets: Annotated[
        bool, typer.Option("--accept-old-secrets", help="Go back although a secret has changed since.")
    ] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Give all traffic to an earlier version at once.

    It brings back code, variables and secrets of that version, and nothing else: Durable Object data,
    domains, routes and observability stay. It cannot cross a change of Durable Object classes. A version
    from before a secret changed needs --accept-old-secrets; the origin must still accept its signing key.
    """
    with spoken_edge_errors():
        confirm(f"Give all traffic to {version or 'the version before'}?", yes=yes)
        files = Files(env, config, gate_url=gate_url)
        moved = asyncio.run(_rollback(files, version, accept_old_secrets=accept_old_secrets))
    _finish(moved, json=json)


async def _versions(files: Files) -> list[Row]:
    async with edge_session(files) as session:
        return await list_versions(session.worker)


async def _promote(files: Files, version: str, percent: float) -> Moved:
    async with edge_session(files) as session:
        return await promote(session.worker, version, percent, check=session.check, say=session.say)


async def _rollback(files: Files, version: str | None, *, accept_old_secrets: bool) -> Moved:
    async with edge_session(files) as session:
        return await rollback(
            session.worker,
            version,
            accept_old_secrets=accept_old_secrets,
            check=session.check,
            say=session.say,
        )


def _finish(moved: Moved, *, json: bool) -> None:
    if json:
        print_json(
            {
                "shares": shares_json(moved.shares),
                "check": checked_json(moved.checked),
                "notes": list(moved.notes),
            }
        )
    else:
        show_checked(moved.checked)
        for note in moved.notes:
            out.print(f"note: {note}", highlight=False, markup=False, soft_wrap=True)
    if moved.checked.verdict == "fails":
        raise typer.Exit(NO)


def _row_json(row: Row) -> dict[str, object]:
    version = row.version
    return {
        "id": version.id,
        "number": version.number,
        "percentage": row.percentage,
        "created_on": version.metadata.created_on,
        "author": version.metadata.author_email or version.metadata.source,
        "tag": version.annotations.tag,
        "message": version.annotations.message,
    }
