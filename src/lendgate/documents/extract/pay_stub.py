"""Pay stubs: who paid whom, when and for when, gross, net, and every line between them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lendgate.documents.extract.find_labels import Label, Wanted
from lendgate.documents.extract.labels import LabelledPage, Piece
from lendgate.documents.extract.money_rows import money_rows
from lendgate.documents.extract.pay_lines import headers_of, lines_of, sorted_rows
from lendgate.documents.extract.pay_totals import totals
from lendgate.documents.extract.people import address_blocks, is_name, organization_field, person_field
from lendgate.documents.fields import Extract, Field, Line, Value
from lendgate.documents.layout import Layout
from lendgate.documents.phrases import mentions
from lendgate.documents.values import amounts, dates, identifier
from lendgate.documents.words import words

_RATE: Final = ("Hourly rate", "Pay rate", "Rate of pay", "Base rate", "Salary")
_SURE: Final = 0.98
_SHORTEST_SSN: Final = 7
_ROWS_AT_A_LABEL: Final = 3
"""A name may stand under its label, behind the other labels of a row of labels."""


def read_pay_stub(layouts: Sequence[Layout]) -> Extract:
    """Everything a pay stub tells."""
    fields: dict[str, Field] = {}
    lines: list[Line] = []
    for layout in layouts:
        rows = sorted_rows(money_rows(layout), headers_of(layout))
        _add(fields, _labelled_fields(layout))
        _add(fields, totals(layout, rows))
        lines.extend(lines_of(rows, layout))
        blocks = address_blocks(layout)
        _add(fields, [person_field("employee_name", layout, blocks)])
        _add(fields, [organization_field("employer", layout, blocks)])
    return Extract(fields, lines=tuple(lines))


def _add(fields: dict[str, Field], found: Iterable[Field | None]) -> None:
    for field in found:
        if field is not None:
            fields.setdefault(field.name, field)


def _labelled_fields(layout: Layout) -> list[Field]:
    vocabulary = words().stub
    sides = (
        ("period_start", vocabulary.period_start),
        ("period_end", vocabulary.period_end),
        ("period", vocabulary.period),
        ("pay_date", vocabulary.pay_date),
        ("employee_name", vocabulary.employee),
        ("employer", vocabulary.employer),
        ("employee_ssn", vocabulary.ssn),
        ("rate", _RATE),
    )
    wanted = [Wanted(name, phrase, "both") for name, phrases in sides for phrase in phrases]
    page = LabelledPage(layout, wanted)
    found: list[Field] = []
    labels = (label for label in page.labels if not _goes_on(label))
    for label in sorted(labels, key=lambda one: one.at.top):
        read = (_values(page, label.name, row) for row in page.cell(label)[:_ROWS_AT_A_LABEL])
        found.extend(next(filter(None, read), []))
    return found


def _goes_on(label: Label) -> bool:
    """Whether the label is the beginning of another one: "Employee" of "Employee ID"."""
    place = label.places[-1]
    following = place.item.text[place.end :].lstrip(" ")
    if not following[:1].isalpha():
        return False
    return mentions(following.split(":")[0].split()[0], words().no_name)


def _values(page: LabelledPage, name: str, row: Sequence[Piece]) -> list[Field]:
    text = " ".join(piece.text for piece in row)
    if name == "period":
        days = [found.value for found in dates(text)]
        keys = ("period_start", "period_end") if len(days) > 1 else ()
        return [_at(page, key, day, row) for key, day in zip(keys, days, strict=False)]
    if name in {"period_start", "period_end", "pay_date"}:
        return [_at(page, name, found.value, row) for found in dates(text)[:1]]
    if name == "employee_ssn":
        numbers = ((piece, found) for piece in row if (found := identifier(piece.text)))
        return [_at(page, name, n.value, [p]) for p, n in numbers if len(n.value) >= _SHORTEST_SSN][:1]
    if name == "rate":
        printed = next(amounts(text, cents=True), None)
        return [_at(page, name, printed.value, row)] if printed and printed.start == 0 else []
    first = row[0].text
    return [_at(page, name, first, row[:1])] if is_name(first) else []


def _at(page: LabelledPage, name: str, value: Value, row: Sequence[Piece]) -> Field:
    box = row[0].box
    for piece in row[1:]:
        box = box.join(piece.box)
    quote = " ".join(piece.text for piece in row)
    sure = round(min(piece.confidence for piece in row) * _SURE, 4)
    return Field(name, value, page.number, box, quote, sure)
