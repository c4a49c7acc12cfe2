"""``lendgate validate FILE``: would the gate let these applications in?"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from lendgate.cli.applications import read_applications
from lendgate.cli.gate import gate_or_none, patiently
from lendgate.cli.output import NO, Json, err, print_json, spoken_errors
from lendgate.client import LendgateClient, RefusedError
from lendgate.errors import InvalidBodyError
from lendgate.intake.parse import parse_application

Verdict = dict[str, Any]


def validate(
    source: Annotated[str, typer.Argument(metavar="FILE|-", help=".json, .jsonl, .csv, or - for input.")],
    json: Json = False,
) -> None:
    """Check applications at the gate (WORKER_BASE_URL), or in this process when none is set.

    Exit 0 when every one is valid, 1 when one is not.
    """
    with spoken_errors(), gate_or_none() as gate:
        if gate is None:
            err.print("[dim]WORKER_BASE_URL is not set: checking in this process, by the same contract[/dim]")
        verdicts = [_verdict(number, body, gate) for number, body in enumerate(read_applications(source), 1)]
    for verdict in verdicts:
        print_json(verdict) if json else _print(verdict)
    if not all(verdict["ok"] for verdict in verdicts):
        raise typer.Exit(NO)


def _verdict(number: int, body: bytes, gate: LendgateClient | None) -> Verdict:
    try:
        if gate is not None:
            validated = patiently(lambda: gate.validate(body))
            return {"line": number, **validated.model_dump(mode="json", exclude_none=True)}
        application = parse_application(body).application
        return {
            "line": number,
            "ok": True,
            "application": application.model_dump(mode="json", exclude_none=True),
        }
    except RefusedError as refusal:
        return {"line": number, **refusal.problem.model_dump(mode="json", exclude_none=True)}
    except InvalidBodyError as cause:
        errors = [{"pointer": error.pointer, "detail": error.detail} for error in cause.errors]
        return {"line": number, "ok": False, "reason": "the application is not valid", "errors": errors}


def _print(verdict: Verdict) -> None:
    if verdict["ok"]:
        err.print(
            f"[green]✓[/green] {verdict['line']}: {verdict['application']['applicant_id']}", highlight=False
        )
        return
    err.print(f"[red]✗[/red] {verdict['line']}: {escape(verdict['reason'])}", highlight=False)
    for error in verdict["errors"]:
        err.print(f"    {error['pointer'] or 'body'}: {error['detail']}", highlight=False, markup=False)
