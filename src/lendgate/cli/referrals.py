"""``lendgate referrals``: the underwriters' queue at the command line, for the lender's own people."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

import typer
from rich.markup import escape
from rich.table import Column, Table

from lendgate.cli.desk import on_desk
from lendgate.cli.output import Json, err, out, print_json, spoken_errors
from lendgate.cli.token import TENANT
from lendgate.errors import NotFoundError
from lendgate.intake.body import validated
from lendgate.schema.casefile import Casefile
from lendgate.schema.referral import Referral, Verdict
from lendgate.store.referrals import load_queue, load_referral
from lendgate.workflow.casefile import load_casefile
from lendgate.workflow.desk import Desk
from lendgate.workflow.referrals import NOT_HERE, AsRead, claim_referral
from lendgate.workflow.verdicts import Decided, decide_referral

referrals_app = typer.Typer(no_args_is_help=True, help="Referrals: the queue, one case, claim it, decide it.")
_Result = TypeVar("_Result")
_OLDEST: Final = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))
Tenant = Annotated[str, typer.Option(help="Whose referrals.")]
DataDir = Annotated[Path | None, typer.Option(help="Where the local keys and the embedded database live.")]
ReferralId = Annotated[UUID, typer.Argument(help="The referral's id.")]
Underwriter = Annotated[
    str,
    typer.Option(
        "--as", help="The underwriter, as access tokens name them.", default_factory=getpass.getuser
    ),
]
Version = Annotated[
    int | None, typer.Option(help="The version it was read at; the present one when it is not named.")
]


@referrals_app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the oldest first.")] = 50,
    tenant: Tenant = TENANT,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """What is not decided yet, oldest first."""

    async def found(desk: Desk) -> list[Referral]:
        async with desk.database.tenant(tenant) as tx:
            return await load_queue(tx, _OLDEST, limit)

    with spoken_errors():
        queue = on_desk(data_dir, found)
    if json:
        print_json([one.model_dump(mode="json", exclude_none=True) for one in queue])
        return
    out.print(_queue_table(queue) if queue else "no referrals", highlight=False)


@referrals_app.command()
def show(
    referral_id: ReferralId, tenant: Tenant = TENANT, data_dir: DataDir = None, json: Json = False
) -> None:
    """One case: what the rules found, which reasons may be chosen, and what is due."""

    async def found(desk: Desk) -> Casefile:
        async with desk.database.tenant(tenant) as tx:
            return await load_casefile(tx, _there(await load_referral(tx, referral_id)))

    with spoken_errors():
        casefile = on_desk(data_dir, found)
    if json:
        print_json(casefile)
        return
    _print_case(casefile)


@referrals_app.command()
def claim(
    referral_id: ReferralId,
    underwriter: Underwriter,
    version: Version = None,
    tenant: Tenant = TENANT,
    data_dir: DataDir = None,
) -> None:
    """Take a referral in hand for half an hour; again to go on holding it."""
    with spoken_errors():
        held = _do(data_dir, AsRead(tenant, referral_id, version or 0, underwriter), claim_referral)
    until = held.held_until.astimezone().strftime("%H:%M") if held.held_until else "now"
    err.print(f"[green]✓[/green] {escape(underwriter)} holds it until {until}", highlight=False)


@referrals_app.command()
def decide(
    referral_id: ReferralId,
    action: Annotated[
        str,
        typer.Argument(
            help="approve, approve_with_conditions, counteroffer, decline, incomplete, withdrawn."
        ),
    ],
    underwriter: Underwriter,
    reason: Annotated[str, typer.Option(help="Why, in your own words; it stays inside.")],
    code: Annotated[list[str] | None, typer.Option(help="A principal reason; see `show`.")] = None,
    override: Annotated[list[str] | None, typer.Option(help="An override code, above policy.")] = None,
    condition: Annotated[list[str] | None, typer.Option(help="What an approval depends on.")] = None,
    missing: Annotated[list[str] | None, typer.Option(help="What an incomplete application lacks.")] = None,
    amount: Annotated[str | None, typer.Option(help="Counteroffer: dollars.")] = None,
    term: Annotated[int | None, typer.Option(help="Counteroffer: months.")] = None,
    rate: Annotated[float | None, typer.Option(help="Counteroffer: yearly, 0.1199 for 11.99 %.")] = None,
    respond_by: Annotated[str | None, typer.Option(help="Day by which an answer is awaited.")] = None,
    agency: Annotated[str | None, typer.Option(help="The consumer reporting agency.")] = None,
    score_date: Annotated[str | None, typer.Option(help="Day of the credit score.")] = None,
    key_factor: Annotated[list[str] | None, typer.Option(help="A key factor of the score.")] = None,
    version: Version = None,
    tenant: Tenant = TENANT,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Decide a referral; above policy one verdict is a proposal, and another underwriter's confirms it."""
    offer = {"amount": amount, "term_months": term, "annual_rate": rate}
    report = {"agency": agency, "score_date": score_date, "key_factors": key_factor}
    said = {
        "action": action,
        "reason": reason,
        "codes": code,
        "override_codes": override,
        "conditions": condition,
        "missing": missing,
        "counteroffer": _given(offer),
        "respond_by": respond_by,
        "consumer_report": _given(report),
    }
    with spoken_errors():
        verdict = validated(Verdict, _given(said) or {})
        read = AsRead(tenant, referral_id, version or 0, underwriter)
        decided = _do(data_dir, read, lambda desk, one: decide_referral(desk, one, verdict))
    _print_decided(decided, as_json=json)


def _do(data_dir: Path | None, read: AsRead, work: Callable[[Desk, AsRead], Awaitable[_Result]]) -> _Result:
    """Do something to a referral as it was read; as it stands now, where no version is named."""

    async def run(desk: Desk) -> _Result:
        if read.version:
            return await work(desk, read)
        async with desk.database.tenant(read.tenant) as tx:
            found = _there(await load_referral(tx, read.referral_id))
        return await work(desk, AsRead(read.tenant, read.referral_id, found.version, read.actor))

    return on_desk(data_dir, run)


def _there(referral: Referral | None) -> Referral:
    if referral is None:
        raise NotFoundError(NOT_HERE)
    return referral


def _given(options: dict[str, Any]) -> dict[str, Any] | None:
    """What was given of some options; None when nothing was."""
    return {name: value for name, value in options.items() if value not in (None, [])} or None


def _queue_table(queue: list[Referral]) -> Table:
    # An id that is cut off is no use to anybody.
    names = ("referral", "applicant", "product", "cause", "state", "with", "opened")
    table = Table(*(Column(name, overflow="fold") for name in names))
    for one in queue:
        whose = one.held_by or one.assigned_to or ""
        opened = one.opened_at.date().isoformat()
        cells = (one.referral_id, one.applicant_id, one.product, one.cause, one.state, whose, opened)
        table.add_row(*(escape(str(cell)) for cell in cells))
    return table


def _print_case(casefile: Casefile) -> None:
    referral = casefile.referral
    out.print(
        f"{referral.applicant_id}, {referral.product}, {referral.cause}, {referral.state}, "
        f"version {referral.version}",
        highlight=False,
        markup=False,
    )
    table = Table("rule", "result", "effect", "requires", "found")
    for rule in casefile.findings:
        found = ", ".join(f"{name} = {value or 'unknown'}" for name, value in rule.facts.items())
        table.add_row(*(escape(text) for text in (rule.rule, rule.result, rule.effect, rule.limit, found)))
    out.print(table)
    for choice in casefile.reasons:
        must = " (must be told of a decline)" if choice.must else ""
        out.print(f"{choice.reason.code} {choice.reason.text}{must}", highlight=False, markup=False)
    for deadline in casefile.deadlines:
        out.print(f"due on {deadline.due_on}: {deadline.kind}", highlight=False, markup=False)
    for one in casefile.requests:
        asked = f"{one.request.kind}, {one.request.state}, due on {one.request.due_on}"
        out.print(f"{asked}: {one.text}", highlight=False, markup=False)


def _print_decided(decided: Decided, *, as_json: bool) -> None:
    decision = decided.decision
    if as_json:
        print_json(decision or decided.referral)
    elif decision is None:
        err.print("[yellow]…[/yellow] above policy: another underwriter has to confirm it", highlight=False)
    else:
        out.print(f"decision {decision.decision_id}: {decision.statement}", highlight=False, markup=False)
        for reason in decision.reasons:
            out.print(f"  {reason.code} {reason.text}", highlight=False, markup=False)
