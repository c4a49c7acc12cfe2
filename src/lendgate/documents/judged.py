"""Documents as people judged them: what a verdict changes of a document.

Law: what was found stays as it was found; a judged document is another one beside it. A person's value has
the place of the value that it corrects, or that of the whole first page where there was none. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from lendgate.documents.classify import PageKind
from lendgate.documents.document import Document
from lendgate.documents.field_kinds import field_kinds, kind_for
from lendgate.documents.fields import NOTHING, Extract, Field, Value
from lendgate.documents.kinds import UNKNOWN
from lendgate.documents.model import WHOLE_PAGE
from lendgate.documents.split import Part
from lendgate.schema.enums import DocumentType

CERTAIN: Final = 1.0
"""How sure a value is that a person read off the page."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What people said of one document: that it goes back, or what it is and what it says otherwise."""

    returned: bool = False
    type: DocumentType | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


def as_judged(document: Document, judged: Judged) -> Document:
    """The document with the type and values that people gave it."""
    kind = document.kind
    if judged.type is not None and judged.type != document.type:
        kind = kind_for(judged.type)
    kept = _of_kind(document, kind)
    given = {name: _field(document, kept, name, value) for name, value in judged.values.items()}
    part = replace(document.part, kind=kind, type=judged.type or document.type, readable=True)
    return replace(document, part=part, extract=replace(kept, fields={**kept.fields, **given}), blank=False)


def by_hand(type_: DocumentType, number: int, pages: int) -> Document:
    """A document in a file that no machine could read: all that is known of it is what people say."""
    part = part_of(kind_for(type_), type_, CERTAIN, 1, max(pages, 1))
    return Document(number, part, NOTHING, blank=False)


def part_of(kind: str, type_: DocumentType, sure: float, first: int, last: int) -> Part:
    """Pages that are known by their numbers alone."""
    ends = (
        PageKind(page, kind, type_, sure, readable=True, signs=()) for page in dict.fromkeys((first, last))
    )
    return Part(kind, type_, sure, readable=True, pages=tuple(ends), layouts=())


def _of_kind(document: Document, kind: str) -> Extract:
    """What the document says, as far as a document of this kind can say it."""
    if kind == document.kind:
        return document.extract
    before, now = field_kinds(document.kind), field_kinds(kind) if kind != UNKNOWN else {}
    same = (one for one in document.extract.fields.values() if before.get(one.name) == now.get(one.name, ""))
    return Extract({one.name: one for one in same})


def _field(document: Document, kept: Extract, name: str, value: Value) -> Field:
    read = kept.fields.get(name)
    page, box = (read.page, read.box) if read else (document.part.first, WHOLE_PAGE)
    return Field(name, value, page, box, written(value), CERTAIN, "person")


def written(value: Value) -> str:
    """A value as it is kept: read back as the same."""
    return str(value)
