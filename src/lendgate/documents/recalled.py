"""Documents told by their findings, after the pages they were read from are put away. Pure.

Law: what policy may learn of a document is in its findings, value by value (a property test holds that
nothing of it is lost); so what people say of it later needs no second reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lendgate.documents.document import Document
from lendgate.documents.field_kinds import field_kinds, read_back
from lendgate.documents.fields import Extract, Field
from lendgate.documents.judged import part_of
from lendgate.documents.model import Box
from lendgate.documents.report import DocumentShown, FieldShown


def recalled(shown: DocumentShown, number: int) -> Document:
    """A document as its findings tell it: its fields, without its pages' text; ``number`` is its new one.

    What only a second reader read is offered to people and is no field of it (``second_reading``).
    """
    own = [one for one in shown.fields if one.reader != "claude"]
    part = part_of(shown.kind, shown.type, shown.confidence, shown.first_page, shown.last_page)
    said = Extract({one.name: one for one in recalled_fields(shown.kind, own)})
    return Document(number, replace(part, readable=shown.readable), said, shown.blank)


def recalled_fields(kind: str, shown: Sequence[FieldShown]) -> Iterator[Field]:
    """Fields as findings tell them, whose values can be told; pages as the file counts."""
    kinds = field_kinds(kind)
    for one in shown:
        value = read_back(one.value, kinds.get(one.name))
        if value is not None:
            at = one.place
            box = Box(at.left, at.top, at.right, at.bottom)
            yield Field(one.name, value, at.page, box, at.quote, one.confidence, one.reader)
