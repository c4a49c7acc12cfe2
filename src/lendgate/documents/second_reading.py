"""A second reader's reading of a document, and what it may change. Pure.

Law: a second reading adds fields for a person to confirm and reasons to look; it takes no reason away and
changes no field, check or fact. What it says counts only where its quote stands on the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from lendgate.claude.errors import ModelError
from lendgate.claude.port import ModelReply
from lendgate.documents.document import Document
from lendgate.documents.fields import Field
from lendgate.documents.names import compare_employers, compare_people
from lendgate.documents.route import Reason, Routed, route_file
from lendgate.documents.triage import Examined, Triage
from lendgate.schema.enums import DocumentType

SeenAs = Literal[DocumentType, "blank_form", "unreadable"]


@dataclass(frozen=True, slots=True)
class SecondReading:
    """What the second reader made of one document.

    ``fields`` are those whose quote was found, ``dropped`` counts the others. Without a reply ``seen_as``
    is None and ``error`` says why: the document stands as the rules read it.
    """

    seen_as: SeenAs | None
    fields: Mapping[str, Field]
    dropped: int = 0
    reply: ModelReply | None = None
    error: ModelError | None = None


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


def _conferred(one: Examined, second: SecondReading) -> Examined:
    first = one.document.extract.fields
    offered = tuple(field for name, field in second.fields.items() if name not in first)
    doubts = tuple(_doubts(one.document, second))
    routed = Routed("human_review", (*one.routed.reasons, *doubts)) if doubts else one.routed
    return replace(one, offered=offered, routed=routed)


def _doubts(document: Document, second: SecondReading) -> Iterator[Reason]:
    taken_for = "blank_form" if document.blank else document.type
    if second.seen_as is not None and second.seen_as != taken_for:
        detail = f"The rules take it for {taken_for}, the second reader for {second.seen_as}."
        yield Reason("readers_disagree", detail, (document.first_page,))
    for name, field in second.fields.items():
        first = document.extract.fields.get(name)
        if first is not None and not _agree(first, field):
            detail = f"Two readers differ in: {name.replace('_', ' ')}."
            yield Reason("readers_disagree", detail, (first.evidence, field.evidence))


def _agree(one: Field, other: Field) -> bool:
    if not isinstance(one.value, str) or not isinstance(other.value, str):
        return one.value == other.value
    compare = compare_employers if one.name in {"employer", "payer", "bank"} else compare_people
    return compare(one.value, other.value) != "different"
