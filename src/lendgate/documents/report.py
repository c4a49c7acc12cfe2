"""A triage as people of the lender see it: every reason, check and signal with the places to look at. Pure.

Law: never for a broker or borrower (``present`` is), because signals and private reasons are in it. Names
and numbers are masked unless the whole values are asked for. Pages are counted as in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from pydantic import BaseModel, ConfigDict

from lendgate.documents.checks.model import Check, Result
from lendgate.documents.duplicates import Duplicate
from lendgate.documents.fields import Evidence, Field
from lendgate.documents.kinds import kind_of
from lendgate.documents.masking import Mask, mask_of, masked
from lendgate.documents.model import Reading
from lendgate.documents.route import Destination, Reason, ReasonCode, left_open
from lendgate.documents.signals import Signal, SignalKind
from lendgate.documents.triage import Examined, Triage
from lendgate.schema.documents import FieldReader
from lendgate.schema.enums import DocumentType

_PLACES: Final = 4


class _Shown(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Shown):
    """A box on a page, as shares of the upright page from its top left corner, and what stands there.

    ``file`` counts the files that were triaged together, from 1.
    """

    file: int
    page: int
    left: float
    top: float
    right: float
    bottom: float
    quote: str


class FieldShown(_Shown):
    """One value that was read."""

    name: str
    value: str
    confidence: float
    reader: FieldReader
    place: Place


class CheckShown(_Shown):
    """One check answered; ``document`` 0 is the packet as a whole."""

    id: str
    document: int
    result: Result
    detail: str
    places: tuple[Place, ...]


class ReasonShown(_Shown):
    """Why a document goes where it goes; ``told`` is what its sender is told of it, empty for nothing."""

    code: ReasonCode
    detail: str
    told: str
    places: tuple[Place, ...]


class SignalShown(_Shown):
    """Something about the file that a person should weigh."""

    kind: SignalKind
    detail: str
    place: Place | None


class DocumentShown(_Shown):
    """One document: its number in the packet, its pages in the file.

    ``others`` are a second reader's readings of fields in which it differs from the first.
    """

    number: int
    type: DocumentType
    kind: str
    title: str
    first_page: int
    last_page: int
    confidence: float
    blank: bool
    readable: bool
    route: Destination
    reasons: tuple[ReasonShown, ...]
    fields: tuple[FieldShown, ...]
    checks: tuple[CheckShown, ...]
    others: tuple[FieldShown, ...] = ()


class FileShown(_Shown):
    """One file; ``refused`` says why it could not be read, empty when it was."""

    name: str
    sha256: str
    media_type: str
    pages: int
    refused: str
    route: Destination
    reasons: tuple[ReasonShown, ...]
    documents: tuple[DocumentShown, ...]
    signals: tuple[SignalShown, ...]
    duplicates: tuple[str, ...]


class PacketShown(_Shown):
    """Files triaged together, and the checks that are of no one document among them."""

    files: tuple[FileShown, ...]
    together: tuple[CheckShown, ...]


def report(names: Sequence[str], triages: Sequence[Triage], *, unmasked: bool = False) -> PacketShown:
    """One packet, its files by their names; with ``unmasked`` names and numbers in full."""
    showing = _Showing(triages, unmasked=unmasked)
    files = tuple(showing.file(name, one) for name, one in zip(names, triages, strict=True))
    across = next((one.together for one in triages if one.together), ())
    return PacketShown(files=files, together=tuple(showing.check(check) for check in across))


def reasons_against(triages: Sequence[Triage]) -> tuple[tuple[tuple[int, ReasonShown], ...], ...]:
    """For each file what other documents and the application say against its documents, unmasked: the first
    page of the document, as the file counts, and the reason.
    """
    showing = _Showing(triages, unmasked=True)
    return tuple(
        tuple(
            (each.document.part.first - one.pages_before, reason)
            for each in one.documents
            for reason in showing.reasons(left_open(each.against))
        )
        for one in triages
    )


class _Showing:
    """Turns a packet's numbering into that of its files, and masks what is to be masked."""

    def __init__(self, triages: Sequence[Triage], *, unmasked: bool) -> None:
        self._starts = [one.pages_before for one in triages]
        self._unmasked = unmasked
        fields = [
            field
            for one in triages
            for examined in one.documents
            for field in (*examined.document.extract.fields.values(), *examined.offered, *examined.others)
        ]
        self._mask: Mask = str if unmasked else mask_of(fields)

    def file(self, name: str, one: Triage) -> FileShown:
        """One file."""
        reading = one.file if isinstance(one.file, Reading) else None
        return FileShown(
            name=name,
            sha256=one.file.sha256,
            media_type=reading.media_type if reading else "",
            pages=len(reading.pages) if reading else 0,
            refused="" if isinstance(one.file, Reading) else one.file.detail,
            route=one.routed.destination,
            reasons=self.reasons(one.routed.reasons),
            documents=tuple(self._document(examined, one.pages_before) for examined in one.documents),
            signals=tuple(self._signal(signal) for signal in one.signals),
            duplicates=tuple(_seen(duplicate, one.pages_before) for duplicate in one.duplicates),
        )

    def _document(self, one: Examined, pages_before: int) -> DocumentShown:
        document = one.document
        kind = kind_of(document.kind)
        return DocumentShown(
            number=document.number,
            type=document.type,
            kind=document.kind,
            title=kind.title if kind else "Unknown document",
            first_page=document.part.first - pages_before,
            last_page=document.part.last - pages_before,
            confidence=document.part.confidence,
            blank=document.blank,
            readable=document.part.readable,
            route=one.routed.destination,
            reasons=self.reasons(one.routed.reasons),
            fields=tuple(self._field(field) for field in (*document.extract.fields.values(), *one.offered)),
            checks=tuple(self.check(check) for check in one.checks),
            others=tuple(self._field(field) for field in one.others),
        )

    def _field(self, field: Field) -> FieldShown:
        return FieldShown(
            name=field.name,
            value=_plain(field) if self._unmasked else masked(field),
            confidence=field.confidence,
            reader=field.reader,
            place=self._place(field.evidence),
        )

    def check(self, check: Check) -> CheckShown:
        """One check."""
        return CheckShown(
            id=check.id,
            document=check.document,
            result=check.result,
            detail=self._mask(check.detail),
            places=self._places(check.evidence),
        )

    def _signal(self, signal: Signal) -> SignalShown:
        place = self._place(signal.evidence) if signal.evidence else None
        return SignalShown(kind=signal.kind, detail=self._mask(signal.detail), place=place)

    def reasons(self, reasons: Iterable[Reason]) -> tuple[ReasonShown, ...]:
        """Why documents go where they go."""
        return tuple(
            ReasonShown(
                code=reason.code,
                detail=self._mask(reason.detail),
                told=reason.public,
                places=self._places(reason.evidence),
            )
            for reason in reasons
        )

    def _places(self, evidence: Iterable[Evidence]) -> tuple[Place, ...]:
        return tuple(self._place(one) for one in evidence)

    def _place(self, evidence: Evidence) -> Place:
        file = max(number for number, start in enumerate(self._starts) if start < evidence.page)
        box = evidence.box
        return Place(
            file=file + 1,
            page=evidence.page - self._starts[file],
            left=round(box.left, _PLACES),
            top=round(box.top, _PLACES),
            right=round(box.right, _PLACES),
            bottom=round(box.bottom, _PLACES),
            quote=self._mask(evidence.quote),
        )


def _plain(field: Field) -> str:
    return f"{field.value:,.2f}" if isinstance(field.value, Decimal) else str(field.value)


def _seen(duplicate: Duplicate, pages_before: int) -> str:
    what = "The file" if duplicate.page == 0 else f"Page {duplicate.page - pages_before}"
    return f"{what} came before as {duplicate.seen}."
