"""A logical document: its pages, what it is, and what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lendgate.documents.extract.document import extract
from lendgate.documents.extract.specs import forms
from lendgate.documents.fields import Evidence, Extract
from lendgate.documents.figures import figures
from lendgate.documents.kinds import kind_of
from lendgate.documents.layout import Layout
from lendgate.documents.model import WHOLE_PAGE, Page
from lendgate.documents.split import Part
from lendgate.schema.enums import DocumentType

_VALUES: frozenset[str] = frozenset({"amount", "date", "identifier", "percent"})
"""Kinds of values that a blank form cannot show; names may be taken from its printed words."""
_ANSWER: re.Pattern[str] = re.compile(
    r"\W*(?:\d{1,3}(?:,?\d{3})*\.\d{2}|\d{1,2}/\d{1,2}/(?:\d{2}|\d{4})|[\dXx*]{3}-[\dXx*]{2}-\d{4})\W*"
)
"""An amount with cents, a day or a Social Security number by itself: no form prints those."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document. ``number`` counts from 1 through the packet; ``blank`` is a form nobody filled."""

    number: int
    part: Part
    extract: Extract
    blank: bool

    @property
    def type(self) -> DocumentType:
        return self.part.type

    @property
    def kind(self) -> str:
        return self.part.kind

    @property
    def pages(self) -> tuple[Page, ...]:
        return tuple(layout.page for layout in self.part.layouts)

    @property
    def layouts(self) -> tuple[Layout, ...]:
        return self.part.layouts

    @property
    def read_by_ocr(self) -> bool:
        """Whether any of its text was read from a picture, where digits can be misread."""
        return any(page.source == "ocr" for page in self.pages)

    @property
    def first_page(self) -> Evidence:
        """The whole of the first page, for what is wrong with the document and not with one place."""
        return Evidence(self.part.first, WHOLE_PAGE, "")


def documents_of(parts: tuple[Part, ...], before: int = 0) -> tuple[Document, ...]:
    """The documents of a file, read; ``before`` documents of its packet are in earlier files."""
    found = []
    for number, part in enumerate(parts, start=before + 1):
        said = extract(part.kind, part.layouts)
        found.append(Document(number, part, said, blank=_is_blank(part, said)))
    return tuple(found)


def _is_blank(part: Part, said: Extract) -> bool:
    """A form on which nothing but the print is found; what is perhaps another form is not called so."""
    kind = kind_of(part.kind)
    if kind is None or not kind.form or any(layout.page.filled for layout in part.layouts):
        return False
    if part.confidence < float(figures().accept.type_confidence.value):
        return False
    if any(_ANSWER.fullmatch(item.text) for layout in part.layouts for item in layout.items):
        return False
    form = forms().get(part.kind)
    if form is None:
        return False
    values = {spec.name for spec in form.fields if spec.kind in _VALUES}
    return not values & said.fields.keys()
