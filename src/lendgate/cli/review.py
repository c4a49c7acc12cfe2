"""``lendgate review FILE|-``: one review in full, or many with a progress bar and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from lendgate.agent import LendingAgent
from lendgate.cli.applications import UnreadableFileError, read_applications
from lendgate.cli.gate import gate_or_none, patiently
from lendgate.cli.output import NO, Json, err, out, print_json, spoken_errors
from lendgate.client import LendgateClient, RefusedError
from lendgate.errors import InvalidBodyError
from lendgate.intake.parse import parse_application

Result = dict[str, Any]
Reviewing = Callable[[bytes], Result]


def review(
    source: Annotated[str, typer.Argument(metavar="FILE|-", help=".json, .jsonl, .csv, or - for input.")],
    wait: Annotated[float, typer.Option(help="Seconds to wait for each result, 20 at the most.")] = 20,
    json: Json = False,
) -> None:
    """Review applications through the gate (WORKER_BASE_URL), or in this process when none is set.

    With --json, one JSON line a result. Exit 1 when an application was refused.
    """
    with spoken_errors(), gate_or_none() as gate:
        if gate is None:
            err.print("[dim]WORKER_BASE_URL is not set: reviewing in this process; nothing is stored[/dim]")
        tally: Counter[str] = Counter()
        results = _results(read_applications(source), _reviewing(gate, wait), tally)
        first = next(results, None)
        second = next(results, None)
        if first and not second:
            print_json(first) if json else _print_one(first)
        else:
            _print_many([item for item in (first, second) if item], results, json_lines=json)
            _print_summary(tally)
    if tally["refused"]:
        raise typer.Exit(NO)


def _reviewing(gate: LendgateClient | None, wait: float) -> Reviewing:
    if gate is not None:

        def at_the_gate(body: bytes) -> Result:
            review = patiently(lambda: gate.review(body, wait=wait))
            return review.model_dump(mode="json", exclude_none=True)

        return at_the_gate
    agent = LendingAgent()

    def in_process(body: bytes) -> Result:
        case = agent.analyze(parse_application(body).application)
        return {
            "applicant_id": case.application.applicant_id,
            "recommendation": case.recommendation.model_dump(mode="json", exclude_none=True),
            "memo": case.memo.model_dump(mode="json", exclude_none=True),
        }

    return in_process


def _results(bodies: Iterator[bytes], reviewing: Reviewing, tally: Counter[str]) -> Iterator[Result]:
    """One result an application; a refused one is a result too and does not end the run.

    A file that turns out to be unreadable ends with one refused result more: what came before was done.
    """
    line = 0
    try:
        for line, body in enumerate(bodies, 1):
            result = _result(body, reviewing)
            tally[_outcome(result)] += 1
            yield {"line": line, **result}
    except UnreadableFileError as cause:
        tally["refused"] += 1
        yield {"line": line + 1, "ok": False, "reason": str(cause), "errors": []}


def _result(body: bytes, reviewing: Reviewing) -> Result:
    try:
        return reviewing(body)
    except RefusedError as refusal:
        return refusal.problem.model_dump(mode="json", exclude_none=True)
    except InvalidBodyError as cause:
        errors = [{"pointer": error.pointer, "detail": error.detail} for error in cause.errors]
        return {"ok": False, "reason": "the application is not valid", "errors": errors}


def _outcome(result: Result) -> str:
    if result.get("ok") is False:
        return "refused"
    return str(result.get("recommendation", {}).get("outcome", result.get("status")))


def _print_one(result: Result) -> None:
    if result.get("ok") is False:
        err.print(f"[red]✗[/red] {escape(result['reason'])}", highlight=False)
        for error in result["errors"]:
            err.print(f"    {error['pointer'] or 'body'}: {error['detail']}", highlight=False, markup=False)
        return
    out.print(f"[bold]{result['applicant_id']}: {_outcome(result)}[/bold]\n", highlight=False)
    memo = result.get("memo")
    if memo is None:
        out.print(f"accepted; the result will be at review {result['review_id']}", highlight=False)
        return
    passed = ", ".join(memo["checks_passed"]) or "none could be confirmed"
    out.print(f"{memo['risk_summary']}\n\nPrimary checks passed: {passed}.\n", highlight=False, markup=False)
    out.print(f"Recommended next step: {memo['next_step']}", highlight=False, markup=False)
    reasons = [reason["text"] for reason in result["recommendation"]["reasons"]]
    if reasons:
        out.print(f"\nPrincipal reasons: {'; '.join(reasons)}.", highlight=False, markup=False)


def _print_many(begun: list[Result], rest: Iterator[Result], *, json_lines: bool) -> None:
    columns = (SpinnerColumn(), TextColumn("reviewed"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("", total=None)
        for results in (iter(begun), rest):
            for result in results:
                progress.advance(task)
                print_json(result) if json_lines else _print_line(result)


def _print_line(result: Result) -> None:
    name = result.get("applicant_id", "?")
    reasons = [reason["text"] for reason in result.get("recommendation", {}).get("reasons", [])]
    places = [f"{error['pointer'] or 'body'} {error['detail']}" for error in result.get("errors", [])]
    words = "; ".join(reasons or places) or result.get("reason", "")
    out.print(f"{result['line']:>6}  {_outcome(result):<10}  {name}  {words}", highlight=False, markup=False)


def _print_summary(tally: Counter[str]) -> None:
    table = Table(title="outcomes")
    table.add_column("outcome")
    table.add_column("applications", justify="right")
    table.add_column("share", justify="right")
    total = sum(tally.values()) or 1
    for outcome, count in tally.most_common():
        table.add_row(outcome, f"{count:,}", f"{count / total:.1%}")
    err.print(table)
