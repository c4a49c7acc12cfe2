"""Credit history: what the consumer report says in numbers, and what the applicants declare.

Law: a flag over several applicants is true when it is true of anyone, false only when every one of them
has declared, and unknown otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache

from lendgate.policy.arithmetic import months_between
from lendgate.policy.facts.loan import stated
from lendgate.policy.facts.record import fact
from lendgate.policy.model import Fact
from lendgate.schema.application import Application
from lendgate.schema.finances import Credit
from lendgate.schema.parties import Bankruptcy, Declarations

_Declared = list[Declarations | None]
"""One entry an applicant; None where that applicant declared nothing."""


def credit_facts(application: Application, as_of: date) -> tuple[Fact, ...]:
    """The report's numbers, then the declarations of all applicants taken together."""
    if application.credit is None and application.applicants is None:
        return _unreported()
    declared = [applicant.declarations for applicant in application.applicants or ()] or [None]
    return (*_report(application.credit or Credit()), *_declarations(declared, as_of))


@cache
def _unreported() -> tuple[Fact, ...]:
    """The same of everybody of whom there is neither a report nor a declaration, on every day."""
    return (*_report(Credit()), *_declarations([None], date.min))


def _declarations(declared: _Declared, as_of: date) -> tuple[Fact, ...]:
    return (
        *_bankruptcies(declared, as_of),
        _declared("foreclosure", declared, lambda one: one.foreclosure),
        _declared(
            "short_sale_or_deed_in_lieu", declared, lambda one: _anyone((one.short_sale, one.deed_in_lieu))
        ),
        _declared("outstanding_judgments", declared, lambda one: one.outstanding_judgments),
        _declared("delinquent_federal_debt", declared, lambda one: one.delinquent_federal_debt),
        _declared("undisclosed_borrowed_funds", declared, lambda one: one.undisclosed_borrowed_funds),
    )


def _report(credit: Credit) -> tuple[Fact, ...]:
    return (
        stated("credit_score", credit.score, "/credit/score"),
        stated("oldest_trade_months", credit.oldest_trade_months, "/credit/oldest_trade_months"),
        stated("tradelines", credit.tradelines, "/credit/tradelines"),
        stated("recent_inquiries", credit.inquiries_six_months, "/credit/inquiries_six_months"),
        stated("current_delinquencies", credit.delinquencies_current, "/credit/delinquencies_current"),
        stated("delinquencies_thirty_days", credit.delinquencies_30_days, "/credit/delinquencies_30_days"),
        stated("delinquencies_sixty_days", credit.delinquencies_60_days, "/credit/delinquencies_60_days"),
        stated("delinquencies_ninety_days", credit.delinquencies_90_days, "/credit/delinquencies_90_days"),
        stated("collections", credit.collections, "/credit/collections"),
        stated("public_records", credit.public_records, "/credit/public_records"),
        stated("utilization", credit.utilization, "/credit/utilization"),
    )


def _anyone(answers: Iterable[bool | None]) -> bool | None:
    """True if any is true, unknown if any is unknown, else false (Kleene's strong disjunction)."""
    known = list(answers)
    if True in known:
        return True
    return None if None in known else False


def _declared(name: str, declared: _Declared, answer: Callable[[Declarations], bool | None]) -> Fact:
    return _flag(name, _anyone(None if one is None else answer(one) for one in declared))


def _flag(name: str, value: bool | None) -> Fact:  # noqa: FBT001 - the fact's own value
    how = "Unknown: not declared for every applicant." if value is None else "As declared by the applicants."
    return fact(name, value, how, "/applicants")


def _bankruptcies(declared: _Declared, as_of: date) -> tuple[Fact, Fact, Fact]:
    """A declarations section that lists no bankruptcy declares that there is none (URLA 5b)."""
    listed = [one.bankruptcy for one in declared if one is not None and one.bankruptcy is not None]
    unasked = None in declared
    any_listed = True if listed else (None if unasked else False)
    is_open = _anyone([*(_is_open(one, as_of) for one in listed), None if unasked else False])
    return (
        _flag("bankruptcy_declared", any_listed),
        _flag("bankruptcy_open", is_open),
        _months_since(listed, is_open, as_of),
    )


def _is_open(bankruptcy: Bankruptcy, as_of: date) -> bool:
    return bankruptcy.discharged_on is None or bankruptcy.discharged_on > as_of


def _months_since(listed: list[Bankruptcy], is_open: bool | None, as_of: date) -> Fact:  # noqa: FBT001
    ends = [one.discharged_on for one in listed if one.discharged_on is not None]
    if is_open is not False or not ends:
        how = "Unknown: no bankruptcy is listed, one is open, or not everyone has declared."
        return fact("months_since_bankruptcy", None, how, "/applicants")
    months = months_between(max(ends), as_of)
    return fact(
        "months_since_bankruptcy", months, "Completed months since the latest discharge.", "/applicants"
    )
