"""The Claude reader: a second reading of one document, held to its pages.

Law: one document a call, its text and nothing else: no picture, no application, no policy, no tool. Names
and numbers that the rules read are masked in what is sent, and what is masked is not asked for. Of the
reply only a type of a closed list and quotes count; a value is read from its quote by the same rules as
everywhere, never taken from the model. It never raises for the model's sake. Whoever has the document makes
the question and holds the answer to the page; whoever has the model needs neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, create_model
from pydantic import Field as ShapeField

from lendgate.claude.errors import ModelError
from lendgate.claude.port import Effort, ModelPort, ModelRequest, Turn
from lendgate.claude.prompts import packaged_prompt
from lendgate.documents.document import Document
from lendgate.documents.fields import Field
from lendgate.documents.second_reading import Called, SecondReading, SeenAs, confer
from lendgate.documents.transcript import Transcript, transcript_of
from lendgate.documents.triage import Triage
from lendgate.documents.wanted import WantedField, value_in, wanted_fields

PURPOSE: Final = "document"
PROMPT: Final = "read-document"
MAX_TOKENS: Final = 8_000
CONFIDENCE: Final = 0.8
"""What a field is worth that one reader alone has read; below what is accepted unseen."""


class ClaimedField(BaseModel):
    """A field as the model claims to have read it."""

    model_config = ConfigDict(extra="forbid")

    name: str
    line: str
    quote: str


class DraftReading(BaseModel):
    """The shape the model answers in; nothing of it is believed before it is found on the page."""

    model_config = ConfigDict(extra="forbid")

    type: SeenAs
    fields: list[ClaimedField]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model is asked of one document: the words that are sent, and the fields it may name."""

    told: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a draft and the call it is from, or ``because`` why there is none."""

    draft: DraftReading | None = None
    call: Called | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class ClaudeReader:
    """A second reader that asks a model; ``deadline_seconds`` holds over retries and repairs."""

    model: ModelPort
    model_name: str
    deadline_seconds: float
    effort: Effort | None = None

    async def read(self, document: Document, *, tenant: str, subject: str) -> SecondReading | None:
        """What the model makes of a document; None where there is nothing to ask.

        ``tenant`` and ``subject`` are whom the call is charged to.
        """
        asked = question_of(document)
        if asked is None:
            return None
        return held_to_the_page(await self.answer(asked, tenant=tenant, subject=subject), document)

    async def answer(self, asked: Asked, *, tenant: str, subject: str) -> Answer:
        """The model's answer, unbelieved; without one the reason."""
        try:
            reply = await self.model.complete(self._request(asked, tenant=tenant, subject=subject))
        except ModelError as error:
            return Answer(because=error.because)
        draft = DraftReading.model_validate(reply.as_shape(DraftReading).model_dump())
        return Answer(draft, Called(reply.model, reply.prompt_hash, reply.request_hash, reply.cost))

    def _request(self, asked: Asked, *, tenant: str, subject: str) -> ModelRequest:
        prompt = packaged_prompt(PROMPT)
        return ModelRequest(
            purpose=PURPOSE,
            model=self.model_name,
            system=prompt.system,
            messages=(Turn("user", asked.told),),
            max_tokens=MAX_TOKENS,
            tenant=tenant,
            subject=subject,
            deadline_seconds=self.deadline_seconds,
            prompt_hash=prompt.sha256,
            output=shape_of(asked.names),
            effort=self.effort,
        )


def question_of(document: Document) -> Asked | None:
    """What to ask of a document; None where there is nothing to ask. The same document, the same question."""
    if document.blank or not document.part.readable:
        return None
    wanted = wanted_fields(document)
    told = packaged_prompt(PROMPT).render(
        asked={
            "taken_for": document.type,
            "fields": [{"name": one.name, "kind": one.kind} for one in wanted],
        },
        lines=[[line.id, line.text] for line in transcript_of(document).lines],
    )
    return Asked(told, tuple(one.name for one in wanted))


def held_to_the_page(answer: Answer, document: Document) -> SecondReading:
    """What of an answer about this document counts."""
    if answer.draft is None:
        return SecondReading(None, {}, because=answer.because)
    transcript, kinds = transcript_of(document), {one.name: one for one in wanted_fields(document)}
    found: dict[str, Field] = {}
    dropped = 0
    for claim in answer.draft.fields:
        wanted = kinds.get(claim.name)
        field = _found(claim, wanted, transcript) if wanted else None
        if field is None or claim.name in found:
            dropped += 1
        else:
            found[claim.name] = field
    return SecondReading(answer.draft.type, found, dropped, answer.call)


async def read_twice(
    triages: Sequence[Triage], reader: ClaudeReader, *, tenant: str, subject: str
) -> tuple[Triage, ...]:
    """A packet's triage with every document read a second time, at once, each in a call of its own."""
    documents = [one.document for file in triages for one in file.documents]
    seconds = await asyncio.gather(*(reader.read(one, tenant=tenant, subject=subject) for one in documents))
    readings = {one.number: second for one, second in zip(documents, seconds, strict=True) if second}
    return tuple(confer(file, readings) for file in triages)


@cache
def shape_of(names: tuple[str, ...]) -> type[DraftReading]:
    """The shape of a reply about these fields: their names are the only ones it can hold."""
    if not names:
        return create_model("TypeReading", __base__=DraftReading, fields=(_no_fields(), ...))
    known: Any = Annotated[
        str, ShapeField(json_schema_extra={"enum": list(names)}), AfterValidator(partial(_one_of, names))
    ]
    claimed = create_model("NamedField", __base__=ClaimedField, name=(known, ...))
    several: Any = list[claimed]
    return create_model("DocumentReading", __base__=DraftReading, fields=(several, ...))


def _no_fields() -> Any:
    return Annotated[list[ClaimedField], ShapeField(max_length=0)]


def _one_of(names: Sequence[str], name: str) -> str:
    if name not in names:
        raise ValueError("is not a wanted field")
    return name


def _found(claim: ClaimedField, wanted: WantedField, transcript: Transcript) -> Field | None:
    """The claim as a field, where its quote stands on the page and is a value of its kind."""
    place = transcript.find(claim.line, claim.quote)
    value = value_in(claim.quote, wanted.kind)
    if place is None or value is None:
        return None
    sure = round(min(place.confidence, 1.0) * CONFIDENCE, 4)
    return Field(claim.name, value, place.page, place.box, claim.quote, sure, "claude")
