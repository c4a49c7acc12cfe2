"""Signals: what about a file or page may mean that somebody changed it or speaks to our machines.

Law: a signal is for people of the lender. It sends the document to one, and that is all it does: it never
declines, is never part of a finding or a reason, and has no published form, so that it cannot be told to a
broker or borrower by accident. Honest documents give signals, too: bad scans, signed copies, printouts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from lendgate.documents.data import load
from lendgate.documents.document import Document
from lendgate.documents.fields import Evidence
from lendgate.documents.instructions import instructions_in, speaks_to_a_machine
from lendgate.documents.model import WHOLE_PAGE, Mark, MarkKind, Origin, Page, Reading
from lendgate.documents.phrases import mentions
from lendgate.schema.enums import DocumentType

SignalKind = Literal[
    "instruction",  # text that speaks to a machine, anywhere in the file
    "hidden_text",
    "text_layer_differs",
    "text_annotation",
    "trailing_data",
    "unread_page",
    "edited_with",  # made with a program for changing pictures or pages
    "office_origin",  # a statement or stub made with a word processor
    "stub_generator",
    "saved_again",  # a statement or stub that was changed after it was made
    "sample",  # the document says that it is a sample or void
    "round_numbers",  # pay or balances without a cent anywhere
    "screenshot",  # a picture in the shape of a phone's screen
]
_AS_THEY_ARE: Final[frozenset[MarkKind]] = frozenset(
    {"hidden_text", "text_layer_differs", "text_annotation", "trailing_data", "unread_page"}
)
_ISSUED: Final[frozenset[DocumentType]] = frozenset(
    {
        "bank_statement",
        "investment_statement",
        "credit_card_statement",
        "mortgage_statement",
        "pay_stub",
        "w2",
    }
)
"""Documents that others issue and borrowers only pass on."""
_SAMPLE: Final = ("SAMPLE", "SPECIMEN", "VOID VOID", "NOT A REAL DOCUMENT", "DO NOT FILE", "NON-NEGOTIABLE")
_WHEN: Final = re.compile(r"(\d{14}|\d{8})")
_LONGEST_QUOTE: Final = 160
_WITH_CENTS: Final[frozenset[DocumentType]] = frozenset({"pay_stub", "bank_statement", "w2"})
_FEWEST_AMOUNTS: Final = 6
_PHONE_SHAPE: Final = 1.95
"""Height over width: phones' screens are 2.0 to 2.2, photographs at most 1.78, paper 1.29 to 1.41."""


class _Origins(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    editor: Annotated[tuple[str, ...], Field(min_length=1)]
    office: Annotated[tuple[str, ...], Field(min_length=1)]
    generator: Annotated[tuple[str, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Signal:
    """One such thing, in a sentence for people of the lender, and where it is; page 0 is the file."""

    kind: SignalKind
    detail: str
    evidence: Evidence | None = None


def signals(reading: Reading, documents: Sequence[Document]) -> tuple[Signal, ...]:
    """Every signal of a file."""
    marks = (*reading.marks, *(mark for page in reading.pages for mark in page.marks))
    return (
        *_from_marks(marks),
        *_instructions(reading.pages),
        *_origins(reading.origin, documents),
        *_samples(documents),
        *_round_numbers(documents),
        *_screenshots(reading),
    )


def _from_marks(marks: Sequence[Mark]) -> Iterator[Signal]:
    for mark in marks:
        place = Evidence(mark.page, mark.box or WHOLE_PAGE, mark.detail) if mark.page else None
        if speaks_to_a_machine(mark.detail):
            yield Signal("instruction", f"In {mark.kind.replace('_', ' ')}: {_short(mark.detail)}", place)
        if mark.kind in _AS_THEY_ARE:
            yield Signal(mark.kind, _short(mark.detail), place)  # type: ignore[arg-type]  # the same words


def _instructions(pages: Sequence[Page]) -> Iterator[Signal]:
    """Such text on the pages themselves."""
    for page in pages:
        for spans in instructions_in(page):
            box, text = spans[0].box, " ".join(span.text for span in spans)
            for span in spans[1:]:
                box = box.join(span.box)
            yield Signal("instruction", f"On the page: {_short(text)}", Evidence(page.number, box, text))


def _origins(origin: Origin, documents: Sequence[Document]) -> Iterator[Signal]:
    made_with = f"{origin.producer} {origin.creator}"
    if mentions(made_with, _known().generator):
        yield Signal("stub_generator", f"Made with {made_with.strip()}.")
    if mentions(made_with, _known().editor):
        yield Signal("edited_with", f"Made with {made_with.strip()}.")
    if not any(document.type in _ISSUED for document in documents):
        return
    if mentions(made_with, _known().office):
        yield Signal("office_origin", f"Made with {made_with.strip()}.")
    created, modified = _moment(origin.created), _moment(origin.modified)
    if created and modified and created[:8] != modified[:8]:
        yield Signal("saved_again", f"Made {created}, changed {modified}.")
    elif origin.revisions > 1:
        yield Signal("saved_again", f"Saved {origin.revisions} times.")


def _samples(documents: Sequence[Document]) -> Iterator[Signal]:
    for document in documents:
        for layout in document.layouts:
            for item in layout.items:
                if item.text.isupper() and mentions(item.text, _SAMPLE):
                    place = Evidence(layout.page.number, item.span.box, item.text)
                    yield Signal("sample", f"Printed: {_short(item.text)}", place)
                    break


def _round_numbers(documents: Sequence[Document]) -> Iterator[Signal]:
    """Withholding and interest leave cents behind; made-up figures rarely do."""
    for document in documents:
        if document.type not in _WITH_CENTS:
            continue
        figures = [(f, f.value) for f in document.extract.all_fields if isinstance(f.value, Decimal)]
        if len(figures) >= _FEWEST_AMOUNTS and all(value == int(value) for _, value in figures):
            place = figures[0][0].evidence
            yield Signal("round_numbers", f"None of {len(figures)} amounts has cents.", place)


def _screenshots(reading: Reading) -> Iterator[Signal]:
    """A picture as tall as phones are, and not from a camera: shown by a program, not scanned."""
    if reading.media_type == "application/pdf" or reading.origin.creator:
        return
    for page in reading.pages:
        if max(page.width, page.height) >= _PHONE_SHAPE * min(page.width, page.height):
            place = Evidence(page.number, WHOLE_PAGE, "")
            yield Signal("screenshot", "The picture has the shape of a phone's screen.", place)


def _moment(text: str) -> str:
    found = _WHEN.search(text.replace(":", "").replace("-", ""))
    return found[1] if found else ""


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


@cache
def _known() -> _Origins:
    return load("origins.yaml", TypeAdapter(_Origins))
