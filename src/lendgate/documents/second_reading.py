"""A second reader's reading of a document, and what it may change. Pure.

Law: a second reading adds fields for a person to confirm and reasons to look; it takes no reason away and
changes no field, check or fact. What it says counts only where its quote stands on the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from lendgate.documents.document import Document
from lendgate.documents.fields import Field
from lendgate.documents.names import compare_employers, compare_people
from lendgate.documents.route import Reason, Routed, route_file
from lendgate.documents.triage import Examined, Triage
from lendgate.schema.enums import DocumentType

SeenAs = Literal[DocumentType, "blank_form", "unreadable"]


@dataclass(frozen=True, slots=True)
class Called:
    """The call a reading is from: which model, which prompt and request (SHA-256), at what cost (dollars)."""

    model: str
    prompt_hash: str
    request_hash: str
    cost: Decimal


@dataclass(frozen=True, slots=True)
class SecondReading:
    """What the second reader made of one document.

    ``fields`` are those whose quote was found, ``dropped`` counts the others. Without an answer ``seen_as``
    is None and ``because`` says why: the document stands as the rules read it.
    """

    seen_as: SeenAs | None
    fields: Mapping[str, Field]
    dropped: int = 0
    call: Called | None = None
    because: str = ""


def confer(triage: Triage, readings: Mapping[int, SecondReading]) -> Triage:
    """The triage with second readings by document number; where the readers differ, a person looks."""
    examined = tuple(
        _conferred(one, readings[one.document.number]) if one.document.number in readings else one
        for one in triage.documents
    )
    if not examined:
        return triage
    whole = route_file([one.routed for one in examined], triage.together)
    return replace(triage, documents=examined, routed=whole)


def _doubted(one: Examined, *doubts: Reason) -> Examined:
    return replace(one, routed=Routed("human_review", (*one.routed.reasons, *doubts)))


def _conferred(one: Examined, second: SecondReading) -> Examined:
    first = one.document.extract.fields
    offered = tuple(field for name, field in second.fields.items() if name not in first)
    others = tuple(field for name, field in second.fields.items() if _differs(first.get(name), field))
    doubts = tuple(_doubts(one.document, second))
    return replace(_doubted(one, *doubts) if doubts else one, offered=offered, others=others)


def _doubts(document: Document, second: SecondReading) -> Iterator[Reason]:
    taken_for = "blank_form" if document.blank else document.type
    if second.seen_as is not None and second.seen_as != taken_for:
        detail = f"The rules take it for {taken_for}, the second reader for {second.seen_as}."
        yield Reason("readers_disagree", detail, (document.first_page,))
    for name, field in second.fields.items():
        first = document.extract.fields.get(name)
        if first is not None and _differs(first, field):
            detail = f"Two readers differ in: {name.replace('_', ' ')}."
            yield Reason("readers_disagree", detail, (first.evidence, field.evidence))


def _differs(one: Field | None, other: Field) -> bool:
    """Whether two readers read something else in one field; where one read nothing, they do not differ."""
    if one is None:
        return False
    if not isinstance(one.value, str) or not isinstance(other.value, str):
        return one.value != other.value
    compare = compare_employers if one.name in {"employer", "payer", "bank"} else compare_people
    return compare(one.value, other.value) == "different"
