"""Facts said for people: $120,000 a year, 22%, 6 years, no open bankruptcy.

Law: what is said here reads back, through ``analysis.numbers``, to the value it was said from; a value is
rounded for reading and never changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from lendgate.analysis.terms import term_of
from lendgate.policy.model import Fact, Facts, Unit, Value

# Facts of unit "usd" that are amounts a year; every other "usd" fact is a balance, a price or a loan.
YEARLY: Final = frozenset({"annual_income", "itemized_income"})
_MONTHS_A_YEAR: Final = 12
_SMALL: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_WORDS_OF_A_NAME: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def said(fact: Fact) -> str | None:
    """The fact as a phrase ("a back-end debt-to-income ratio of 22%").

    None when it is unknown or never quoted.
    """
    term = term_of(fact.name)
    if fact.value is None or term.phrase is None:
        return None
    if isinstance(fact.value, bool):
        return term.phrase if fact.value else term.otherwise
    one_of_many = fact.unit == "count" and fact.value == 1 and term.otherwise
    return (one_of_many or term.phrase).format(amount(fact))


def said_of(facts: Facts, names: Iterable[str]) -> list[str]:
    """The phrases of the named facts that are known and may be quoted, in order."""
    known = (facts[name] for name in names if name in facts)
    return [phrase for phrase in map(said, known) if phrase]


def amount(fact: Fact) -> str:
    """The value alone, with its unit."""
    if fact.value is None or isinstance(fact.value, bool | str):
        return humanized(fact.value)
    value = Decimal(fact.value)
    if fact.unit == "usd" and fact.name in YEARLY:
        return f"{dollars(value)} a year"
    return _SAYINGS.get(fact.unit, _figure)(value)


def dollars(value: Decimal) -> str:
    """Dollars with thousands separators; cents only where there are some."""
    sign = "-" if value < 0 else ""
    cents = value.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    return f"{sign}${abs(cents):,.2f}".removesuffix(".00")


def duration(months: int) -> str:
    """Months as people say them: whole years from two years up, years and months between."""
    years, rest = divmod(months, _MONTHS_A_YEAR)
    if years < 1 or (years == 1 and rest):
        return _counted(str(months), "month")
    if not rest:
        return _counted(str(years), "year")
    return f"{_counted(str(years), 'year')} and {_counted(str(rest), 'month')}"


def humanized(word: Value | None) -> str:
    """A word of a closed list as people write it: "PrimaryResidence" becomes "primary residence"."""
    if word is None or isinstance(word, bool):
        return {None: "not known", True: "yes", False: "no"}[word]
    parts: list[str] = _WORDS_OF_A_NAME.findall(str(word))
    return " ".join(part if part.isupper() and len(part) > 1 else part.lower() for part in parts)


def counted(number: int) -> str:
    """A count as people write it: small ones in words."""
    return _SMALL[number] if 0 <= number < len(_SMALL) else f"{number:,}"


def listed(items: Iterable[str], last: str = "and") -> str:
    """Items as a phrase: "a", "a and b", "a, b and c"."""
    *first, final = list(items) or [""]
    return f"{', '.join(first)} {last} {final}" if first else final


def _figure(value: Decimal, step: str = "0.01") -> str:
    text = f"{value.quantize(Decimal(step), ROUND_HALF_EVEN):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _counted(number: str, noun: str) -> str:
    return f"{number} {noun}" if number == "1" else f"{number} {noun}s"


_SAYINGS: Final[dict[Unit, Callable[[Decimal], str]]] = {
    "usd": dollars,
    "usd_per_month": lambda value: f"{dollars(value)} a month",
    "ratio": lambda value: f"{_figure(value * 100, '0.1')}%",
    "months": lambda value: duration(int(value)),
    "years": lambda value: _counted(_figure(value), "year"),
}
