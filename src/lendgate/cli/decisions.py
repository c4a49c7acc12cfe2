"""``lendgate decisions``: what was decided, its notice as a file, and whether it can be made again."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from lendgate.cli.desk import on_desk
from lendgate.cli.output import NO, Json, err, fail, out, print_json, spoken_errors
from lendgate.cli.token import TENANT
from lendgate.decision.html import html_of
from lendgate.decision.letter import Letter
from lendgate.decision.pdf import pdf_of
from lendgate.errors import NotFoundError
from lendgate.policy.pack import load_pack
from lendgate.store.decisions import StoredDecision, decision_ids, load_decision, load_standing
from lendgate.workflow.deadlines import note_reasons_given, note_reasons_request
from lendgate.workflow.desk import Desk
from lendgate.workflow.replay import Replayed, WhatIf, replay_stored, what_if

decisions_app = typer.Typer(no_args_is_help=True, help="Decisions: show one, its notice, make it again.")
Tenant = Annotated[str, typer.Option(help="Whose decisions.")]
DataDir = Annotated[Path | None, typer.Option(help="Where the local keys and the embedded database live.")]
AReview = Annotated[UUID, typer.Argument(help="The id of the review.")]
AnId = Annotated[UUID, typer.Argument(metavar="ID", help="The id of the decision, or of its review.")]


@decisions_app.command()
def show(of: AnId, tenant: Tenant = TENANT, data_dir: DataDir = None) -> None:
    """Print a decision as its broker sees it, as JSON."""
    with spoken_errors():
        stored = on_desk(data_dir, lambda desk: _load(desk, tenant, of))
    print_json(stored.decision)


@decisions_app.command()
def notice(
    of: AnId,
    to: Annotated[Path, typer.Argument(help="Where to write it: *.html or *.pdf.")],
    tenant: Tenant = TENANT,
    data_dir: DataDir = None,
) -> None:
    """Write the notice of a decision to a file."""
    with spoken_errors():
        stored = on_desk(data_dir, lambda desk: _load(desk, tenant, of))
        if stored.letter is None:
            raise fail("no notice is given of this decision", NO)
        letter = Letter.model_validate_json(stored.letter)
        to.write_bytes(pdf_of(letter) if to.suffix == ".pdf" else html_of(letter).encode())
    err.print(f"[green]✓[/green] Form {letter.form}: {to}", highlight=False)


@decisions_app.command()
def replay(
    of: AnId,
    policy: Annotated[
        Path | None, typer.Option(help="A pack to apply instead: shows what would change.", dir_okay=False)
    ] = None,
    tenant: Tenant = TENANT,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Make a stored review and its decision again from stored facts, policy and versions, byte for byte.

    Exit 1 when anything differs. With --policy nothing is compared: it shows what that policy would say.
    """
    with spoken_errors():
        if policy is None:
            replayed = on_desk(data_dir, lambda desk: replay_stored(desk, tenant, of))
            _print_replayed(replayed, as_json=json)
            return
        pack = load_pack(policy.name, policy.read_bytes())
        would = on_desk(data_dir, lambda desk: what_if(desk, tenant, of, pack))
    _print_what_if(would, as_json=json)


@decisions_app.command("replay-all")
def replay_all(
    since: Annotated[datetime, typer.Option(help="Decisions made from this day on.")] = datetime(2000, 1, 1),  # noqa: DTZ001 - a day, of UTC
    tenant: Tenant = TENANT,
    data_dir: DataDir = None,
) -> None:
    """Make every stored decision again; exit 1 with the ids of those that differ."""

    async def run(desk: Desk) -> list[Replayed]:
        async with desk.database.tenant(tenant) as tx:
            ids = await decision_ids(tx, since.replace(tzinfo=UTC))
        return [await replay_stored(desk, tenant, one) for one in ids]

    with spoken_errors():
        made = on_desk(data_dir, run)
    differing = [f"{one.decision_id}: {', '.join(one.differs)}" for one in made if one.differs]
    if differing:
        raise fail("; ".join(differing), NO)
    err.print(f"[green]✓[/green] {len(made)} decisions, byte for byte", highlight=False)


@decisions_app.command("ask-reasons")
def ask_reasons(review_id: AReview, tenant: Tenant = TENANT, data_dir: DataDir = None) -> None:
    """Note that an applicant asked for a statement of reasons: 30 days begin (12 CFR 1002.9(a)(2)(ii))."""
    actor = f"underwriter:{getpass.getuser()}"
    with spoken_errors():
        due = on_desk(data_dir, lambda desk: note_reasons_request(desk, tenant, review_id, actor))
    err.print(f"[green]✓[/green] to be given by {due}; `decisions notice` has them", highlight=False)


@decisions_app.command("reasons-given")
def reasons_given(review_id: AReview, tenant: Tenant = TENANT, data_dir: DataDir = None) -> None:
    """Note that the statement of reasons was given."""
    actor = f"underwriter:{getpass.getuser()}"
    with spoken_errors():
        on_desk(data_dir, lambda desk: note_reasons_given(desk, tenant, review_id, actor))
    err.print("[green]✓[/green] noted", highlight=False)


async def _load(desk: Desk, tenant: str, of: UUID) -> StoredDecision:
    async with desk.database.tenant(tenant) as tx:
        stored = await load_decision(tx, of) or await load_standing(tx, of)
    if stored is None:
        raise NotFoundError("there is no decision with that id, and none on a review with it")
    return stored


def _print_replayed(replayed: Replayed, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(replayed))
    if replayed.differs:
        raise fail(f"made again, these differ: {', '.join(replayed.differs)}", NO)
    if not as_json:
        err.print(f"[green]✓[/green] byte for byte: {', '.join(replayed.compared)}", highlight=False)


def _print_what_if(would: WhatIf, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(would))
        return
    out.print(f"outcome: {would.outcome_before} → {would.outcome_after}", highlight=False)
    reasons = (", ".join(codes) or "none" for codes in (would.reasons_before, would.reasons_after))
    out.print(f"reasons: {' → '.join(reasons)}", highlight=False)
    table = Table("rule", "stored", "would be", "limit stored", "limit there")
    for rule in would.rules:
        cells = (rule.rule, rule.before, rule.after, rule.limit_before, rule.limit_after)
        table.add_row(*(cell or "" for cell in cells))
    if would.rules:
        out.print(table)
