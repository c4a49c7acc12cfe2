"""Fields of printed forms, by their labels. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from lendgate.documents.extract.find_labels import Label
from lendgate.documents.extract.form_values import Reading, value_at
from lendgate.documents.extract.labels import LabelledPage, Piece
from lendgate.documents.extract.specs import FieldSpec, FormSpec
from lendgate.documents.fields import Extract, Field
from lendgate.documents.layout import Layout
from lendgate.documents.model import Box
from lendgate.documents.values import amount, dates, year
from lendgate.schema.documents import FieldKind

_NEAR: Final = 0.98
_LINE_NUMBER: Final = re.compile(r"[0-9]{1,2}[a-z]?|[a-z]")
_ROWS_BELOW: Final = 5
_WORDED: Final[frozenset[FieldKind]] = frozenset({"text", "code", "name"})
_HALF_A_NAME: Final = 0.8
_COPIES_DIFFER: Final = 0.85
"""What a value is worth of which the copies on a sheet print, or were read to print, several."""


def read_form(layouts: Sequence[Layout], form: FormSpec) -> Extract:
    """The form's fields on the pages of one document; the first page that has a field gives it."""
    fields: dict[str, Field] = {}
    for layout in layouts:
        page = LabelledPage(layout, form.wanted, form.noise, copies=form.copies)
        for spec in form.fields:
            if spec.name not in fields and (field := _read(page, spec, copies=form.copies)):
                fields[spec.name] = field
    _join_names(fields)
    _part_period(fields)
    return Extract(fields)


def _read(page: LabelledPage, spec: FieldSpec, *, copies: bool) -> Field | None:
    found = filter(None, (_at_label(page, spec, label) for label in page.named(spec.name)))
    field = _agreed(list(found)) if copies else next(found, None)
    return field or (_printed_year(page, spec.name) if spec.kind == "year" else None)


def _at_label(page: LabelledPage, spec: FieldSpec, label: Label) -> Field | None:
    rows = _line_rows(page, label) if spec.line else page.cell(label)
    for number, row in enumerate(rows):
        found = value_at(spec, rows[number:] if spec.kind == "block" else [row])
        if found and not (spec.kind in _WORDED and page.is_print(str(found[0]))):
            return _field(page, spec.name, label, found)
    return None


def _agreed(found: Sequence[Field]) -> Field | None:
    """What most copies say; where copies say different things, that is less sure than any of them."""
    if not found:
        return None
    said = Counter(_said(field) for field in found)
    # Of equal ones the longer: the other lost a space.
    best = max(found, key=lambda field: (said[_said(field)], len(str(field.value)), field.confidence))
    doubt = _COPIES_DIFFER if len(said) > 1 else 1.0
    return replace(best, confidence=round(best.confidence * doubt, 4))


def _said(field: Field) -> str:
    return "".join(filter(str.isalnum, str(field.value))).casefold()


def _line_rows(page: LabelledPage, label: Label) -> list[list[Piece]]:
    """The amount of a numbered line: at the end of the label's row, or some rows on behind its number."""
    row = page.row_of(label.at)
    behind = _behind_number([piece for piece in row if piece.at.left >= label.at.right - 0.01])
    if behind:
        return [behind]
    before = [piece.text for piece in row if piece.at.right <= label.at.left + 0.01]
    number = before[-1] if before and _LINE_NUMBER.fullmatch(before[-1]) else ""
    height = page.layout.line_height
    for piece in page.pieces:
        if piece.text == number and 0 < piece.at.y - label.at.y <= 2 * _ROWS_BELOW * height:
            follows = [one for one in page.row_of(piece.at) if one.at.left > piece.at.right]
            if follows and (found := _behind_number([piece, *follows])):
                return [found]
    return []


def _behind_number(pieces: list[Piece]) -> list[Piece]:
    """The amount at the end of a line, or nothing when only the line's own number stands there."""
    numbers = [piece for piece in pieces if not any(map(str.isalpha, _without_line(piece.text)))]
    if not numbers or not amount(numbers[-1].text, cents=False):
        return []
    alone = len(numbers) == 1 and _LINE_NUMBER.fullmatch(numbers[0].text)
    return [] if alone else [numbers[-1]]


def _without_line(text: str) -> str:
    """Nothing when ``text`` is the number of a line such as 1z, else the text itself."""
    return "" if _LINE_NUMBER.fullmatch(text) else text


def _printed_year(page: LabelledPage, name: str) -> Field | None:
    """The year that a form prints large and alone."""
    alone = [
        (piece, found)
        for piece in page.pieces
        if len(piece.text) <= len("|2023|") and (found := year(piece.text.strip("|[]() ")))
    ]
    if not alone:
        return None
    piece, found = max(alone, key=lambda one: one[0].at.height)
    return Field(name, found.value, page.number, piece.box, piece.text, round(piece.confidence * _NEAR, 4))


def _field(page: LabelledPage, name: str, label: Label, reading: Reading) -> Field:
    value, pieces, spelling = reading
    confidence = min(piece.confidence for piece in pieces) * label.quality * spelling * _NEAR
    quote = " ".join(piece.text for piece in pieces)
    return Field(
        name, value, page.number, _around(piece.box for piece in pieces), quote, round(confidence, 4)
    )


def _around(boxes: Iterator[Box]) -> Box:
    first = next(boxes)
    for box in boxes:
        first = first.join(box)
    return first


def _join_names(fields: dict[str, Field]) -> None:
    """``x_first`` and ``x_last`` as one field ``x_name``."""
    for first_name in [name for name in fields if name.endswith("_first")]:
        first, last = fields.pop(first_name), fields.pop(first_name.replace("_first", "_last"), None)
        name = first_name.replace("_first", "_name")
        if name in fields or not isinstance(first.value, str):
            continue
        parts = [first, last] if last is not None and last.page == first.page else [first]
        if len(parts) > 1 and first.value.casefold().endswith(f" {str(parts[1].value).casefold()}"):
            parts = [first]  # the label of the last name was not made out, and the whole name stands here
        # A first name alone is half a name; some print the whole name in its place.
        half = len(parts) == 1 and len(first.value.split()) == 1
        fields[name] = Field(
            name,
            " ".join(str(part.value) for part in parts),
            first.page,
            _around(part.box for part in parts),
            " ".join(part.quote for part in parts),
            round(min(part.confidence for part in parts) * (_HALF_A_NAME if half else 1), 4),
        )


def _part_period(fields: dict[str, Field]) -> None:
    """A period as its first and last day; one day alone is the last."""
    period = fields.pop("period", None)
    if period is None:
        return
    days = [found.value for found in dates(str(period.value))]
    names = ("period_start", "period_end") if len(days) > 1 else ("period_end",)
    for name, day in zip(names, days, strict=False):
        fields[name] = replace(period, name=name, value=day)
