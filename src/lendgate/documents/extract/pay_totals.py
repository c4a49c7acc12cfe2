"""Gross, net, taxes and deductions of a pay stub, this period's and the year's. Pure.

Stubs print them in three ways: as lines with a label of their own, as a row of heads with the amounts under
them, and as the last line of each table, called nothing but its total. The first way that tells a total wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lendgate.documents.extract.money_rows import Amount, amounts_of
from lendgate.documents.extract.pay_lines import PayRow, heading_over, headings_of
from lendgate.documents.fields import Field
from lendgate.documents.layout import Item, Layout, Row
from lendgate.documents.phrases import mentions
from lendgate.documents.words import words

_FEWEST_HEADS: Final = 2
_LONGEST_HEAD: Final = 4
_ROWS_UNDER: Final = 3
_NEAR: Final = 0.05
_ONLY_TOTAL: Final = re.compile(r"\W*totals?\W*", re.IGNORECASE)
_NO_TOTAL: Final = re.compile(r"\d")


def totals(layout: Layout, rows: Sequence[PayRow]) -> Iterator[Field]:
    """Every total that is told, the surest way of telling it first."""
    yield from _labelled(rows)
    yield from _under_heads(layout)
    yield from _of_tables(rows)


def _kinds() -> tuple[tuple[str, tuple[str, ...]], ...]:
    vocabulary = words().stub
    return (
        ("gross", vocabulary.gross),
        ("net", vocabulary.net),
        ("deductions", vocabulary.total_deductions),
        ("taxes", vocabulary.total_taxes),
    )


def _labelled(rows: Sequence[PayRow]) -> Iterator[Field]:
    """Lines that say what they are, the most telling name first: "Gross pay" before "Gross"."""
    taken: set[int] = set()
    for name, phrases in _kinds():
        for of_year in (False, True):
            row = _first(rows, phrases, taken, of_year=of_year)
            if row is not None:
                taken.add(id(row))
                yield from _both(name, row)


def _first(
    rows: Sequence[PayRow], phrases: Iterable[str], taken: set[int], *, of_year: bool
) -> PayRow | None:
    """The first row called by one of ``phrases``, of those whose words say the year or of the others."""
    for phrase in phrases:
        for row in rows:
            tells = row.row.amounts and row.of_year == of_year
            if tells and id(row) not in taken and mentions(row.row.label, (phrase,)):
                return row
    return None


def _both(name: str, row: PayRow) -> Iterator[Field]:
    current, year = row.current, row.year
    if name == "net" and current is None and not row.of_year:
        # Net pay told once is this period's, whichever column it is printed in.
        current, year = year, None
    for key, amount in ((f"{name}_current", current), (f"{name}_ytd", year)):
        if amount is not None:
            yield amount.field(key, row.row.page)


def _under_heads(layout: Layout) -> Iterator[Field]:
    """A row of heads such as "Total gross" and "Net pay", and the rows of amounts under it."""
    page = layout.page.number
    for number, row in enumerate(layout.rows):
        heads = [(name, item) for item in row if (name := _head(item))]
        if len({name for name, _ in heads}) < _FEWEST_HEADS:
            continue
        for below in layout.rows[number + 1 : number + 1 + _ROWS_UNDER]:
            yield from _beneath(heads, below, page)


def _head(item: Item) -> str | None:
    """Which total a head of a column names."""
    text = item.text
    if len(text.split()) > _LONGEST_HEAD or _NO_TOTAL.search(text) or mentions(text, words().stub.not_pay):
        return None
    more = {"gross": words().stub.gross_head, "deductions": words().stub.deductions_head}
    kinds = ((name, (*phrases, *more.get(name, ()))) for name, phrases in _kinds())
    return next((name for name, phrases in kinds if mentions(text, phrases)), None)


def _beneath(heads: Sequence[tuple[str, Item]], row: Row, page: int) -> Iterator[Field]:
    vocabulary = words().stub
    first = row[0].text
    of_year = mentions(first, vocabulary.year_column)
    for amount in amounts_of(row):
        name, head = min(heads, key=lambda one: _distance(one[1], amount))
        if _distance(head, amount) < _NEAR:
            year = of_year or mentions(head.text, vocabulary.year_column)
            yield amount.field(f"{name}_ytd" if year else f"{name}_current", page)


def _distance(head: Item, amount: Amount) -> float:
    one, other = head.at, amount.at
    return min(abs(one.right - other.right), abs(one.x - other.x), abs(one.left - other.left))


def _of_tables(rows: Sequence[PayRow]) -> Iterator[Field]:
    """The last lines of tables that are called nothing but total; the table's heading tells of what."""
    vocabulary = words().stub
    kinds = (
        ("taxes", vocabulary.taxes_table),
        ("deductions", vocabulary.deductions_table),
        ("gross", vocabulary.earnings_table),
    )
    headings = headings_of([row.row for row in rows])
    found: list[tuple[str, PayRow]] = []
    for row in rows:
        if _ONLY_TOTAL.fullmatch(row.row.label) and row.row.amounts:
            heading = heading_over(row.row, headings)
            found += [(name, row) for name, phrases in kinds if mentions(heading, phrases)][:1]
    for name, row in found:
        if sum(other == name for other, _ in found) == 1:
            yield from _both(name, row)
