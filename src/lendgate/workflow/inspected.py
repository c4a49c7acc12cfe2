"""The files of an application with all that was found in them and said of them: how each document stands.

Law: what triage found is never changed. Beside it lie reasons that later triages add, which take nothing
away, and verdicts, each of which covers the reasons that stood when it was given. So a document waits when
triage left it to a person who has not said anything, or when a reason came after the last thing they said.
What a person has sent back stays sent back. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from lendgate.documents.document import Document
from lendgate.documents.field_kinds import field_kinds, kind_for, value_of
from lendgate.documents.fields import Value
from lendgate.documents.judged import Judged, as_judged, by_hand
from lendgate.documents.recalled import recalled
from lendgate.documents.report import FileShown, ReasonShown
from lendgate.review.document_verdict import FileAsked
from lendgate.schema.documents import DocumentRoute
from lendgate.schema.enums import DocumentType
from lendgate.schema.inspection import DocumentVerdict, ReturnCode, Standing
from lendgate.workflow.triage import Findings

_BY_ROUTE: Final[Mapping[DocumentRoute, Standing]] = {
    "accept": "accepted",
    "human_review": "waits",
    "return_to_sender": "returned",
}


class LaterReason(BaseModel):
    """A reason that a later triage found for one of the file's documents, as they are numbered in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document: int
    reason: ReasonShown


class LaterReasons(BaseModel):
    """All that one later triage added; ``Place.file`` counts in ``packet``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    packet: tuple[str, ...]
    reasons: tuple[LaterReason, ...]


class GivenVerdict(BaseModel):
    """A verdict as it is kept. ``seen`` is how many times later triages had added reasons by then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verdict: DocumentVerdict
    actor: str
    at: datetime
    seen: int


@dataclass(frozen=True)
class InspectedFile:
    """One file. ``later`` is in the order of its revisions, which count from 1."""

    document_id: UUID
    findings: Findings
    later: tuple[LaterReasons, ...] = ()
    verdicts: tuple[GivenVerdict, ...] = ()

    @property
    def file(self) -> FileShown:
        return self.findings.file

    @property
    def numbers(self) -> range:
        """The documents in it, as they are numbered in it."""
        return range(1, len(self.file.documents) + 1)

    @cached_property
    def waiting(self) -> tuple[int, ...]:
        """The documents that wait for a person."""
        return tuple(number for number in self.numbers if self.standing(number) == "waits")

    @property
    def is_open(self) -> bool:
        """Whether anything in it waits for a person; a file may wait as a whole."""
        return bool(self.waiting) or (self.file.route == "human_review" and not self.verdicts)

    @property
    def asked(self) -> FileAsked:
        """What a verdict on it can be on: its documents as they stand."""
        documents = (self.document(number, number) for number in self.numbers)
        return FileAsked([(one.type, one.kind) for one in documents], self.waiting)

    def standing(self, number: int) -> Standing:
        """How a document of it stands by now."""
        said = [one for one in self.verdicts if one.verdict.document in (number, None)]
        if any(one.verdict.action == "return" for one in said):
            return "returned"
        seen = max((one.seen for one in said), default=0)
        if any(one.document == number for each in self.later[seen:] for one in each.reasons):
            return "waits"
        if any(one.verdict.document == number for one in said):
            return "accepted"
        return _BY_ROUTE[self.file.documents[number - 1].route]

    def judged(self, number: int) -> Judged | None:
        """What people said of a document; None where nobody said anything of it."""
        said = [one.verdict for one in self.verdicts if one.verdict.document == number]
        returned = self.standing(number) == "returned"
        if not said and not returned:
            return None
        shown = self.file.documents[number - 1]
        type_, values = _said(said, shown.type, shown.kind)
        return Judged(returned, type_, values)

    def by_first_page(self) -> Mapping[int, Judged]:
        """What people said, by the first pages of what they said it of."""
        found = ((self.file.documents[number - 1].first_page, self.judged(number)) for number in self.numbers)
        return {page: judged for page, judged in found if judged is not None}

    def codes_of(self, number: int | None) -> tuple[ReturnCode, ...]:
        """Why a person sent a document, or the whole file, back; nothing where nobody did."""
        about = (number, None)
        said = (one.verdict for one in self.verdicts if one.verdict.document in about)
        return next((tuple(one.codes or ()) for one in said if one.action == "return"), ())

    def document(self, number: int, as_number: int) -> Document:
        """A document of it as it stands, ``as_number`` in its packet."""
        document, judged = recalled(self.file.documents[number - 1], as_number), self.judged(number)
        accepted = judged is not None and self.standing(number) != "returned"
        return as_judged(document, judged) if judged and accepted else document

    def by_hand(self, as_number: int) -> Document | None:
        """What people say is in a file that no machine could read."""
        said = [one.verdict for one in self.verdicts if one.verdict.action == "accept" and one.verdict.type]
        if self.file.documents or not said or said[-1].type is None:
            return None
        type_ = said[-1].type
        judged = Judged(type=type_, values=_said(said, type_, kind_for(type_))[1])
        return as_judged(by_hand(type_, as_number, self.file.pages), judged)

    def with_verdict(self, given: GivenVerdict) -> InspectedFile:
        """The file after one more verdict."""
        return replace(self, verdicts=(*self.verdicts, given))

    def with_later(self, more: LaterReasons) -> InspectedFile:
        """The file after one more triage of others."""
        return replace(self, later=(*self.later, more))

    def unheard(self, packet: Sequence[str], found: Sequence[tuple[int, ReasonShown]]) -> LaterReasons | None:
        """Of what a triage found by now, by first pages, the reasons that did not stand yet; None for none.

        A reason is known by its code and words. What went back to its sender waits for no more reasons.
        """
        known = set(self._known())
        new = tuple(
            LaterReason(document=number, reason=reason)
            for page, reason in found
            if (number := self._at(page)) is not None
            and (number, reason.code, reason.detail) not in known
            and self.standing(number) != "returned"
        )
        return LaterReasons(packet=tuple(packet), reasons=new) if new else None

    def _known(self) -> Iterator[tuple[int, str, str]]:
        for number, document in enumerate(self.file.documents, start=1):
            yield from ((number, one.code, one.detail) for one in document.reasons)
        for each in self.later:
            yield from ((one.document, one.reason.code, one.reason.detail) for one in each.reasons)

    def _at(self, page: int) -> int | None:
        documents = enumerate(self.file.documents, start=1)
        return next((number for number, one in documents if one.first_page <= page <= one.last_page), None)


def _said(
    verdicts: Sequence[DocumentVerdict], type_: DocumentType, kind: str
) -> tuple[DocumentType | None, Mapping[str, Value]]:
    """The type and values that these verdicts gave, the last of each."""
    given: DocumentType | None = None
    values: dict[str, Value] = {}
    for one in verdicts:
        if one.type is not None and one.type != (given or type_):
            # What was read as another document's field says nothing of this one's.
            given, kind, values = one.type, kind_for(one.type), {}
        known = field_kinds(kind)
        read = (
            (each.name, value_of(each.value, known[each.name]))
            for each in one.fields or ()
            if each.name in known
        )
        values |= {name: value for name, value in read if value is not None}
    return given, values
