"""The value at the label of a form, by its kind: what is one, and what is print beside an empty box. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

from lendgate.documents.extract.labels import Piece
from lendgate.documents.extract.people import is_print
from lendgate.documents.extract.specs import FieldSpec
from lendgate.documents.fields import Value
from lendgate.documents.values import Found, amount, dates, identifier, year
from lendgate.schema.documents import FieldKind

_BLOCK_ROWS: Final = 4
_LINES_APART: Final = 1.2
"""Heights of a line between the lines of one address, at most."""
_NAME: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'\u2019,&/ -]){1,79}")
_PERCENT: Final = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)\s?%?")
_SHORTEST_NAME: Final = 2
_LONGEST_NAME: Final = 7
"""Words: longer texts are sentences of the form."""
_LONGEST_CODE: Final = 5
_LONGEST_TEXT: Final = 10
_SHORTEST_IDENTIFIER: Final = 6
_NINE: Final = 9
_OF_THE_FORM: Final = re.compile(r"\bOMB\b|\b1545-\d{4}\b")
"""The number under which a form was approved: every copy of it has the same."""
_WORD: Final = re.compile(r"[^\W\d_]{3}")
_WIDE_GAP: Final = 0.12
"""A share of the page's width: what stands farther off on the line of a name is of another column."""
_SMALL: Final = 2
"""Digits; a number of four behind a dollar sign may be the year that is printed beside the box."""
_BARE: Final = re.compile(r"[0-9]{1,2}|(?:19|20)[0-9]{2}")

Reading = tuple[Value, list[Piece], float]
FieldReader = Callable[[list[Piece], FieldSpec], Reading | None]


def value_at(spec: FieldSpec, rows: list[list[Piece]]) -> Reading | None:
    """The value at the beginning of ``rows``, the pieces it stands in, and how surely it is spelled."""
    if spec.kind == "block":
        return _block(rows)
    return _READERS[spec.kind](rows[0], spec)


def _amount(row: list[Piece], spec: FieldSpec) -> Reading | None:
    for piece in reversed(row):
        small = piece.dollar and len(piece.text) <= _SMALL
        if spec.side != "right" and _BARE.fullmatch(piece.text) and not small:
            continue  # the number of the next box, or the form's year
        # Without a dollar sign or cents, a number among words is the print's: "Copy 2", "line 9a of Form".
        worded = not piece.text.startswith("$") and bool(_WORD.search(piece.text))
        if found := amount(piece.text, cents=spec.cents or worded):
            return found.value, [piece], found.spelling
    return None


def _joined(reader: Callable[[str], Found[Value] | None]) -> FieldReader:
    """A reader for values that some forms print in several boxes, such as the parts of an SSN or a date."""

    def read(row: list[Piece], _spec: FieldSpec) -> Reading | None:
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


def _identifier(row: list[Piece], _spec: FieldSpec) -> Reading | None:
    for piece in row:
        found = None if _OF_THE_FORM.search(piece.text) else identifier(piece.text)
        if found and len(found.value) >= _SHORTEST_IDENTIFIER:
            return found.value, [piece], found.spelling
    # One digit to a box: taken only when it comes out at the nine digits of an SSN or EIN.
    found = identifier(" ".join(piece.text for piece in row))
    return (found.value, row, found.spelling) if found and len(found.value) == _NINE else None


def _year(text: str) -> Found[Value] | None:
    found = year(text)
    return Found(found.value, found.start, found.end) if found else None


def _percent(row: list[Piece], _spec: FieldSpec) -> Reading | None:
    for piece in row:
        if found := _PERCENT.fullmatch(piece.text.replace(" ", "")):
            return found[1], [piece], 1.0
    return None


def _name(row: list[Piece], _spec: FieldSpec) -> Reading | None:
    row = _without_far(row)
    text = " ".join(piece.text for piece in row)
    found = _NAME.match(text)
    letters = sum(map(str.isalpha, found[0])) if found else 0
    if not found or letters < _SHORTEST_NAME or len(text.split()) > _LONGEST_NAME or is_print(found[0]):
        return None
    return found[0].strip(" ,-"), row, 1.0


def _without_far(row: list[Piece]) -> list[Piece]:
    """The pieces up to the first wide gap."""
    for number, (one, following) in enumerate(pairwise(row), start=1):
        if following.at.left - one.at.right > _WIDE_GAP:
            return row[:number]
    return row


def _code(row: list[Piece], spec: FieldSpec) -> Reading | None:
    if spec.single:
        return _number(row)
    text = " ".join(piece.text for piece in row)
    few = len(text.split()) <= _LONGEST_CODE
    return _text(row, spec) if few and any(map(str.isdigit, text)) else None


def _number(row: list[Piece]) -> Reading | None:
    """What names a card or its holder: one piece of print, letters and digits."""
    for piece in row:
        text = piece.text.lstrip("#:. ")
        few = len(text.split()) <= _LONGEST_CODE
        if few and any(map(str.isdigit, text)) and not dates(text):
            return text, [piece], 1.0
    return None


def _text(row: list[Piece], _spec: FieldSpec) -> Reading | None:
    text = " ".join(piece.text for piece in row)
    return (text, row, 1.0) if text and len(text.split()) <= _LONGEST_TEXT else None


def _block(rows: list[list[Piece]]) -> Reading | None:
    together = list(_without_gaps(rows[:_BLOCK_ROWS]))
    pieces = [piece for row in together for piece in row]
    lines = [" ".join(piece.text for piece in row) for row in together]
    if not any(character.isalpha() for character in lines[0]):
        return None
    return "\n".join(lines), pieces, 1.0


def _without_gaps(rows: list[list[Piece]]) -> Iterator[list[Piece]]:
    """The lines of an address: what stands farther down than the next line is something else."""
    yield rows[0]
    for before, row in pairwise(rows):
        if row[0].at.top - before[0].at.bottom > _LINES_APART * before[0].at.height:
            return
        yield row


_READERS: Final[dict[FieldKind, FieldReader]] = {
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
