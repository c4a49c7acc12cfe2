"""``lendgate edge doctor``: what stands between you and a working gate on Cloudflare."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace

import typer
from rich.markup import escape

from lendgate.cli.edge_probe import origin_finding
from lendgate.cli.edge_session import (
    Config,
    Environment,
    Files,
    GateUrl,
    Session,
    edge_session,
    read_files,
    spoken_edge_errors,
)
from lendgate.cli.output import NO, Json, out, print_json
from lendgate.cloudflare.actual import read_live
from lendgate.cloudflare.check import Asked, ask
from lendgate.cloudflare.desired import SIGNING_ALG, SIGNING_KEY_ID
from lendgate.cloudflare.doctor import clock_finding, examine, gate_finding
from lendgate.cloudflare.findings import Finding

_MARKS = {"ok": "[green]✓[/green]", "problem": "[red]✗[/red]", "unknown": "[yellow]?[/yellow]"}


def doctor(
    env: Environment = None, config: Config = None, gate_url: GateUrl = None, json: Json = False
) -> None:
    """Look at the token, its permissions, the account, the Worker, the gate, the origin and the clock.

    Only reads. With LENDGATE_TOKEN a signed round trip through the gate is tried; with ORIGIN_SIGNING_KEY
    this machine also signs one request to ORIGIN_URL itself. Leaves with 1 when anything is wrong.
    """
    files = Files(env, config, gate_url=gate_url)
    with spoken_edge_errors():
        read_files(files)
        findings = asyncio.run(_doctor(files))
    if json:
        print_json({"findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            _show(finding)
    if any(finding.verdict == "problem" for finding in findings):
        raise typer.Exit(NO)


async def _doctor(files: Files) -> list[Finding]:
    async with edge_session(files) as session:
        examined = await examine(session.worker, session.desired, session.credentials.account_id)
        findings = list(examined.findings)
        findings.append(clock_finding(session.clock.now(), session.api.server_date))
        if examined.can_read:
            findings += await _deployed(session)
        return [replace(finding, says=session.api.scrub(finding.says)) for finding in findings]


async def _deployed(session: Session) -> list[Finding]:
    """What takes traffic: does it work, and does the origin believe the key?"""
    live = await read_live(session.worker)
    if live is None or live.baseline is None:
        return [Finding("deployment", "problem", "no version takes traffic", "Run `lendgate edge deploy`.")]
    findings = [gate_finding(await ask(session.http, await session.gate(), Asked(), session.clock, tries=1))]
    origin = live.variable("ORIGIN_URL")
    if origin:
        key_id, algorithm = live.variable(SIGNING_KEY_ID), live.variable(SIGNING_ALG)
        findings.append(
            await origin_finding(session.http, origin, key_id or "", algorithm or "", session.environ)
        )
    return findings


def _show(finding: Finding) -> None:
    out.print(
        f"{_MARKS[finding.verdict]} [bold]{escape(finding.check)}[/bold]  {escape(finding.says)}",
        highlight=False,
        soft_wrap=True,
    )
    if finding.do and finding.verdict != "ok":
        out.print(f"    {escape(finding.do)}", highlight=False, soft_wrap=True)
