"""What the documents of an application prove, and the application as it stands with them.

Law: facts come from documents that were accepted, by triage or by a person, and stand beside what is stated,
never in its place. A document counts as what it was found to be, not as what its sender said it was; one that
a person sent back counts for nothing. What is read back equals what was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel, ConfigDict

from lendgate.documents.case import Case
from lendgate.documents.document import Document
from lendgate.documents.facts import document_facts, submitted, with_found
from lendgate.policy.model import Fact, Facts
from lendgate.schema import Application
from lendgate.schema.application import SubmittedDocument
from lendgate.schema.base import Sha256
from lendgate.store.assessments import facts_from_json, facts_to_json
from lendgate.workflow.inspected import InspectedFile


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    facts: str
    found: tuple[SubmittedDocument, ...]
    files: tuple[Sha256, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """``facts`` that documents prove, the documents ``found`` in the files, and the ``files`` triaged."""

    facts: Facts = field(default_factory=dict)
    found: tuple[SubmittedDocument, ...] = ()
    files: tuple[Sha256, ...] = ()

    def to_json(self) -> bytes:
        """The evidence as JSON."""
        stored = _Stored(facts=facts_to_json(self.facts), found=self.found, files=self.files)
        return stored.model_dump_json(exclude_none=True).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Evidence:
        """The evidence that ``to_json`` wrote.

        Raises:
            pydantic.ValidationError: the text is something else.
        """
        stored = _Stored.model_validate_json(text)
        return cls(facts_from_json(stored.facts), stored.found, stored.files)

    def applied_to(self, application: Application) -> Application:
        """The application with its documents as they were found."""
        return with_found(application, self.found, self.files) if self.files else application


NO_EVIDENCE: Final = Evidence()


@dataclass(frozen=True, slots=True)
class _Held:
    """A document that the application holds: in which file, and whether it proves anything."""

    sha256: Sha256
    document: Document
    accepted: bool


def evidence_of(files: Sequence[InspectedFile], application: Application, case: Case) -> Evidence:
    """What all files of an application prove together."""
    held = list(_held(files))
    found = tuple(one for each in held for one in submitted([each.document], each.sha256))
    digests = tuple(each.file.sha256 for each in files)
    places = dict(_places([each.document for each in held], application, set(digests)))
    proved = document_facts([each.document for each in held if each.accepted], case).values()
    facts = {
        one.name: Fact(
            one.name,
            one.value,
            one.unit,
            one.how,
            tuple(places[number] for number in one.documents),
            verified="document",
        )
        for one in proved
    }
    return Evidence(facts, found, digests)


def _held(files: Sequence[InspectedFile]) -> Iterator[_Held]:
    """Every document that nobody sent back, numbered through the packet."""
    count = 0
    for file in files:
        for number in file.numbers:
            count += 1
            if file.judged(number) is None or file.standing(number) != "returned":
                accepted = file.standing(number) == "accepted"
                yield _Held(file.file.sha256, file.document(number, count), accepted)
        alone = file.by_hand(count + 1)
        if alone is not None:
            count += 1
            yield _Held(file.file.sha256, alone, accepted=True)


def _places(
    documents: Sequence[Document], application: Application, files: set[Sha256]
) -> Iterator[tuple[int, str]]:
    """Where each document of the packet, by its number, stands in the application with what was found."""
    waiting = sum(one.sha256 not in files for one in application.documents or ())
    good = (one for one in documents if one.part.readable and not one.blank)
    for index, document in enumerate(good):
        yield document.number, f"/documents/{waiting + index}"


def differs(one: Evidence, other: Evidence) -> bool:
    """Whether policy or completeness could see it differently."""
    return (_values(one.facts), sorted(_types(one))) != (_values(other.facts), sorted(_types(other)))


def _values(facts: Facts) -> Mapping[str, object]:
    return {name: fact.value for name, fact in facts.items()}


def _types(evidence: Evidence) -> list[str]:
    return [one.type for one in evidence.found]
