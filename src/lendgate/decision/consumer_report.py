"""Whether a consumer report was used, and what a notice has to say of it.

Law: a report was used when a rule looked at a number that came from one, whatever the result; then, and
only then, the notice says so. What the law wants said and nobody knows makes the decision wait for it.

Source: 15 U.S.C. 1681m(a), 1681g(f)(1): the agency; the score used, its date and range, at most four key
factors, and the number of inquiries as a fifth where it is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from lendgate.decision.creditor import Creditor, ReportingAgency
from lendgate.decision.refusals import DecisionRefusedError
from lendgate.policy.model import Facts, Finding
from lendgate.schema.finances import Credit
from lendgate.schema.referral import ReportUsed

_FROM_REPORT: Final = "/credit/"
_SCORE: Final = "credit_score"
_FACTORS: Final = 4
_INQUIRIES: Final = "inquiries"


@dataclass(frozen=True, slots=True)
class ScoreUsed:
    """The credit score that was used, and what lowered it, in the report's words."""

    score: int
    dated: date
    key_factors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportDisclosure:
    """What a notice says of the consumer report; ``score`` where a score was used."""

    agency: ReportingAgency
    score: ScoreUsed | None


def report_facts_used(findings: Iterable[Finding], facts: Facts) -> frozenset[str]:
    """The facts out of a consumer report that a rule looked at."""
    looked_at = {name for finding in findings for name in finding.facts}
    return frozenset(
        name
        for name in looked_at
        if (fact := facts.get(name)) is not None
        and fact.value is not None
        and any(place.startswith(_FROM_REPORT) for place in fact.inputs)
    )


def disclosure(
    used: frozenset[str], credit: Credit | None, given: ReportUsed | None, creditor: Creditor
) -> ReportDisclosure | None:
    """What to say of the report; None when none was used.

    Raises:
        DecisionRefusedError: something that has to be said is not known; names it.
    """
    if not used:
        return None
    credit, given = credit or Credit(), given or ReportUsed()
    agency = _agency(given.agency or credit.bureau, creditor)
    return ReportDisclosure(agency, _score(credit, given) if _SCORE in used else None)


def _agency(name: str | None, creditor: Creditor) -> ReportingAgency:
    known = creditor.reporting_agencies
    if name is None and len(known) == 1:
        return known[0]
    for agency in known:
        if name is not None and name.casefold() in agency.name.casefold():
            return agency
    names = ", ".join(agency.name for agency in known) or "none"
    raise DecisionRefusedError(
        "A consumer report was used: name its agency in consumer_report.agency; "
        f"the creditor's profile has: {names}."
    )


def _score(credit: Credit, given: ReportUsed) -> ScoreUsed:
    dated = given.score_date or credit.score_date
    if credit.score is None or dated is None:
        raise DecisionRefusedError(
            "A credit score was used: give its date in consumer_report.score_date (15 U.S.C. 1681m(a)(2))."
        )
    factors = tuple(given.key_factors or ())
    if not factors:
        raise DecisionRefusedError(
            "A credit score was used: give the report's key factors in consumer_report.key_factors "
            "(15 U.S.C. 1681g(f)(1)(C))."
        )
    if sum(_INQUIRIES not in factor.casefold() for factor in factors) > _FACTORS:
        raise DecisionRefusedError(
            f"At most {_FACTORS} key factors are told, and inquiries as a fifth: leave some out."
        )
    return ScoreUsed(credit.score, dated, factors)
