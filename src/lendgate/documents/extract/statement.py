"""Bank statements: whose account, which period, the summary, the transactions. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from lendgate.documents.extract.find_labels import Wanted
from lendgate.documents.extract.labels import LabelledPage, Piece
from lendgate.documents.extract.money_rows import MoneyRow, money_rows
from lendgate.documents.extract.people import address_blocks, is_name, person_field
from lendgate.documents.extract.statement_summary import accounts
from lendgate.documents.extract.statement_table import transactions
from lendgate.documents.fields import Account, Extract, Field
from lendgate.documents.layout import Layout
from lendgate.documents.phrases import mentions
from lendgate.documents.values import dates, identifier
from lendgate.documents.words import words

_SHORTEST_NUMBER: Final = 4
_NAME_OF_A_BANK: Final = re.compile(r"(?:[A-Z0-9][\w&.'\u2019-]*\s*|of\s|and\s|the\s){1,6}")
_DASH: Final = re.compile(r"\s[-\u2013\u2014|]\s")
_HEAD: Final = 0.35
_ALONE: Final = 0.9


def read_statement(layouts: Sequence[Layout]) -> Extract:
    """Everything a bank statement tells."""
    rows = tuple(row for layout in layouts for row in money_rows(layout))
    fields: dict[str, Field] = {}
    for layout in layouts:
        _add(fields, _labelled_fields(layout))
    for layout in layouts[:1]:
        _add(fields, [person_field("holder_name", layout, address_blocks(layout)), _bank(layout)])
    if "period_end" not in fields:
        _add(fields, _dates_of(rows))
    found = accounts(layouts, rows)
    _add(fields, _balances(found))
    _add(fields, [_total_checks(rows)])
    end = fields.get("period_end") or fields.get("statement_date")
    listed = transactions(layouts, end.value if end and isinstance(end.value, date) else None)
    return Extract(fields, transactions=listed, accounts=found)


def _add(fields: dict[str, Field], found: Iterable[Field | None]) -> None:
    for field in found:
        if field is not None:
            fields.setdefault(field.name, field)


def _labelled_fields(layout: Layout) -> list[Field]:
    vocabulary = words().statement
    wanted = [
        *(Wanted("account_number", phrase, "both") for phrase in vocabulary.account),
        *(Wanted("period", phrase, "both") for phrase in vocabulary.period),
        *(Wanted("statement_date", phrase, "both") for phrase in vocabulary.statement_date),
        *(Wanted("holder_name", phrase, "both") for phrase in vocabulary.holder),
    ]
    page = LabelledPage(layout, wanted)
    found: list[Field] = []
    for label in page.labels:
        for row in page.cell(label)[:2]:
            found.extend(_values(page, label.name, row))
    return found


def _values(page: LabelledPage, name: str, row: Sequence[Piece]) -> list[Field]:
    text = " ".join(piece.text for piece in row)
    days = [found.value for found in dates(text)]
    if name == "period" or (name == "statement_date" and len(days) > 1):
        pair = [("period_start", days[0]), ("period_end", days[1])] if len(days) > 1 else []
        return [_at(page, key, day, row) for key, day in pair]
    if name == "statement_date":
        return [_at(page, name, day, row) for day in days[:1]]
    if name == "account_number":
        numbers = ((piece, found) for piece in row if (found := identifier(piece.text)))
        return [_at(page, name, n.value, [p]) for p, n in numbers if _names_an_account(n.value)][:1]
    return [_at(page, name, text, row)] if is_name(text) else []


def _names_an_account(number: str) -> bool:
    """Whether a number is long enough, and more than zeros that stand for one left out."""
    return len(number) >= _SHORTEST_NUMBER and bool(number.strip("0X"))


def _at(page: LabelledPage, name: str, value: date | str, row: Sequence[Piece]) -> Field:
    box = row[0].box
    for piece in row[1:]:
        box = box.join(piece.box)
    quote = " ".join(piece.text for piece in row)
    sure = round(min(piece.confidence for piece in row) * 0.98, 4)
    return Field(name, value, page.number, box, quote, sure)


def _dates_of(rows: Iterable[MoneyRow]) -> list[Field]:
    """A period, or else the date, printed in the head of the statement without a label of its own."""
    head = [row for row in rows if row.at.top < _HEAD]
    for row in head:
        days = dates(row.label)
        if len(days) == 2 and days[0].value <= days[1].value:  # noqa: PLR2004 - from and to
            return [_dated(row, "period_start", days[0].value), _dated(row, "period_end", days[1].value)]
    dated = [(row, days[0].value) for row in head if (days := dates(row.label))]
    return [_dated(row, "statement_date", day) for row, day in dated[:1]]


def _dated(row: MoneyRow, name: str, day: date) -> Field:
    sure = round(min(item.span.confidence for item in row.items) * _ALONE, 4)
    return Field(name, day, row.page, row.evidence.box, row.label, sure)


def _balances(found: Sequence[Account]) -> list[Field | None]:
    """The first account's balances as fields, with the days they are said to be of."""
    if not found:
        return []
    return [found[0].beginning, found[0].ending]


def _bank(layout: Layout) -> Field | None:
    """The first line in the head of the page that names a bank, or the part of a title that does."""
    for item in layout.items:
        parts = _DASH.split(item.text.strip()) if item.at.top < _HEAD else []
        named = next(filter(_names_a_bank, parts), None)
        if named:
            sure = round(item.span.confidence * _ALONE, 4)
            return Field("bank", named, layout.page.number, item.span.box, item.text, sure)
    return None


def _names_a_bank(text: str) -> bool:
    title = mentions(text, ("statement", "account", "online banking", "contact"))
    named = bool(_NAME_OF_A_BANK.fullmatch(text)) and len(text.split()) > 1
    return named and mentions(text, words().statement.bank) and not title


def _total_checks(rows: Iterable[MoneyRow]) -> Field | None:
    for row in rows:
        if row.amounts and mentions(row.label, words().statement.total_checks):
            return row.amounts[-1].field("total_checks_listed", row.page)
    return None
