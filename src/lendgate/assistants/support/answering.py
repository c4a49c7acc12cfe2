"""Answering: the approved answer, said whole, and what a model may add to it.

Law: the approved sentences are all said, whatever a model does; those that are on record first, before any
model is asked. A model's sentence is said once the guard allows it; in place of one that it does not allow
comes the next approved one. Where the model fails, is too slow or too dear, the approved answer stands alone.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from lendgate.analysis.cutting import Cutter
from lendgate.analysis.plain import folded
from lendgate.analysis.reviewer import ChargedTo
from lendgate.analysis.used import usage_after, usage_of
from lendgate.assistants.support.approved import Approved, approved
from lendgate.assistants.support.context import SupportContext
from lendgate.assistants.support.guard import PROMPT, Guard
from lendgate.assistants.support.private_text import PrivateText
from lendgate.assistants.support.topics import Topic, topics_of
from lendgate.claude.errors import ModelError
from lendgate.claude.port import (
    SIMULATED_PREFIX,
    Finished,
    ModelEvent,
    ModelPort,
    ModelReply,
    ModelRequest,
    Started,
    TextDelta,
    Turn,
)
from lendgate.claude.prompts import packaged_prompt
from lendgate.schema import Usage
from lendgate.schema.review import ReviewerName

MAX_TOKENS: Final = 4_000
"""Thinking counts as output."""
MOST_ADDED: Final = 4
"""Sentences a model may add; what comes after them is not read."""
MOST_READ: Final = 40
MOST_EARLIER: Final = 6
"""Turns of the conversation that a model is told."""
_NOTHING_TO_ADD: Final = "Done."
"""What the prompt has a model say where nothing is left to add."""
_NOTHING_LEFT: Final = "the question holds nothing that may be passed on to a model"


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier turn: what of the question may reach a model, and what was answered."""

    question: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about one application.

    ``passed_on``: what of it may reach a model (``analysis.questions.sent``); ``private``: internal notes on
    this application, to be looked for in what a model says and never shown to one.
    """

    context: SupportContext
    question: str
    passed_on: tuple[str, ...]
    charged_to: ChargedTo
    earlier: Sequence[Exchange] = ()
    private: PrivateText = field(default_factory=PrivateText)


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of an answer, and whose it is."""

    text: str
    by: ReviewerName = "rules"


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole answer. ``because``: why a model did not speak, or not to its end; ``replaced``: how many of
    its sentences were not said.
    """

    text: str
    topics: tuple[Topic, ...]
    speaker: ReviewerName
    because: str | None
    replaced: int
    simulated: bool
    usage: Usage


@dataclass(frozen=True, slots=True)
class Supporter:
    """Answers brokers' questions; without a model by the approved wordings alone.

    ``private`` is the text of every policy pack in force.
    """

    model: ModelPort | None
    model_name: str
    deadline_seconds: float
    private: PrivateText

    async def answer(self, asked: Asked) -> AsyncGenerator[Said | Answered, None]:
        """Sentence by sentence; the last item is the whole. Whoever stops early closes it."""
        topics = topics_of(asked.question)
        answer = _Answer(asked, approved(asked.context, topics), self.private | asked.private)
        for said in answer.on_record():
            yield said
        if self.model is not None and asked.passed_on:
            request = self._request(asked, answer)
            try:
                async with aclosing(self.model.stream(request)) as events:
                    async for event in events:
                        for said in answer.heard(event):
                            yield said
            except ModelError as error:
                answer.fail(error, request)
        elif self.model is not None:
            answer.because = _NOTHING_LEFT
        for said in answer.rest():
            yield said
        yield answer.whole(topics)

    def _request(self, asked: Asked, answer: _Answer) -> ModelRequest:
        prompt = packaged_prompt(PROMPT)
        return ModelRequest(
            purpose=PROMPT,
            model=self.model_name,
            system=prompt.system,
            messages=(Turn("user", prompt.render(**_told(asked), **answer.told())),),
            max_tokens=MAX_TOKENS,
            tenant=asked.charged_to.tenant,
            subject=asked.charged_to.subject,
            deadline_seconds=self.deadline_seconds,
            prompt_hash=prompt.sha256,
        )


def _told(asked: Asked) -> dict[str, object]:
    context = asked.context
    return {
        "product": context.product,
        "reasons": tuple(reason.text for reason in context.public_reasons),
        "missing": {
            "documents": [
                {"type": one.type, "needed": one.needed, "present": one.present} for one in context.documents
            ],
            "fields": list(context.fields),
        },
        "submitted": {one.name: one.value for one in context.submitted},
        "earlier": [
            {"question": list(turn.question), "answer": turn.answer} for turn in asked.earlier[-MOST_EARLIER:]
        ],
        "question": asked.passed_on,
    }


class _Answer:
    """One answer as it is made."""

    def __init__(self, asked: Asked, sentences: Sequence[Approved], private: PrivateText) -> None:
        self._record = [one.text for one in sentences if one.record]
        self._more = [one.text for one in sentences if not one.record]
        self._guard = Guard(asked.context, (one.text for one in sentences), private)
        self._cutter = Cutter()
        self._said: list[str] = []
        self._known = {_NOTHING_TO_ADD, *(folded(one.text) for one in sentences)}
        self._read = self._added = self._replaced = 0
        self._simulated = False
        self._usage = Usage()
        self.because: str | None = None

    def told(self) -> dict[str, object]:
        """What a model is told of the answer: what was said, and what will be."""
        return {"said": tuple(self._record), "more": tuple(self._more)}

    def on_record(self) -> list[Said]:
        """What is said before any model is asked."""
        return [self._say(text) for text in self._record]

    def heard(self, event: ModelEvent) -> list[Said]:
        """What an event of a model's stream lets be said."""
        match event:
            case Started(model):
                self._simulated = model.startswith(SIMULATED_PREFIX)
                return []
            case TextDelta(text):
                return self._judged(self._cutter.take(text))
            case Finished(reply):
                return self._finished(reply)

    def rest(self) -> list[Said]:
        """The approved sentences that were not said yet."""
        left, self._more = self._more, []
        return [self._say(text) for text in left]

    def fail(self, error: ModelError, request: ModelRequest) -> None:
        """The model came to nothing, or broke off."""
        self.because, self._usage = error.because, usage_after(error, request)

    def whole(self, topics: tuple[Topic, ...]) -> Answered:
        """All that was said."""
        return Answered(
            text=" ".join(self._said),
            topics=topics,
            speaker="claude" if self._added else "rules",
            because=self.because,
            replaced=self._replaced,
            simulated=self._simulated,
            usage=self._usage,
        )

    def _finished(self, reply: ModelReply) -> list[Said]:
        self._usage, self._simulated = usage_of(reply), reply.simulated
        return self._judged(self._cutter.rest())

    def _judged(self, sentences: Sequence[str]) -> list[Said]:
        return [said for sentence in sentences if (said := self._one(sentence)) is not None]

    def _one(self, sentence: str) -> Said | None:
        self._read += 1
        if sentence in self._known or self._read > MOST_READ or self._added == MOST_ADDED:
            return None
        if self._guard.allows(sentence):
            self._known.add(sentence)
            self._added += 1
            return self._say(sentence, "claude")
        self._replaced += 1
        return self._say(self._more.pop(0)) if self._more else None

    def _say(self, text: str, by: ReviewerName = "rules") -> Said:
        self._said.append(text)
        return Said(text, by)
