"""``lendgate review FILE|-``: one review in full, or a whole portfolio with its summary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.markup import escape

from lendgate.cli.again import review_again
from lendgate.cli.applications import Rows, open_rows
from lendgate.cli.bulk.backtest import Part
from lendgate.cli.bulk.batch_run import review_in_batches
from lendgate.cli.bulk.drawing import drawing
from lendgate.cli.bulk.journal import How, begin
from lendgate.cli.bulk.reviewing import Result, Reviewed
from lendgate.cli.bulk.roads import Road, numbered_rows
from lendgate.cli.bulk.run import into, parts_of, put_out, to_standard_output
from lendgate.cli.bulk.tally import REFUSED, Tally, outcome_of
from lendgate.cli.bulk.terminal import summary
from lendgate.cli.gate import gate_or_none
from lendgate.cli.output import NO, USAGE, Json, err, fail, out, print_json, spoken_errors
from lendgate.cli.settings import service_settings_for, with_local_keys
from lendgate.cli.token import TENANT


def review(
    source: Annotated[
        str, typer.Argument(metavar="FILE|-", help=".json, .jsonl, .csv, .parquet, or - for input.")
    ] = "",
    wait: Annotated[float, typer.Option(help="Seconds to wait for each result, 20 at the most.")] = 20,
    output: Annotated[
        Path | None, typer.Option("--out", help="Write results here as JSON lines, with a journal beside it.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was killed.")] = False,
    policy_only: Annotated[
        bool, typer.Option("--policy-only", help="A back-test: what the policy here says, without memos.")
    ] = False,
    batch: Annotated[
        bool, typer.Option("--batch", help="By Message Batches: half the price, within a day. Needs --out.")
    ] = False,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes of a back-test; one a CPU unless told.")
    ] = None,
    svg: Annotated[Path | None, typer.Option(help="Draw the summary into this file.")] = None,
    again: Annotated[
        UUID | None, typer.Option(metavar="ID", help="Have the memo of an ended review written again.")
    ] = None,
    tenant: Annotated[
        str, typer.Option(help="Whose review --again is about, whose money --batch spends.")
    ] = TENANT,
    data_dir: Annotated[Path | None, typer.Option(help="Where the embedded database lives.")] = None,
    json: Json = False,
) -> None:
    """Review applications through the gate (WORKER_BASE_URL), or in this process when none is set.

    With --json, one JSON line a result. Exit 1 when an application was refused.
    """
    wanted = _Wanted(
        source, output, resume, policy_only, batch, wait, processes, tenant, data_dir, json, again
    )
    wanted.refuse_nonsense()
    with spoken_errors():
        if again is not None:
            review_again(again, tenant, data_dir, json=json)
            return
        with open_rows(source) as opened:
            tally = _reviewed(wanted, opened)
        if tally.total != 1:
            err.print(summary(tally))
        if svg is not None:
            svg.write_text(drawing(tally, f"{tally.total:,} applications"), encoding="utf-8")
    if tally.outcomes[REFUSED]:
        raise typer.Exit(NO)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the command was asked for, in the words of its options."""

    source: str
    output: Path | None
    resume: bool
    policy_only: bool
    batch: bool
    wait: float
    processes: int | None
    tenant: str
    data_dir: Path | None
    json_lines: bool
    again: UUID | None

    def refuse_nonsense(self) -> None:
        """Exit 2 for options that do not go together."""
        if bool(self.source) == (self.again is not None):
            raise fail("give a file of applications, or --again and the id of a review", USAGE)
        if self.output is None and (self.resume or self.batch):
            raise fail("--resume and --batch need a file of results: name it with --out", USAGE)
        if self.batch and self.policy_only:
            raise fail("a back-test asks no model: leave --batch or --policy-only out", USAGE)


def _reviewed(wanted: _Wanted, opened: Rows) -> Tally:
    if wanted.batch and wanted.output is not None:
        settings = with_local_keys(service_settings_for(wanted.data_dir))
        files = (Path(wanted.source), wanted.output)
        return review_in_batches(settings, wanted.tenant, *files, numbered_rows(opened), resume=wanted.resume)
    with gate_or_none() as gate:
        how: How = "policy-only" if wanted.policy_only else "gate" if gate else "in-process"
        if how == "in-process":
            err.print("[dim]WORKER_BASE_URL is not set: reviewing in this process; nothing is stored[/dim]")
        return _along(Road(how, gate, wanted.wait, wanted.processes), wanted, opened)


def _along(road: Road, wanted: _Wanted, opened: Rows) -> Tally:
    if wanted.output is not None:
        return _into_file(opened, road, Path(wanted.source), wanted.output, resume=wanted.resume)
    if not wanted.policy_only:
        return _shown(opened, road, json_lines=wanted.json_lines)
    with road.parts(opened) as parts:
        return put_out(parts, to_standard_output if wanted.json_lines else _nowhere, opened.share)


def _into_file(opened: Rows, road: Road, source: Path, output: Path, *, resume: bool) -> Tally:
    journal = begin(output, source, road.how, road.policy, resume=resume)
    with (
        into(output, journal) as put,
        road.parts(opened, run=journal.run, skip=journal.rows) as parts,
    ):
        put_out(parts, put, opened.share)
    return journal.tally


def _nowhere(_part: Part) -> None:
    """Only the summary is asked for."""


def _shown(opened: Rows, road: Road, *, json_lines: bool) -> Tally:
    """One application in full, or a line for each of many."""
    with road.results(opened) as results:
        begun = list(islice(results, 2))
        if len(begun) == 1:
            return _show_one(begun[0], json_line=json_lines)
        every = chain(begun, results)
        if json_lines:
            return put_out(parts_of(every), to_standard_output, opened.share)
        return put_out(parts_of(_printed(every)), _nowhere, opened.share)


def _printed(results: Iterator[Reviewed]) -> Iterator[Reviewed]:
    for reviewed in results:
        _print_line(reviewed.result)
        yield reviewed


def _show_one(reviewed: Reviewed, *, json_line: bool) -> Tally:
    print_json(reviewed.result) if json_line else _print_one(reviewed.result)
    tally = Tally()
    tally.count(reviewed.result, reviewed.ratio)
    return tally


def _print_one(result: Result) -> None:
    if result.get("ok") is False:
        err.print(f"[red]✗[/red] {escape(result['reason'])}", highlight=False)
        for error in result["errors"]:
            err.print(f"    {error['pointer'] or 'body'}: {error['detail']}", highlight=False, markup=False)
        return
    out.print(f"[bold]{result['applicant_id']}: {outcome_of(result)}[/bold]\n", highlight=False)
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


def _print_line(result: Result) -> None:
    name = result.get("applicant_id", "?")
    reasons = [reason["text"] for reason in result.get("recommendation", {}).get("reasons", [])]
    places = [f"{error['pointer'] or 'body'} {error['detail']}" for error in result.get("errors", [])]
    words = "; ".join(reasons or places) or result.get("reason", "")
    out.print(
        f"{result['line']:>6}  {outcome_of(result):<10}  {name}  {words}", highlight=False, markup=False
    )
