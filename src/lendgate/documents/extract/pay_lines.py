"""The lines of a pay stub: what each is, and which of its amounts is this period's and which the year's.

Columns are told by the headers above them. What a line does to the pay is told by its words, else by a
printed sign, else by standing between gross and net pay in the column of this period. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from lendgate.documents.extract.money_rows import Amount, MoneyRow
from lendgate.documents.fields import Line
from lendgate.documents.layout import Item, Layout
from lendgate.documents.phrases import first_mention, mentions
from lendgate.documents.words import words

Period = Literal["current", "year", "other"]
Part = Literal["earning", "tax", "deduction", "other"]
_NEAR: Final = 0.05
_LEFT_EDGE: Final = 0.03
_LONGEST_HEADING: Final = 5
_ONLY_LETTERS: Final = re.compile(r"[^\d$]*")


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a column of amounts."""

    period: Period
    item: Item


@dataclass(frozen=True, slots=True)
class PayRow:
    """A row of the stub with its amounts sorted out; ``of_year`` where its own words say it is the year's."""

    row: MoneyRow
    current: Amount | None
    year: Amount | None
    of_year: bool = False


def headers_of(layout: Layout) -> tuple[Header, ...]:
    """Every column head on the page."""
    vocabulary = words().stub
    kinds: tuple[tuple[Period, tuple[str, ...]], ...] = (
        # "YTD hours" is a column of hours.
        ("other", vocabulary.other_column),
        ("year", vocabulary.year_column),
        ("current", vocabulary.current_column),
    )
    heads = []
    for item in layout.items:
        if len(item.text.split()) <= _LONGEST_HEADING and _ONLY_LETTERS.fullmatch(item.text):
            kind = next((kind for kind, phrases in kinds if mentions(item.text, phrases)), None)
            if kind is not None:
                heads.append(Header(kind, item))
    return tuple(heads)


def sorted_rows(rows: Sequence[MoneyRow], headers: Sequence[Header]) -> list[PayRow]:
    """Every row with each of its amounts put under the head it belongs to."""
    headings = headings_of(rows)
    return [_sorted_row(row, headers, headings) for row in rows]


def headings_of(rows: Sequence[MoneyRow]) -> tuple[Item, ...]:
    """The words of lines without amounts: titles of tables and heads of columns among them."""
    return tuple(item for row in rows if not row.amounts for item in row.items)


def heading_over(row: MoneyRow, headings: Sequence[Item]) -> str:
    """The words of the nearest heading that begins where the row does; nothing without one."""
    at = row.at
    above = [one for one in headings if one.at.y < at.y and abs(one.at.left - at.left) < _LEFT_EDGE]
    nearest = max(above, key=lambda one: one.at.y, default=None)
    return nearest.text if nearest else ""


def _sorted_row(row: MoneyRow, headers: Sequence[Header], headings: Sequence[Item]) -> PayRow:
    if len(row.amounts) == 1 and (_of_the_year(row.label) or _of_the_year(heading_over(row, headings))):
        return PayRow(row, None, row.amounts[0], of_year=True)
    found: dict[Period, Amount] = {}
    loose: list[Amount] = []
    for amount in row.amounts:
        head = _head_of(amount, headers)
        if head is None:
            loose.append(amount)
        else:
            found.setdefault(head.period, amount)
    # Without heads: this period first, the year behind it; rates and hours stand before both.
    for amount in reversed(loose[-2:] if len(loose) > 1 else []):
        found.setdefault("year" if "year" not in found else "current", amount)
    if len(loose) == 1:
        found.setdefault("current", loose[0])
    return PayRow(row, found.get("current"), found.get("year"))


def _of_the_year(label: str) -> bool:
    vocabulary = words().stub
    return mentions(label, vocabulary.year_column) and not mentions(label, vocabulary.current_column)


def lines_of(rows: Sequence[PayRow], layout: Layout) -> Iterator[Line]:
    """The lines that make up the pay: neither totals nor what the stub only tells beside them."""
    vocabulary = words().stub
    totals = (*vocabulary.gross, *vocabulary.net, *vocabulary.total_taxes, *vocabulary.total_deductions)
    asides = _asides(layout)
    gross = next((r for r in rows if mentions(r.row.label, vocabulary.gross) and r.current), None)
    net = next((r for r in rows if mentions(r.row.label, vocabulary.net) and r.current), None)
    for row in rows:
        amount = row.current or row.year
        if not row.row.label or amount is None or mentions(row.row.label, totals):
            continue
        if mentions(row.row.label, vocabulary.not_pay) or _beneath(row, asides):
            continue
        yield Line(
            label=row.row.label,
            part=_part(row, gross, net),
            current=row.current.field("line_current", row.row.page) if row.current else None,
            year_to_date=row.year.field("line_ytd", row.row.page) if row.year else None,
            signed=bool(row.current and row.current.signed),
        )


def _part(row: PayRow, gross: PayRow | None, net: PayRow | None) -> Part:
    vocabulary = words().stub
    label = row.row.label
    kinds: tuple[tuple[Part, tuple[str, ...]], ...] = (
        ("tax", vocabulary.tax),
        ("deduction", vocabulary.deduction),
        ("earning", vocabulary.earning),
    )
    places = [
        (place, kind) for kind, phrases in kinds if (place := first_mention(label, phrases)) is not None
    ]
    if places:
        return min(places, key=lambda one: one[0])[1]
    if row.current and row.current.value < 0:
        return "deduction"
    between = gross and net and gross.row.at.y < row.row.at.y < net.row.at.y
    return "deduction" if between and _same_column(row, gross) else "other"


def _same_column(row: PayRow, other: PayRow | None) -> bool:
    if row.current is None or other is None or other.current is None:
        return False
    return abs(row.current.at.right - other.current.at.right) < _NEAR


def _head_of(amount: Amount, headers: Sequence[Header]) -> Header | None:
    """The nearest head above in whose column the amount stands."""
    at = amount.at
    above = [
        head
        for head in headers
        if head.item.at.y < at.y
        and min(
            abs(head.item.at.right - at.right), abs(head.item.at.x - at.x), abs(head.item.at.left - at.left)
        )
        < _NEAR
    ]
    return max(above, key=lambda head: head.item.at.y, default=None)


def _asides(layout: Layout) -> list[Item]:
    """Headings of what a stub tells beside the pay: benefits, leave, notes, where the money went."""
    return [
        item
        for item in layout.items
        if len(item.text.split()) <= _LONGEST_HEADING and mentions(item.text, words().stub.not_pay_section)
    ]


def _beneath(row: PayRow, headings: Sequence[Item]) -> bool:
    at = row.row.at
    return any(heading.at.y < at.y and abs(heading.at.left - at.left) < _LEFT_EDGE for heading in headings)
