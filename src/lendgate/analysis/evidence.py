"""Evidence: every value a memo may state about a case, and whether a sentence states only those.

Law: a figure is supported by a fact's value, within the precision it is printed with, or by one of these
derivations and no other: a sum a year as a sum a month and back (12); a ratio as percent; months as years
and back (12); how many checks there are, passed, failed or could not be made; how many documents or fields
are asked for, on file or missing. "No <fact>" is a figure too: none. A figure said of a named fact
("utilization of 22%") is supported by that fact alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from lendgate.analysis.numbers import Figure, figures
from lendgate.analysis.plain import words_in
from lendgate.analysis.reviewer import Case
from lendgate.analysis.saying import YEARLY
from lendgate.analysis.units import Dimension, Period
from lendgate.policy.model import Fact, Facts, Unit
from lendgate.schema import Completeness

Measure = Literal["money", "percent", "ratio", "years", "months", "count"]


@dataclass(frozen=True, slots=True)
class Truth:
    """One value that may be stated. ``derived`` sums need their period said; ``nouns`` are words of which the
    sentence must use one.
    """

    value: Decimal
    measure: Measure
    fact: str = ""
    period: Period | None = None
    derived: bool = False
    nouns: frozenset[str] = frozenset()


_MONTHS_A_YEAR: Final = 12
_CHECKS: Final = frozenset({"check", "checks"})
_ITEMS: Final = words_in(
    "document documents item items field fields stub stubs statement statements form forms schedule schedules"
    " transcript transcripts authorization authorizations contract contracts disclosure disclosures"
)
# Two facts that say one thing in two units: a figure said of one may be taken from the other.
_SAME: Final = {"employment_years": "months_on_job"}
# "0.31" states a ratio and "1.5 times" a multiple; with fewer places a number is neither, unless exact.
_FEWEST_PLACES_BARE: Final = 2
_FEWEST_PLACES: Final = 1
_LEAST_BARE_MONEY: Final = 1000
_WIDEST_SCALED: Final = Decimal("0.05")
_PERIOD_WORDS: Final[dict[str, Period]] = {
    "month": "month",
    "monthly": "month",
    "year": "year",
    "yearly": "year",
    "annual": "year",
    "annually": "year",
}
_WORD: Final = re.compile(r"[a-z]+")
_DENIED: Final = re.compile(
    r"\b(?:no|zero|without|without any|free of|free of any)(?: \w+)? <(\w+)>", re.IGNORECASE
)
_MEASURES_OF: Final[dict[Unit, frozenset[Measure]]] = {
    "usd": frozenset({"money"}),
    "usd_per_month": frozenset({"money"}),
    "ratio": frozenset({"percent", "ratio"}),
    "months": frozenset({"months", "years"}),
    "years": frozenset({"months", "years"}),
    "count": frozenset({"count"}),
    "score": frozenset({"count"}),
    "flag": frozenset(),
    "word": frozenset(),
}
_MEASURES_FOR: Final[dict[Dimension, frozenset[Measure]]] = {
    "plain": frozenset({"count", "ratio", "money"}),
    "times": frozenset({"ratio", "count"}),
    "money": frozenset({"money"}),
    "percent": frozenset({"percent"}),
    "years": frozenset({"years"}),
    "months": frozenset({"months"}),
    "unreadable": frozenset(),
}


class Evidence:
    """What facts make true, and counts beside them."""

    def __init__(self, facts: Facts, counts: Iterable[Truth]) -> None:
        self._values = {name: fact.value for name, fact in facts.items()}
        self._units: dict[str, Unit] = {name: fact.unit for name, fact in facts.items()}
        self._truths = [*(truth for fact in facts.values() for truth in _truths_of(fact)), *counts]

    def supports(self, marked: str, sentence: str) -> bool:
        """Whether a sentence states no other figures; ``marked`` is the sentence with its facts named."""
        words = frozenset(_WORD.findall(sentence.lower()))
        return all(self._supports(figure, words) for figure in figures(marked)) and all(
            self._may_deny(fact) for fact in _DENIED.findall(marked)
        )

    def _supports(self, figure: Figure, words: frozenset[str]) -> bool:
        subject = self._subject(figure)
        return any(
            _agrees(figure, truth, words)
            for truth in self._truths
            if subject is None or _SAME.get(truth.fact, truth.fact) == subject
        )

    def _may_deny(self, fact: str) -> bool:
        """Whether "no <fact>" is so: a count of none, a false flag, a score or sum that was not provided."""
        value = self._values.get(fact)
        unknown_is_none = self._units.get(fact) not in {"count", "flag"}
        return value == 0 if value is not None else unknown_is_none

    def _subject(self, figure: Figure) -> str | None:
        """The fact a figure is said of; None where it is said of none that could have such a figure."""
        unit = self._units.get(figure.about)
        if not figure.about or (unit and not _MEASURES_OF[unit] & _MEASURES_FOR[figure.dimension]):
            return None
        return _SAME.get(figure.about, figure.about)


def evidence_of(case: Case) -> Evidence:
    """The truths of one case."""
    return Evidence(case.facts, (*_counts_of_checks(case), *counts_of_items(case.completeness)))


def _truths_of(fact: Fact) -> Iterator[Truth]:
    if fact.value is None or isinstance(fact.value, bool | str):
        return
    value = Decimal(fact.value)
    match fact.unit:
        case "usd" if fact.name in YEARLY:
            yield Truth(value, "money", fact.name, "year")
            yield Truth(value / _MONTHS_A_YEAR, "money", fact.name, "month", derived=True)
        case "usd":
            yield Truth(value, "money", fact.name)
        case "usd_per_month":
            yield Truth(value, "money", fact.name, "month")
            yield Truth(value * _MONTHS_A_YEAR, "money", fact.name, "year", derived=True)
        case "ratio":
            yield Truth(value * 100, "percent", fact.name)
            yield Truth(value, "ratio", fact.name)
        case "months":
            yield Truth(value, "months", fact.name)
            yield Truth(value / _MONTHS_A_YEAR, "years", fact.name)
        case "years":
            yield Truth(value, "years", fact.name)
            yield Truth(value * _MONTHS_A_YEAR, "months", fact.name)
        case _:
            yield Truth(value, "count", fact.name)


def _counts_of_checks(case: Case) -> Iterator[Truth]:
    results = Counter(check.result for check in case.checks)
    for count in (len(case.checks), results["pass"], results["fail"], results["not_evaluable"]):
        yield Truth(Decimal(count), "count", nouns=_CHECKS)


def counts_of_items(completeness: Completeness) -> Iterator[Truth]:
    """How many documents and fields are asked for, on file or missing."""
    missing = completeness.missing_documents
    lacking = [document.needed - document.present for document in missing]
    each = [count for document in missing for count in (document.needed, document.present)]
    for count in (*lacking, *each, sum(lacking), len(missing), len(completeness.missing_fields)):
        yield Truth(Decimal(count), "count", nouns=_ITEMS)


def _agrees(figure: Figure, truth: Truth, words: frozenset[str]) -> bool:
    return (
        truth.measure in _MEASURES_FOR[figure.dimension]
        and (not truth.nouns or bool(truth.nouns & words))
        and _same_period(figure, truth, words)
        and _is_close(figure, truth)
    )


def _is_close(figure: Figure, truth: Truth) -> bool:
    """Whether the printed number can stand for the true one."""
    off = abs(figure.value - truth.value)
    bare = figure.dimension == "plain"
    if truth.measure == "count":
        return off == 0
    if truth.measure == "ratio" and figure.places < (_FEWEST_PLACES_BARE if bare else _FEWEST_PLACES):
        return off == 0 and not (bare and figure.places == 0)
    if truth.measure == "money" and bare and abs(figure.value) < _LEAST_BARE_MONEY:
        return False
    widest = abs(truth.value) * _WIDEST_SCALED if figure.scaled else figure.margin
    return off <= min(figure.margin, widest)


def _same_period(figure: Figure, truth: Truth, words: frozenset[str]) -> bool:
    if figure.period:
        return truth.period == figure.period
    return not truth.derived or any(_PERIOD_WORDS.get(word) == truth.period for word in words)
