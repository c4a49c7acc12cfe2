"""Fields of printed forms, by their labels. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from lendgate.documents.extract.labels import Label, LabelledPage, Piece
from lendgate.documents.extract.specs import FieldSpec, FormSpec
from lendgate.documents.fields import Extract, Field, Value
from lendgate.documents.layout import Layout
from lendgate.documents.model import Box
from lendgate.documents.values import Found, amount, dates, identifier, year
from lendgate.schema.documents import FieldKind

_NEAR: Final = 0.98
_LINE_NUMBER: Final = re.compile(r"[0-9]{1,2}[a-z]?|[a-z]")
_ROWS_BELOW: Final = 5
_BLOCK_ROWS: Final = 4
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z.'\u2019,&/ -]{1,79}")
_PERCENT: Final = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)\s?%?")
_SHORTEST_NAME: Final = 2
_LONGEST_NAME: Final = 7
"""Words: longer texts are sentences of the form."""
_SHORTEST_IDENTIFIER: Final = 6
_NINE: Final = 9
_BARE: Final = re.compile(r"[0-9]{1,2}|(?:19|20)[0-9]{2}")


def read_form(layouts: Sequence[Layout], form: FormSpec) -> Extract:
    """The form's fields on the pages of one document; the first page that has a field gives it."""
    fields: dict[str, Field] = {}
    for layout in layouts:
        page = LabelledPage(layout, form.wanted, form.noise)
        for spec in form.fields:
            if spec.name not in fields and (field := _read(page, spec)):
                fields[spec.name] = field
    _join_names(fields)
    _part_period(fields)
    return Extract(fields)


def _read(page: LabelledPage, spec: FieldSpec) -> Field | None:
    for label in page.named(spec.name):
        rows = _line_rows(page, label) if spec.line else page.cell(label)
        for number, row in enumerate(rows):
            found = _value(spec, rows[number:] if spec.kind == "block" else [row])
            if found:
                return _field(page, spec.name, label, found)
    return _printed_year(page, spec.name) if spec.kind == "year" else None


_Reading = tuple[Value, list[Piece], float]
_FieldReader = Callable[[list[Piece], FieldSpec], _Reading | None]


def _value(spec: FieldSpec, rows: list[list[Piece]]) -> _Reading | None:
    """The value at the beginning of ``rows``, the pieces it stands in, and how surely it is spelled."""
    if spec.kind == "block":
        return _block(rows)
    return _READERS[spec.kind](rows[0], spec)


def _amount(row: list[Piece], spec: FieldSpec) -> _Reading | None:
    for piece in reversed(row):
        if spec.side != "right" and _BARE.fullmatch(piece.text):
            continue  # the number of the next box, or the form's year
        if found := amount(piece.text, cents=spec.cents):
            return found.value, [piece], found.spelling
    return None


def _joined(reader: Callable[[str], Found[Value] | None]) -> _FieldReader:
    """A reader for values that some forms print in several boxes, such as the parts of an SSN or a date."""

    def read(row: list[Piece], _spec: FieldSpec) -> _Reading | None:
        for piece in row:
            if found := reader(piece.text):
                return found.value, [piece], found.spelling
        texts = [piece.text for piece in row]
        found = reader(" ".join(texts)) or reader("/".join(texts))
        return (found.value, row, found.spelling) if found else None

    return read


def _date(text: str) -> Found[Value] | None:
    found = dates(text)
    return Found(found[0].value, found[0].start, found[0].end) if found else None


def _identifier(row: list[Piece], _spec: FieldSpec) -> _Reading | None:
    for piece in row:
        found = identifier(piece.text)
        if found and len(found.value) >= _SHORTEST_IDENTIFIER:
            return found.value, [piece], found.spelling
    # One digit to a box: taken only when it comes out at the nine digits of an SSN or EIN.
    found = identifier(" ".join(piece.text for piece in row))
    return (found.value, row, found.spelling) if found and len(found.value) == _NINE else None


def _year(text: str) -> Found[Value] | None:
    found = year(text)
    return Found(found.value, found.start, found.end) if found else None


def _percent(row: list[Piece], _spec: FieldSpec) -> _Reading | None:
    for piece in row:
        if found := _PERCENT.fullmatch(piece.text.replace(" ", "")):
            return found[1], [piece], 1.0
    return None


def _name(row: list[Piece], _spec: FieldSpec) -> _Reading | None:
    text = " ".join(piece.text for piece in row)
    found = _NAME.match(text)
    letters = sum(map(str.isalpha, found[0])) if found else 0
    if not found or letters < _SHORTEST_NAME or len(text.split()) > _LONGEST_NAME:
        return None
    return found[0].strip(" ,-"), row, 1.0


def _code(row: list[Piece], spec: FieldSpec) -> _Reading | None:
    return _text(row, spec) if any(map(str.isdigit, "".join(piece.text for piece in row))) else None


def _text(row: list[Piece], _spec: FieldSpec) -> _Reading | None:
    text = " ".join(piece.text for piece in row)
    return (text, row, 1.0) if text else None


def _block(rows: list[list[Piece]]) -> _Reading | None:
    pieces = [piece for row in rows[:_BLOCK_ROWS] for piece in row]
    lines = [" ".join(piece.text for piece in row) for row in rows[:_BLOCK_ROWS]]
    if not any(character.isalpha() for character in lines[0]):
        return None
    return "\n".join(lines), pieces, 1.0


_READERS: Final[dict[FieldKind, _FieldReader]] = {
    "amount": _amount,
    "date": _joined(_date),
    "identifier": _identifier,
    "year": _joined(_year),
    "percent": _percent,
    "name": _name,
    "text": _text,
    "code": _code,
    "period": _text,
}


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


def _field(page: LabelledPage, name: str, label: Label, reading: _Reading) -> Field:
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
        fields[name] = Field(
            name,
            " ".join(str(part.value) for part in parts),
            first.page,
            _around(part.box for part in parts),
            " ".join(part.quote for part in parts),
            min(part.confidence for part in parts),
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
