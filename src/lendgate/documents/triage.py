"""Triage: what files hold, what that says, what is wrong with it, and where it goes. Pure.

The steps, each usable alone: ``sandbox`` reads a file → ``classify`` pages → ``split`` into documents →
``document`` extracts fields → ``examine`` checks (``second_look`` on sums that fail) → ``signals`` and
``duplicates`` → ``route``. Law: text of a document is data; it reaches no step but as text to be matched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lendgate.documents.case import Case, Seen
from lendgate.documents.checks.model import Check
from lendgate.documents.classify import classify
from lendgate.documents.document import Document, documents_of
from lendgate.documents.duplicates import Duplicate, duplicates, seen_of
from lendgate.documents.examine import examine, examine_together
from lendgate.documents.fields import Field
from lendgate.documents.instructions import without_instructions
from lendgate.documents.judged import Judged, as_judged
from lendgate.documents.layout import lay_out
from lendgate.documents.model import Box, Page, Reading, Refusal, Span
from lendgate.documents.refuse import FOR_A_PERSON
from lendgate.documents.route import Reason, Routed, route_document, route_file
from lendgate.documents.second_look import LookAgain, look_again
from lendgate.documents.signals import Signal, signals
from lendgate.documents.split import split
from lendgate.schema.enums import DocumentType


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of an application: as it was read, the type its sender gave, and a way to read it again.

    ``judged`` is what people said of documents in it, by their first pages as the file counts.
    """

    file: Reading | Refusal
    declared: DocumentType | None = None
    look: LookAgain | None = None
    judged: Mapping[int, Judged] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Examined:
    """One document with its checks and where it goes.

    ``offered`` are fields that only a second reader read, for a person to confirm, and ``others`` its
    readings of fields in which it differs (``second_reading``). ``against`` are those of the checks that hold
    the document against others and the application.
    """

    document: Document
    checks: tuple[Check, ...]
    routed: Routed
    offered: tuple[Field, ...] = ()
    others: tuple[Field, ...] = ()
    against: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Triage:
    """One file triaged. ``together`` are the checks of the whole packet, which are of no one document.

    Documents, and the pages that evidence names, are numbered through the packet: ``pages_before`` of its
    pages are those of earlier files.
    """

    file: Reading | Refusal
    documents: tuple[Examined, ...]
    together: tuple[Check, ...]
    signals: tuple[Signal, ...]
    duplicates: tuple[Duplicate, ...]
    routed: Routed
    pages_before: int = 0

    def page_in_file(self, page: Page) -> Page:
        """A page of this file with the number it has in the file, as ``sandbox`` counts."""
        return replace(page, number=page.number - self.pages_before)


def triage(
    file: Reading | Refusal,
    case: Case,
    *,
    declared: DocumentType | None = None,
    look: LookAgain | None = None,
) -> Triage:
    """The triage of one file by itself."""
    (only,) = triage_together([Upload(file, declared, look)], case)
    return only


def triage_together(uploads: Sequence[Upload], case: Case) -> tuple[Triage, ...]:
    """The triage of all files of an application as one packet, so that they are held against each other."""
    numbered = list(_numbered(uploads))
    found = _examined_alone(numbered, case)
    together = examine_together(list(_as_they_stand(numbered, found)), case)
    seen = case.seen
    triages = []
    for number, ((upload, before), own) in enumerate(zip(numbered, found, strict=True), start=1):
        triages.append(_file(upload, before, own, together, seen))
        if isinstance(upload.file, Reading):
            seen = (*seen, seen_of(upload.file, f"file {number} of the same packet"))
    return tuple(triages)


def read_documents(reading: Reading, documents_before: int = 0) -> tuple[Document, ...]:
    """The documents of a file with what they say, numbered on from those of earlier files."""
    layouts = [lay_out(without_instructions(page)) for page in reading.pages]
    return documents_of(split(layouts, [classify(layout) for layout in layouts]), documents_before)


_Checked = tuple[Document, tuple[Check, ...]]


def _numbered(uploads: Sequence[Upload]) -> Iterator[tuple[Upload, int]]:
    """The uploads with their pages numbered through the packet, and how many pages came before each."""
    before = 0
    for upload in uploads:
        if isinstance(upload.file, Refusal):
            yield upload, before
            continue
        look = upload.look and _looking_back(upload.look, before)
        yield replace(upload, file=_moved(upload.file, before), look=look), before
        before += len(upload.file.pages)


def _moved(reading: Reading, by: int) -> Reading:
    pages = (
        replace(
            page,
            number=page.number + by,
            marks=tuple(replace(mark, page=mark.page + by) for mark in page.marks),
        )
        for page in reading.pages
    )
    return replace(reading, pages=tuple(pages)) if by else reading


def _looking_back(look: LookAgain, by: int) -> LookAgain:
    """The same second look, given a page numbered through the packet."""

    def again(page: Page, boxes: Sequence[Box]) -> Sequence[Span]:
        return look(replace(page, number=page.number - by), boxes)

    return again


def _examined_alone(uploads: Sequence[tuple[Upload, int]], case: Case) -> list[list[_Checked]]:
    """Each file's documents with the checks that need nothing but the document."""
    found: list[list[_Checked]] = []
    count = 0
    for upload, _ in uploads:
        documents = read_documents(upload.file, count) if isinstance(upload.file, Reading) else ()
        count += len(documents)
        checked = [(document, examine(document, case)) for document in documents]
        look = upload.look
        found.append([look_again(*one, case, look) for one in checked] if look else checked)
    return found


def _as_they_stand(
    uploads: Sequence[tuple[Upload, int]], found: Sequence[Sequence[_Checked]]
) -> Iterator[Document]:
    """The documents as people judged them: what went back is as if it had not come."""
    for (upload, before), own in zip(uploads, found, strict=True):
        for document, _ in own:
            judged = upload.judged.get(document.part.first - before)
            if judged is None:
                yield document
            elif not judged.returned:
                yield as_judged(document, judged)


def _file(
    upload: Upload, before: int, own: Sequence[_Checked], together: Sequence[Check], seen: Sequence[Seen]
) -> Triage:
    """One file's part of the packet's triage."""
    file = upload.file
    if isinstance(file, Refusal):
        return Triage(file, (), (), (), (), _refused(file), before)
    found, before_it = signals(file, [document for document, _ in own]), tuple(duplicates(file, seen))
    examined = []
    for document, checks in own:
        against = tuple(check for check in together if check.document == document.number)
        every = (*checks, *against)
        routed = route_document(document, every, found, before_it, declared=upload.declared, marks=file.marks)
        examined.append(Examined(document, every, routed, against=against))
    across = tuple(check for check in together if check.document == 0)
    whole = route_file([one.routed for one in examined], across)
    return Triage(file, tuple(examined), across, found, before_it, whole, before)


def _refused(file: Refusal) -> Routed:
    """What the sender can mend goes back; what may be our own fault goes to a person."""
    public = file.detail[:1].upper() + file.detail[1:] + "."
    if file.code in FOR_A_PERSON:
        return Routed("human_review", (Reason("refused", f"{file.code}: {file.detail}"),))
    return Routed("return_to_sender", (Reason("refused", f"{file.code}: {file.detail}", public=public),))
