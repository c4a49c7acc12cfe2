"""Income as documents show it, by source, per month before tax. Pure; computed here and nowhere else.

A stub tells the present pay (by its period, else by the year so far); without one the newest W-2 does.
Self-employment is the net profit of Schedule C, without one the fees of a 1099-NEC. Sources: Fannie Mae
Selling Guide B3-3.1-03 (base pay by pay period), B3-3.2-01 (self-employment), B3-3.1-09 (other income).
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, Literal

from lendgate.documents.checks.model import places
from lendgate.documents.document import Document
from lendgate.documents.fields import Evidence
from lendgate.documents.names import compare_employers, compare_people
from lendgate.schema.enums import DocumentType

Source = Literal["employment", "self_employment", "retirement", "social_security"]
_CENTS: Final = Decimal("0.01")
_MONTHS: Final = 12
_PERIODS_A_YEAR: Final = ((5, 8, 52), (12, 14, 26), (15, 16, 24), (28, 31, 12))
"""Pay periods of so many days (from, to) come so often in a year."""
_SHORTEST_YEAR_SO_FAR: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class DocumentedIncome:
    """One source of income: how much a month, how that was reckoned, and the places it was read from."""

    source: Source
    monthly: Decimal
    how: str
    documents: tuple[int, ...]
    person: str
    payer: str
    confidence: float
    evidence: tuple[Evidence, ...]


def documented_incomes(documents: Sequence[Document]) -> tuple[DocumentedIncome, ...]:
    """Every source once, by the best document there is for it."""
    found: list[DocumentedIncome] = []
    for type_ in _READERS:
        newest = sorted((d for d in documents if d.type == type_), key=_newness, reverse=True)
        for document in newest:
            income = income_of(document)
            if income is not None and not any(same_source(income, known) for known in found):
                found.append(income)
    return tuple(found)


def income_of(document: Document) -> DocumentedIncome | None:
    """The income that one document shows by itself."""
    read = _READERS.get(document.type)
    return read(document) if read else None


def same_source(one: DocumentedIncome, other: DocumentedIncome) -> bool:
    """Whether two documents tell of one person's income from one payer."""
    if one.source != other.source or compare_people(one.person, other.person) == "different":
        return False
    return not one.payer or not other.payer or compare_employers(one.payer, other.payer) != "different"


def _from_stub(document: Document) -> DocumentedIncome | None:
    said = document.extract
    gross, year = said.amount("gross_current"), said.amount("gross_ytd")
    start, end = said.day("period_start"), said.day("period_end")
    periods = _periods_a_year(start, end)
    if gross is not None and periods:
        how = f"Gross pay of the period times {periods}, over twelve."
        return _income(document, "employment", gross * periods / _MONTHS, how, "gross_current", "period_end")
    day = end or said.day("pay_date")
    months = _months_so_far(day) if day else Decimal(0)
    if year is None or months < _SHORTEST_YEAR_SO_FAR:
        return None
    how = f"Gross pay of the year to date over {months:.2f} months."
    return _income(document, "employment", year / months, how, "gross_ytd", "period_end")


def _yearly(source: Source, *names: str) -> Callable[[Document], DocumentedIncome | None]:
    """A reader of forms that tell a whole year; of several boxes the largest is the gross."""

    def read(document: Document) -> DocumentedIncome | None:
        amounts = {name: value for name in names if (value := document.extract.amount(name)) is not None}
        if not amounts:
            return None
        name = max(amounts, key=lambda key: amounts[key])
        how = f"{name.replace('_', ' ').capitalize()} over twelve."
        return _income(document, source, amounts[name] / _MONTHS, how, name, "tax_year")

    return read


_READERS: Final[Mapping[DocumentType, Callable[[Document], DocumentedIncome | None]]] = {
    "pay_stub": _from_stub,
    "w2": _yearly("employment", "wages", "medicare_wages"),
    "1040_schedule_c": _yearly("self_employment", "net_profit"),
    "1099_nec": _yearly("self_employment", "nonemployee_compensation"),
    "1099_r": _yearly("retirement", "gross_distribution"),
    "1099_ssa": _yearly("social_security", "net_benefits"),
}
"""In this order: what comes first tells a source better than what comes later."""


def _income(document: Document, source: Source, monthly: Decimal, how: str, *names: str) -> DocumentedIncome:
    fields = [field for name in names if (field := document.extract.fields.get(name))]
    return DocumentedIncome(
        source=source,
        monthly=monthly.quantize(_CENTS, ROUND_HALF_EVEN),
        how=how,
        documents=(document.number,),
        person=_first(document, "employee_name", "taxpayer_name", "recipient_name"),
        payer=_first(document, "employer", "payer") if source != "self_employment" else "",
        confidence=min((field.confidence for field in fields), default=0.0),
        evidence=places(*fields),
    )


def _periods_a_year(start: date | None, end: date | None) -> int | None:
    if start is None or end is None:
        return None
    days = (end - start).days + 1
    return next((times for low, high, times in _PERIODS_A_YEAR if low <= days <= high), None)


def _months_so_far(day: date) -> Decimal:
    return day.month - 1 + Decimal(day.day) / calendar.monthrange(day.year, day.month)[1]


def _newness(document: Document) -> tuple[int, str]:
    said = document.extract
    day = said.day("period_end") or said.day("pay_date")
    return said.whole("tax_year") or (day.year if day else 0), str(day or "")


def _first(document: Document, *names: str) -> str:
    return next((text.partition("\n")[0] for name in names if (text := document.extract.text(name))), "")
