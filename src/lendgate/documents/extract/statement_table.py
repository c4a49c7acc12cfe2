"""The transactions of a statement: rows under a header, columns by where the header's words stand. Pure.

A page may print the same columns two or three times side by side (lists of checks); each set is read as a
table of its own. Money in and money out are told by the column, else by a printed sign, else by the
heading the rows stand under; where none of them tells, the direction stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from lendgate.documents.extract.money_rows import Amount, MoneyRow, money_rows
from lendgate.documents.extract.statement_summary import Direction, direction_of
from lendgate.documents.fields import Evidence, Transaction
from lendgate.documents.layout import Item, Layout, Row
from lendgate.documents.model import Box
from lendgate.documents.phrases import mentions
from lendgate.documents.values import dates, month_day
from lendgate.documents.words import words

Column = Literal["date", "text", "check", "in", "out", "amount", "balance"]
_FEWEST_COLUMNS: Final = 3
_LONGEST_HEADING: Final = 8
_FAR: Final = 0.12
_MINUS: Final = ("-", "\u2013", "\u2014", "(")


@dataclass(frozen=True, slots=True)
class _Table:
    """One set of columns: where each stands, and what the rows under it are."""

    columns: tuple[tuple[Column, Box], ...]
    top: float
    left: float
    right: float
    direction: Direction
    of_checks: bool


def transactions(layouts: Sequence[Layout], period_end: date | None) -> tuple[Transaction, ...]:
    """Every transaction that is listed; a table goes on on the next page where no new one begins."""
    found: list[Transaction] = []
    carried: tuple[_Table, ...] = ()
    number = 0
    for layout in layouts:
        tables = tuple(_tables(layout)) or tuple(_carried(carried[-1:]))
        for table in tables:
            rows = _rows(layout, table, _next_top(table, tables), period_end)
            found.extend(replace(row, table=number) for row in _with_unsigned(list(rows)))
            number += 1
        carried = tables or carried
    return tuple(found)


def _with_unsigned(rows: Sequence[Transaction]) -> Iterator[Transaction]:
    """Where a list prints money out with a minus, what it prints without a sign is money in."""
    signs = any(row.direction == -1 and row.amount and row.amount.quote.startswith(_MINUS) for row in rows)
    for row in rows:
        yield replace(row, direction=1) if signs and row.amount and row.direction == 0 else row


def _tables(layout: Layout) -> Iterator[_Table]:
    heading = ""
    for row in layout.rows:
        sets = list(_column_sets(row))
        for number, columns in enumerate(sets):
            right = sets[number + 1][0][1].left - 0.01 if number + 1 < len(sets) else 1.0
            kinds = {kind for kind, _ in columns}
            yield _Table(
                columns=_with_balance(columns),
                top=max(box.bottom for _, box in columns),
                left=columns[0][1].left - 0.02,
                right=right,
                direction=0 if {"in", "out"} & kinds else direction_of(heading),
                of_checks="check" in kinds and "text" not in kinds,
            )
        if not sets and len(row) <= 2 and not any(map(str.isdigit, row[0].text)):  # noqa: PLR2004 - a heading and a remark
            heading = row[0].text if len(row[0].text.split()) <= _LONGEST_HEADING else heading


def _column_sets(row: Row) -> Iterator[list[tuple[Column, Box]]]:
    """The columns a header row names, a new set at each word for dates."""
    named = [(kind, item.at) for item in row if (kind := _column_of(item))]
    if len(named) < max(_FEWEST_COLUMNS, len(row) / 2):
        return
    current: list[tuple[Column, Box]] = []
    for kind, box in named:
        if (
            kind == "date"
            and any(known == "date" for known, _ in current)
            and len(current) >= _FEWEST_COLUMNS
        ):
            yield current
            current = []
        current.append((kind, box))
    if any(kind == "date" for kind, _ in current) and len(current) >= _FEWEST_COLUMNS:
        yield current


def _column_of(item: Item) -> Column | None:
    vocabulary = words().statement
    kinds: tuple[tuple[Column, tuple[str, ...]], ...] = (
        ("check", vocabulary.check_column),
        ("balance", vocabulary.balance_column),
        ("in", vocabulary.in_column),
        ("out", vocabulary.out_column),
        ("date", vocabulary.date_column),
        ("amount", vocabulary.amount_column),
        ("text", vocabulary.text_column),
    )
    if len(item.text.split()) > _FEWEST_COLUMNS:
        return None
    if mentions(item.text, vocabulary.in_column) and mentions(item.text, vocabulary.out_column):
        return "amount"
    return next((kind for kind, phrases in kinds if mentions(item.text, phrases)), None)


def _with_balance(columns: Sequence[tuple[Column, Box]]) -> tuple[tuple[Column, Box], ...]:
    """Beside columns for money in and out, a column headed "amount" is the balance."""
    kinds = {kind for kind, _ in columns}
    if not {"in", "out"} & kinds or "balance" in kinds:
        return tuple(columns)
    return tuple(("balance" if kind == "amount" else kind, box) for kind, box in columns)


def _carried(tables: Iterable[_Table]) -> Iterator[_Table]:
    for table in tables:
        yield _Table(table.columns, 0.0, table.left, table.right, table.direction, table.of_checks)


def _next_top(table: _Table, tables: Iterable[_Table]) -> float:
    return min((one.top for one in tables if one.top > table.top + 0.01), default=1.0)


def _rows(layout: Layout, table: _Table, until: float, period_end: date | None) -> Iterator[Transaction]:
    for row in money_rows(_within(layout, table)):
        at = row.at
        if not table.top < at.y < until or not row.amounts:
            continue
        day = _day(row.label, period_end)
        if day is not None:
            yield _transaction(row, table, day)


def _within(layout: Layout, table: _Table) -> Layout:
    rows = (tuple(item for item in row if table.left <= item.at.left < table.right) for row in layout.rows)
    return Layout(layout.page, tuple(row for row in rows if row), layout.line_height)


def _transaction(row: MoneyRow, table: _Table, day: date) -> Transaction:
    moved: Amount | None = None
    balance: Amount | None = None
    direction: Direction = -1 if table.of_checks else table.direction
    for amount in row.amounts:
        kind = _kind_at(amount.at, table)
        if kind == "balance":
            balance = amount
        elif kind in {"in", "out"}:
            moved, direction = amount, 1 if kind == "in" else -1
        elif kind == "amount":
            moved = amount
            direction = (-1 if amount.value < 0 else 1) if amount.signed else direction
    return Transaction(
        day=day,
        description=_description(row.label),
        amount=moved.field("amount", row.page) if moved else None,
        direction=direction,
        balance=balance.field("balance", row.page) if balance else None,
        evidence=Evidence(row.page, row.evidence.box, row.evidence.quote),
        is_check=table.of_checks,
    )


def _kind_at(box: Box, table: _Table) -> Column | None:
    """The column of amounts whose header is nearest; headers and amounts are both set to the right."""
    columns = [(kind, at) for kind, at in table.columns if kind in {"in", "out", "amount", "balance"}]
    distances = [(min(abs(box.right - at.right), abs(box.x - at.x)), kind) for kind, at in columns]
    near, kind = min(distances, default=(1.0, None))
    return kind if near < _FAR else None


def _day(label: str, period_end: date | None) -> date | None:
    """The date a row begins with; one without a year lies in the year that ends with the period."""
    full = dates(label)
    if full and full[0].start <= 2:  # noqa: PLR2004 - a bullet before it
        return full[0].value
    short = month_day(label)
    if short is None or period_end is None:
        return None
    year = period_end.year if short <= (period_end.month, period_end.day) else period_end.year - 1
    return date(year, *short) if short != (2, 29) or year % 4 == 0 else None


def _description(label: str) -> str:
    """The row's words without its date."""
    parts = label.split(maxsplit=1)
    return parts[1] if len(parts) > 1 else ""
