"""A file as an underwriter sees it: everything found in it, and everything said of it, masked.

Law: for people of the lender alone: signals and private reasons are in it. Names and numbers are masked as in
every other answer, wherever in the application's files they stand again. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lendgate.documents.document import Document
from lendgate.documents.field_kinds import field_kinds
from lendgate.documents.fields import Field
from lendgate.documents.masking import Mask, mask_of
from lendgate.documents.model import Box
from lendgate.documents.present import condition_of, page_box, read_field, title_of
from lendgate.documents.recalled import recalled_fields
from lendgate.documents.report import CheckShown, DocumentShown, Place, ReasonShown
from lendgate.schema.documents import FieldKind, TriageResult
from lendgate.schema.inspection import (
    InspectedCheck,
    InspectedDocument,
    InspectedField,
    InspectedPlace,
    InspectedReason,
    InspectedSignal,
    InspectedVerdict,
    Inspection,
    KnownField,
    OtherReading,
)
from lendgate.store.documents import StoredDocument
from lendgate.store.inspections import StoredInspection
from lendgate.workflow.inspected import GivenVerdict, InspectedFile


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it is stored, with its name opened, and all files of its application."""

    inspection: StoredInspection
    document: StoredDocument
    file_name: str
    file: InspectedFile
    all_files: Sequence[InspectedFile]


def inspection_of(seen: Seen, told: TriageResult) -> Inspection:
    """The file, for an underwriter."""
    showing = _Showing(seen.file, mask_of(_every_field(seen.all_files)))
    stored, document, found = seen.inspection, seen.document, seen.file.file
    of_documents = {reason for one in found.documents for reason in one.reasons}
    packet = seen.file.findings.packet
    return Inspection(
        document_id=str(stored.document_id),
        application_id=str(stored.application_id),
        broker_id=stored.broker_id,
        declared_type=stored.declared_type,
        file_name=seen.file_name,
        media_type=document.media_type,
        size=document.size,
        sha256=document.sha256.hex(),
        state=stored.state,
        waiting_since=stored.waiting_since,
        version=stored.version,
        pages=found.pages,
        refused=found.refused,
        reasons=tuple(showing.reason(one, packet) for one in found.reasons if one not in of_documents),
        checks=tuple(showing.check(one) for one in seen.file.findings.together),
        signals=tuple(
            InspectedSignal(
                kind=one.kind,
                detail=showing.mask(one.detail),
                place=showing.place(one.place, packet) if one.place else None,
            )
            for one in found.signals
        ),
        duplicates=found.duplicates,
        documents=tuple(showing.document(number) for number in seen.file.numbers),
        verdicts=tuple(_verdict(one) for one in seen.file.verdicts),
        told=told,
    )


def _every_field(files: Iterable[InspectedFile]) -> Iterator[Field]:
    for file in files:
        for number in file.numbers:
            shown = file.file.documents[number - 1]
            yield from file.document(number, number).extract.fields.values()
            yield from recalled_fields(shown.kind, (*shown.fields, *shown.others))


def _verdict(given: GivenVerdict) -> InspectedVerdict:
    verdict = given.verdict
    return InspectedVerdict(
        action=verdict.action,
        underwriter=given.actor,
        at=given.at,
        reason=verdict.reason,
        document=verdict.document,
        codes=tuple(verdict.codes or ()),
        type=verdict.type,
        fields=tuple(one.name for one in verdict.fields or ()),
    )


class _Showing:
    """Masks what is to be masked, and names files where findings count them."""

    def __init__(self, file: InspectedFile, mask: Mask) -> None:
        self._file = file
        self.mask = mask

    def document(self, number: int) -> InspectedDocument:
        """One document, with what people said of it applied."""
        shown, document = self._file.file.documents[number - 1], self._file.document(number, number)
        kinds = field_kinds(document.kind)
        return InspectedDocument(
            number=number,
            standing=self._file.standing(number),
            type=document.type,
            title=title_of(document),
            first_page=shown.first_page,
            last_page=shown.last_page,
            confidence=Decimal(str(shown.confidence)),
            condition=condition_of(document),
            route=shown.route,
            reasons=tuple(self._reasons(number, shown)),
            checks=tuple(self.check(one) for one in shown.checks),
            fields=tuple(self._fields(shown, document)),
            known_fields=tuple(KnownField(name=name, kind=kind) for name, kind in kinds.items()),
        )

    def _reasons(self, number: int, shown: DocumentShown) -> Iterator[InspectedReason]:
        for one in shown.reasons:
            yield self.reason(one, self._file.findings.packet)
        for more in self._file.later:
            for each in more.reasons:
                if each.document == number:
                    yield self.reason(each.reason, more.packet, later=True)

    def _fields(self, shown: DocumentShown, document: Document) -> Iterator[InspectedField]:
        """The document's own fields, and those that are offered and nobody confirmed."""
        kinds = field_kinds(document.kind)
        others = {one.name: one for one in recalled_fields(shown.kind, shown.others)}
        own = document.extract.fields
        for field in own.values():
            kind = kinds.get(field.name, "text")
            yield self._field(field, kind, others.get(field.name))
        for field in recalled_fields(shown.kind, shown.fields):
            if field.reader == "claude" and field.name not in own and field.name in kinds:
                yield self._field(field, kinds[field.name]).model_copy(update={"offered": True})

    def _field(self, field: Field, kind: FieldKind, other: Field | None = None) -> InspectedField:
        read = read_field(field)
        return InspectedField(
            name=read.name,
            kind=kind,
            text=read.text,
            amount=read.amount,
            date=read.date,
            place=read.place,
            quote=self.mask(field.quote),
            confidence=read.confidence,
            reader=read.reader,
            other=self._other(other) if other else None,
        )

    def _other(self, field: Field) -> OtherReading:
        read = read_field(field)
        quote = self.mask(field.quote)
        return OtherReading(text=read.text, place=read.place, quote=quote, confidence=read.confidence)

    def reason(self, one: ReasonShown, packet: Sequence[str], *, later: bool = False) -> InspectedReason:
        """Why a person has to look."""
        return InspectedReason(
            code=one.code,
            detail=self.mask(one.detail),
            told=one.told,
            places=tuple(self.place(place, packet) for place in one.places),
            later=later,
        )

    def check(self, one: CheckShown) -> InspectedCheck:
        """One check."""
        packet = self._file.findings.packet
        places = tuple(self.place(place, packet) for place in one.places)
        return InspectedCheck(id=one.id, result=one.result, detail=self.mask(one.detail), places=places)

    def place(self, one: Place, packet: Sequence[str]) -> InspectedPlace:
        """A place in one of the files."""
        return InspectedPlace(
            document_id=packet[one.file - 1],
            place=page_box(one.page, Box(one.left, one.top, one.right, one.bottom)),
            quote=self.mask(one.quote),
        )
