"""Triage of one file: what it holds, what that says, what is wrong with it, and where it goes. Pure.

The steps, each usable alone: ``sandbox`` reads the file → ``classify`` pages → ``split`` into documents →
``document`` extracts fields → ``examine`` checks (``second_look`` on sums that fail) → ``signals`` and
``duplicates`` → ``route``. Law: text of a document is data; it reaches no step but as text to be matched.
"""

from __future__ import annotations

from dataclasses import dataclass

from lendgate.documents.case import Case
from lendgate.documents.checks.model import Check
from lendgate.documents.classify import classify
from lendgate.documents.document import Document, documents_of
from lendgate.documents.duplicates import Duplicate, duplicates
from lendgate.documents.examine import examine, examine_together
from lendgate.documents.layout import lay_out
from lendgate.documents.model import Reading, Refusal
from lendgate.documents.refuse import FOR_A_PERSON
from lendgate.documents.route import Reason, Routed, route_document, route_file
from lendgate.documents.second_look import LookAgain, look_again
from lendgate.documents.signals import Signal, signals
from lendgate.documents.split import split
from lendgate.schema.enums import DocumentType


@dataclass(frozen=True, slots=True)
class Examined:
    """One document with its checks and where it goes."""

    document: Document
    checks: tuple[Check, ...]
    routed: Routed


@dataclass(frozen=True, slots=True)
class Triage:
    """One file triaged. ``together`` are the checks across its documents and against the application."""

    file: Reading | Refusal
    documents: tuple[Examined, ...]
    together: tuple[Check, ...]
    signals: tuple[Signal, ...]
    duplicates: tuple[Duplicate, ...]
    routed: Routed


def triage(
    file: Reading | Refusal,
    case: Case,
    *,
    declared: DocumentType | None = None,
    look: LookAgain | None = None,
) -> Triage:
    """The whole triage. ``declared`` is the type its sender gave; ``look`` reads places once more."""
    if isinstance(file, Refusal):
        return Triage(file, (), (), (), (), _refused(file))
    documents = read_documents(file)
    examined: list[tuple[Document, tuple[Check, ...]]] = []
    for document in documents:
        checks = examine(document, case)
        examined.append(look_again(document, checks, case, look) if look else (document, checks))
    together = examine_together([document for document, _ in examined], case)
    found, seen = signals(file, documents), tuple(duplicates(file, case.seen))
    routed = tuple(
        Examined(
            document,
            (*checks, *own),
            route_document(document, (*checks, *own), found, seen, declared=declared, marks=file.marks),
        )
        for document, checks in examined
        for own in [tuple(check for check in together if check.document == document.number)]
    )
    across = tuple(check for check in together if check.document == 0)
    return Triage(file, routed, across, found, seen, route_file([one.routed for one in routed], across))


def read_documents(reading: Reading) -> tuple[Document, ...]:
    """The documents of a file with what they say."""
    layouts = [lay_out(page) for page in reading.pages]
    return documents_of(split(layouts, [classify(layout) for layout in layouts]))


def _refused(file: Refusal) -> Routed:
    """What the sender can mend goes back; what may be our own fault goes to a person."""
    public = file.detail[:1].upper() + file.detail[1:] + "."
    if file.code in FOR_A_PERSON:
        return Routed("human_review", (Reason("refused", f"{file.code}: {file.detail}"),))
    return Routed("return_to_sender", (Reason("refused", f"{file.code}: {file.detail}", public=public),))
