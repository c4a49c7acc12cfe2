"""Quantities in a person's words: sums with their period, durations, shares; English and Spanish.

Law: a number is read as said or not at all. A range, a bound or a malformed number is ``vague`` and never a
value; nothing is guessed that the person did not say. Spans point into the text, so that a quote is the
person's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from lendgate.assistants.intake.numerals import Number, numbers
from lendgate.assistants.intake.text import Language

Kind = Literal["sum", "duration", "percent", "year"]
Period = Literal["year", "month", "week", "two_weeks", "half_month", "day", "hour"]
TIMES_A_YEAR: Final[dict[Period, int]] = {
    "year": 1,
    "half_month": 24,
    "month": 12,
    "two_weeks": 26,
    "week": 52,
}
"""Periods that convert without knowing more; how many hours or days are worked was not said."""
_PERIODS: Final[tuple[tuple[Period, str], ...]] = (
    ("two_weeks", r"(?:every|each) (?:two|2|other) weeks?|bi-?weekly|cada (?:dos|2) semanas"),
    (
        "half_month",
        r"twice (?:a|per) month|semi-?monthly|quincenal(?:es|mente)?|(?:a la|por|cada) quincena",
    ),
    ("year", r"(?:an?|per|each|every|/|the) ?(?:year|yr|annum)|p\.?a\.?\b|yearly|annual(?:ly)?|/ ?y(?:ea)?r"),
    ("year", r"al año|por año|cada año|a?nual(?:es|mente)?|/ ?año"),
    ("month", r"(?:an?|per|each|every|/|the) ?(?:month|mo|mth)|monthly|/ ?mo(?:nth)?"),
    ("month", r"al mes|por mes|cada mes|mensual(?:es|mente)?|/ ?mes"),
    ("week", r"(?:an?|per|each|every|/|the) ?(?:week|wk)|weekly"),
    ("week", r"(?:a la|por|cada) semana|semanal(?:es|mente)?"),
    ("hour", r"(?:an?|per|each|every|/|the) ?(?:hour|hr)|hourly|(?:la|por|cada|a la) hora"),
    ("day", r"(?:an?|per|each|every|/|the) ?day|daily|al día|por día|diarios?"),
)
_PERIOD: Final = tuple(
    (period, re.compile(rf"\s*(?:{words})\b", re.IGNORECASE)) for period, words in _PERIODS
)
_ANYWHERE: Final = tuple(
    (period, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)) for period, words in _PERIODS
)
_CURRENCY: Final = re.compile(r"\s*(?:dollars?|bucks|usd|dólares|dolares|pesos)\b(?: of)?", re.IGNORECASE)
_PERCENT: Final = re.compile(r"\s*(?:%|percent\b|pct\b|por ciento\b)", re.IGNORECASE)
_YEARS: Final = re.compile(r"[\s-]*(?:years?|yrs?|años?)\b(?! old)", re.IGNORECASE)
_MONTHS: Final = re.compile(r"[\s-]*(?:months?|mos?|mths?|mes(?:es)?)\b", re.IGNORECASE)
_HALF_AFTER: Final = re.compile(r"\s*(?:and a half|y medio)\b", re.IGNORECASE)
_LONE: Final[tuple[tuple[re.Pattern[str], int], ...]] = (
    (re.compile(r"\b(?:a year and a half|one and a half years|año y medio)\b", re.IGNORECASE), 18),
    (re.compile(r"\b(?:half a year|medio año)\b", re.IGNORECASE), 6),
    (re.compile(r"\b(?:a year|un año)\b", re.IGNORECASE), 12),
    (re.compile(r"\b(?:a month|un mes)\b", re.IGNORECASE), 1),
    (re.compile(r"\b(?:a couple of years|un par de años)\b", re.IGNORECASE), 24),
)
_JOINED: Final = re.compile(r"\s*(?:,|and|y|con)?\s*", re.IGNORECASE)
_RANGE: Final = re.compile(r"\s*(?:-|to|or|a|o)\s*", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"\b(?:between|entre|from|de)\s+\$?\s*$", re.IGNORECASE)
_AND: Final = re.compile(r"\s*(?:and|y|to|a)\s*", re.IGNORECASE)
_BOUND: Final = re.compile(
    r"\b(?:more than|less than|over|under|above|below|at least|at most|no more than|"
    r"más de|menos de|al menos|por lo menos|como mucho)\s+\$?\s*$",
    re.IGNORECASE,
)
_SINCE: Final = re.compile(r"\b(?:since|in|from|desde|en|started|empecé)\s+(?:el\s+)?$", re.IGNORECASE)
_MONTH_NAMES: Final = [
    "jan|ene",
    "feb",
    "mar",
    "apr|abr",
    "may",
    "jun",
    "jul",
    "aug|ago",
    "sep|set",
    "oct",
    "nov",
    "dec|dic",
]
_SINCE_DATE: Final = re.compile(
    r"\b(?:since|desde|started in|started|empecé en|from)\s+(?:el\s+)?(?:"
    r"(?P<iso>(?:19|20)\d\d)-(?P<iso_month>\d\d)(?:-\d\d)?"
    r"|(?P<number>\d{1,2})/(?:\d{1,2}/)?(?P<slashed>(?:19|20)\d\d)"
    r"|(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|set|dic)[a-záéíóú]*\.?"
    r"(?:\s+\d{1,2})?,?\s+(?:de\s+)?(?P<named>(?:19|20)\d\d)"
    r"|(?P<only>(?:19|20)\d\d))\b",
    re.IGNORECASE,
)
_THINGS: Final = re.compile(
    r"\s+(?:other |credit |student |car |otras? )?(?:cards?|cars?|loans?|jobs?|people|accounts?|homes?|"
    r"houses?|tarjetas?|coches?|carros?|préstamos?|trabajos?|personas?|cuentas?|casas?)\b",
    re.IGNORECASE,
)
_MANY: Final = 100
_FIRST_YEAR, _LAST_YEAR = 1900, 2099


@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity: dollars (``sum``), months (``duration``), percent, or a bare calendar year.

    ``vague``: a range, a bound or a number that cannot be read, which is no value. ``since`` is the
    month a duration was counted from. ``marked``: said to be money by its sign, scale or period.
    """

    kind: Kind
    value: Decimal
    start: int
    end: int
    period: Period | None = None
    vague: bool = False
    since: str | None = None
    marked: bool = False


def quantities(text: str, language: Language, today: date) -> list[Quantity]:
    """Every quantity of plain text, in order, without overlaps."""
    found = list(_since(text, today))
    taken = [(one.start, one.end) for one in found]
    for number in numbers(text, language):
        if not _overlaps(number.start, number.end, taken) and not _counts(text, number):
            quantity = _read(text, number)
            found.append(quantity)
            taken.append((quantity.start, quantity.end))
    for quantity in _lone(text):
        if not _overlaps(quantity.start, quantity.end, taken):
            found.append(quantity)
            taken.append((quantity.start, quantity.end))
    return _doubted(text, _joined(text, sorted(found, key=lambda one: one.start)))


def period_in(text: str) -> Period | None:
    """The one period a text names anywhere ("monthly income is …"); None for none or several."""
    named = {period for period, pattern in _ANYWHERE if pattern.search(text)}
    return named.pop() if len(named) == 1 else None


def _counts(text: str, number: Number) -> bool:
    """Whether a number counts things: two cards, 3 jobs."""
    return not number.marked and number.value < _MANY and bool(_THINGS.match(text, number.end))


def _overlaps(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    return any(first < end and start < last for first, last in taken)


def _read(text: str, number: Number) -> Quantity:
    """A number with what stands behind it: currency and period, a unit of time, percent, or nothing."""
    end, marked = number.end, number.marked
    if half := _HALF_AFTER.match(text, end):
        after = _unit(text, half.end())
        if after:
            months = (number.value + Decimal("0.5")) * after[1]
            return Quantity("duration", months, number.start, after[0], vague=number.malformed)
    unit = _unit(text, end) if not marked else None
    if unit:
        halved = _HALF_AFTER.match(text, unit[0])
        value = (number.value + (Decimal("0.5") if halved else 0)) * unit[1]
        stop = halved.end() if halved else unit[0]
        return Quantity("duration", value, number.start, stop, vague=number.malformed)
    if percent := _PERCENT.match(text, end):
        return Quantity("percent", number.value, number.start, percent.end(), vague=number.malformed)
    if currency := _CURRENCY.match(text, end):
        end, marked = currency.end(), True
    for period, pattern in _PERIOD:
        if match := pattern.match(text, end):
            return Quantity(
                "sum", number.value, number.start, match.end(), period, number.malformed, marked=True
            )
    if not marked and _is_year(text, number):
        return Quantity("year", number.value, number.start, end)
    return Quantity("sum", number.value, number.start, end, None, number.malformed, marked=marked)


def _unit(text: str, at: int) -> tuple[int, int] | None:
    """Where a unit of time ends, and how many months it has."""
    for pattern, months in ((_YEARS, 12), (_MONTHS, 1)):
        if match := pattern.match(text, at):
            return match.end(), months
    return None


def _is_year(text: str, number: Number) -> bool:
    said = text[number.start : number.end]
    in_range = said.isdigit() and len(said) == len("2026") and _FIRST_YEAR <= int(said) <= _LAST_YEAR
    return in_range and bool(_SINCE.search(text[: number.start]))


def _lone(text: str) -> Iterator[Quantity]:
    """Durations without a numeral: a year, half a year."""
    for pattern, months in _LONE:
        for match in pattern.finditer(text):
            yield Quantity("duration", Decimal(months), match.start(), match.end())


def _since(text: str, today: date) -> Iterator[Quantity]:
    """Durations that are counted from a month: since March 2019."""
    for match in _SINCE_DATE.finditer(text):
        year = int(match["iso"] or match["slashed"] or match["named"] or match["only"])
        month = _month_of(match)
        counted = (today.year - year) * 12 + today.month - (month or 1)
        vague = counted < 0 or (month is not None and not 1 <= month <= 12)  # noqa: PLR2004 - months
        shown = f"{year}-{month:02d}" if month else str(year)
        yield Quantity(
            "duration", Decimal(max(counted, 0)), match.start(), match.end(), vague=vague, since=shown
        )


def _month_of(match: re.Match[str]) -> int | None:
    if named := match["month"]:
        begun = named[:3].lower()
        return next(number for number, names in enumerate(_MONTH_NAMES, 1) if begun in names)
    digits = match["iso_month"] or match["number"]
    return int(digits) if digits else None


def _joined(text: str, found: list[Quantity]) -> list[Quantity]:
    """Years followed by months are one duration: 3 years and 4 months."""
    joined: list[Quantity] = []
    for quantity in found:
        before = joined[-1] if joined else None
        if (
            before
            and before.kind == quantity.kind == "duration"
            and quantity.value < 12 <= before.value  # noqa: PLR2004 - months of a year
            and _JOINED.fullmatch(text, before.end, quantity.start)
        ):
            joined[-1] = replace(before, value=before.value + quantity.value, end=quantity.end)
        else:
            joined.append(quantity)
    return joined


def _bounded(text: str, quantity: Quantity) -> bool:
    """Whether a bound stands before it; "over 5 years" is how long, not a bound."""
    bound = _BOUND.search(text[: quantity.start])
    return bool(bound) and not (quantity.kind == "duration" and bound and bound[0].strip() == "over")


def _doubted(text: str, found: list[Quantity]) -> list[Quantity]:
    """Ranges and bounds marked as vague."""
    doubted = [replace(one, vague=one.vague or _bounded(text, one)) for one in found]
    for at in range(1, len(doubted)):
        first, second = doubted[at - 1], doubted[at]
        between = bool(_BETWEEN.search(text[: first.start])) and _AND.fullmatch(text, first.end, second.start)
        if first.kind == second.kind and (between or _RANGE.fullmatch(text, first.end, second.start)):
            doubted[at - 1], doubted[at] = replace(first, vague=True), replace(second, vague=True)
    return doubted
