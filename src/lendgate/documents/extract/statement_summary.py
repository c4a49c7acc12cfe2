"""The summaries of a statement: beginning balance, what moved it, ending balance, for each account. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from lendgate.documents.extract.find_labels import Label, Wanted
from lendgate.documents.extract.labels import LabelledPage
from lendgate.documents.extract.money_rows import Amount, MoneyRow
from lendgate.documents.fields import Account, Field, Movement
from lendgate.documents.layout import Layout, share_row
from lendgate.documents.phrases import first_mention, mentions
from lendgate.documents.values import amount, dates, identifier
from lendgate.documents.words import words

_DATED: Final = re.compile(r"^\W*(?:\d{1,2}[/-]\d{1,2}|[A-Za-z]{3}\.?\s\d{1,2}\b)")
_ALIGNED: Final = 0.05
_SAME_EDGE: Final = 0.012
_ROWS_OF_A_SUMMARY: Final = 25
_ROWS_ABOVE: Final = 8

Direction = Literal[1, -1, 0]


def accounts(layouts: Sequence[Layout], rows: Sequence[MoneyRow]) -> tuple[Account, ...]:
    """Every account whose summary is on the pages; ``rows`` are theirs, in reading order."""
    found = tuple(_listed(rows)) or tuple(_in_columns(layouts))
    return found or tuple(_in_the_table(rows))


def direction_of(label: str) -> Direction:
    """Whether the words mean money in or money out; 0 when they say neither."""
    into = first_mention(label, words().statement.money_in)
    out_of = first_mention(label, words().statement.money_out)
    if into is None and out_of is None:
        return 0
    return 1 if out_of is None or (into is not None and into < out_of) else -1


def _listed(rows: Sequence[MoneyRow]) -> Iterator[Account]:
    """Summaries printed as a list: a line for each part, amounts at its end."""
    for number, row in enumerate(rows):
        beginning = _balance(rows, number, words().statement.beginning)
        if beginning is None or _DATED.match(row.label):
            continue
        last = _end_of(rows, number)
        if last is None or (ending := _balance(rows, last, words().statement.ending)) is None:
            continue
        yield Account(
            number=_number_above(rows, number),
            beginning=beginning.field("beginning_balance", row.page),
            ending=ending.field("ending_balance", row.page),
            movements=tuple(_movements(rows[number + 1 : last], row)),
            beginning_day=_day_in(row.label),
            ending_day=_day_in(rows[last].label),
        )


def _day_in(label: str) -> date | None:
    found = dates(label)
    return found[0].value if found else None


def _end_of(rows: Sequence[MoneyRow], start: int) -> int | None:
    """The line with the ending balance of the summary that begins at ``start``."""
    first = rows[start]
    for number in range(start + 1, min(start + _ROWS_OF_A_SUMMARY, len(rows))):
        row = rows[number]
        if row.page != first.page or mentions(row.label, words().statement.beginning):
            return None
        if _aligned(row, first) and mentions(row.label, words().statement.ending):
            return number
    return None


def _aligned(row: MoneyRow, first: MoneyRow) -> bool:
    """Whether two lines are of one list: their labels begin, or their amounts end, at one edge."""
    if abs(row.at.left - first.at.left) < _ALIGNED:
        return True
    ends = [one.amounts[-1].at.right for one in (row, first) if one.amounts]
    return len(ends) == 2 and abs(ends[0] - ends[1]) < _SAME_EDGE  # noqa: PLR2004 - both have one


def _balance(rows: Sequence[MoneyRow], number: int, phrases: Iterable[str]) -> Amount | None:
    """The amount of a line that has one of ``phrases``; it may have slipped into the next line."""
    row = rows[number]
    if not mentions(row.label, phrases):
        return None
    if row.amounts:
        return row.amounts[-1]
    following = rows[number + 1 : number + 3]
    return next((one.amounts[-1] for one in following if not one.label and one.amounts), None)


def _movements(rows: Iterable[MoneyRow], first: MoneyRow) -> Iterator[Movement]:
    for row in rows:
        aligned = _aligned(row, first) and not _DATED.match(row.label)
        if not aligned or not row.amounts or not row.label:
            continue
        if mentions(row.label, words().statement.not_a_movement):
            continue
        printed = row.amounts[-1]
        direction = _sign(printed) if printed.signed else direction_of(row.label)
        yield Movement(row.label, printed.field("movement", row.page), direction)


def _sign(printed: Amount) -> Direction:
    return -1 if printed.value < 0 else 1


def _number_above(rows: Sequence[MoneyRow], number: int) -> str:
    """The account number in one of the headings just above a summary."""
    for row in reversed(rows[max(number - _ROWS_ABOVE, 0) : number]):
        found = identifier(row.label)
        if found and len(found.value) >= 6 and abs(row.at.left - rows[number].at.left) < 2 * _ALIGNED:  # noqa: PLR2004 - shorter ones are dates and counts
            return found.value
    return ""


def _in_columns(layouts: Sequence[Layout]) -> Iterator[Account]:
    """Summaries printed as a table: the parts side by side, their amounts underneath."""
    vocabulary = words().statement
    wanted = [
        *(Wanted("beginning_balance", phrase) for phrase in vocabulary.beginning),
        *(Wanted("ending_balance", phrase) for phrase in vocabulary.ending),
        *(Wanted("movement", phrase) for phrase in (*vocabulary.money_in, *vocabulary.money_out)),
    ]
    for layout in layouts:
        page = LabelledPage(layout, wanted)
        for label in page.named("beginning_balance"):
            beside = [one for one in page.labels if share_row(one.at, label.at)]
            beginning = _amount_at(page, label)
            endings = [_amount_at(page, one) for one in beside if one.name == "ending_balance"]
            if beginning and endings and endings[0]:
                yield Account("", beginning, endings[0], tuple(_columns_between(page, beside)))
                break


def _columns_between(page: LabelledPage, labels: Iterable[Label]) -> Iterator[Movement]:
    for label in labels:
        field = _amount_at(page, label) if label.name == "movement" else None
        if field:
            text = label.places[0].item.text
            negative = isinstance(field.value, Decimal) and field.value < 0
            yield Movement(text, field, -1 if negative else direction_of(text))


def _amount_at(page: LabelledPage, label: Label) -> Field | None:
    for row in page.cell(label):
        for piece in row:
            if found := amount(piece.text, cents=True):
                sure = round(piece.confidence * label.quality * found.spelling * 0.98, 4)
                return Field(label.name, found.value, page.number, piece.box, piece.text, sure)
    return None


def _in_the_table(rows: Sequence[MoneyRow]) -> Iterator[Account]:
    """No summary: the balances stand in the list of transactions, and at most the totals below it."""
    vocabulary = words().statement
    places = range(len(rows))
    beginning = next((a for n in places if (a := _balance(rows, n, vocabulary.beginning))), None)
    ending = next((a for n in reversed(places) if (a := _balance(rows, n, vocabulary.ending))), None)
    if beginning is None and ending is None:
        return
    totals = (row for row in rows if row.amounts and row.label.casefold().startswith("total"))
    moved = (
        Movement(r.label, r.amounts[-1].field("movement", r.page), direction_of(r.label)) for r in totals
    )
    yield Account(
        number="",
        beginning=beginning.field("beginning_balance", rows[0].page) if beginning else None,
        ending=ending.field("ending_balance", rows[-1].page) if ending else None,
        movements=tuple(one for one in moved if one.direction),
    )
