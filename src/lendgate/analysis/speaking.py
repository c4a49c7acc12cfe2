"""Speaking: something about a case put into words, by a model or by rule, and held to the facts either way.

Law: that of the memo. A model's words are cut into sentences and each is kept whole or dropped whole
(``analysis.verify``), also while they stream: a reader never sees a sentence that was not checked. Where the
model fails, or nothing it said holds, the words made by rule take its place and say why.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from lendgate.analysis.cutting import Cutter
from lendgate.analysis.echo import instructions_of
from lendgate.analysis.reviewer import Case
from lendgate.analysis.telling import sha256_of, system_of
from lendgate.analysis.used import usage_after, usage_of
from lendgate.analysis.verify import Reading
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

MAX_TOKENS: Final = 6_000
"""Thinking counts as output."""
LONGEST: Final = 2_000
_UNSUPPORTED: Final = "nothing in the model's words held to the facts"
_BROKEN_OFF: Final = "The explanation breaks off here because {}."


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to be put into words: the case, the prompt with its slots, and the words made by rule.

    ``unasked`` says why the model is not to be asked at all, where that is so.
    """

    case: Case
    prompt: str
    slots: Mapping[str, object]
    by_rule: str
    unasked: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Verified words, who found them, what they cost; ``because``: why it is not the model, or not all."""

    text: str
    speaker: ReviewerName
    because: str | None = None
    dropped_claims: int = 0
    simulated: bool = False
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Puts topics into words; without a model by rule. ``deadline_seconds`` holds over retries."""

    model: ModelPort | None
    model_name: str
    deadline_seconds: float

    async def say(self, topic: Topic) -> Words:
        """All the words at once."""
        if self.model is None or topic.unasked:
            return Words(topic.by_rule, "rules", topic.unasked)
        request = self._request(topic)
        try:
            reply = await self.model.complete(request)
        except ModelError as error:
            return Words(topic.by_rule, "rules", error.because, usage=usage_after(error, request))
        return _Hearing(topic).whole(reply)

    async def stream(self, topic: Topic) -> AsyncGenerator[str | Words, None]:
        """Sentence by sentence, each once it is verified; the last item is the whole.

        Whoever stops early closes it (``contextlib.aclosing``).
        """
        if self.model is None or topic.unasked:
            yield topic.by_rule
            yield Words(topic.by_rule, "rules", topic.unasked)
            return
        request, hearing = self._request(topic), _Hearing(topic)
        try:
            async with aclosing(self.model.stream(request)) as events:
                async for event in events:
                    for sentence in hearing.heard(event):
                        yield sentence
            words = hearing.words()
        except ModelError as error:
            words = hearing.broken_off(error, usage_after(error, request))
        rest = words.text.removeprefix(hearing.spoken).strip()
        if rest:
            yield rest
        yield words

    def _request(self, topic: Topic) -> ModelRequest:
        prompt = packaged_prompt(topic.prompt)
        return ModelRequest(
            purpose=topic.prompt,
            model=self.model_name,
            system=system_of(prompt),
            messages=(Turn("user", prompt.render(**topic.slots)),),
            max_tokens=MAX_TOKENS,
            tenant=topic.case.charged_to.tenant,
            subject=topic.case.charged_to.subject,
            deadline_seconds=self.deadline_seconds,
            prompt_hash=sha256_of(prompt),
        )


class _Hearing:
    """A model's words as they come in; what is sound of them is ``spoken``."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._instructions = instructions_of(topic.prompt)
        self._reading = Reading(topic.case)
        self._cutter = Cutter()
        self._echoes = 0
        self._reply: ModelReply | None = None
        self._simulated = False
        self.spoken = ""

    def heard(self, event: ModelEvent) -> list[str]:
        """The sound sentences that an event of a stream made whole."""
        match event:
            case Started(model):
                self._simulated = model.startswith(SIMULATED_PREFIX)
                return []
            case TextDelta(text):
                return self._take(text)
            case Finished(reply):
                return self._finish(reply)

    def whole(self, reply: ModelReply) -> Words:
        """A reply that came in one piece."""
        self._take(reply.text)
        self._finish(reply)
        return self.words()

    def words(self) -> Words:
        """All that was kept, or the words made by rule where nothing was."""
        reply = self._reply
        usage = usage_of(reply) if reply else Usage()
        if reply is None or not self.spoken:
            return Words(self._topic.by_rule, "rules", _UNSUPPORTED, self._dropped, usage=usage)
        return Words(self.spoken, "claude", None, self._dropped, reply.simulated, usage)

    def broken_off(self, error: ModelError, usage: Usage) -> Words:
        """What stands when a stream failed: the words made by rule, or what was said, and that it ends."""
        if not self.spoken:
            return Words(self._topic.by_rule, "rules", error.because, self._dropped, usage=usage)
        text = f"{self.spoken} {_BROKEN_OFF.format(error.because)}"
        return Words(text, "claude", error.because, self._dropped, self._simulated, usage)

    @property
    def _dropped(self) -> int:
        return self._reading.dropped + self._echoes

    def _take(self, text: str) -> list[str]:
        return self._sound(self._cutter.take(text))

    def _finish(self, reply: ModelReply) -> list[str]:
        self._reply = reply
        return self._sound(self._cutter.rest())

    def _sound(self, said: list[str]) -> list[str]:
        return [kept for sentence in said if (kept := self._kept(sentence))]

    def _kept(self, sentence: str) -> str:
        if self._instructions.echoed_in(sentence):
            self._echoes += 1
            return ""
        kept = self._reading.kept(sentence, LONGEST - len(self.spoken))
        self.spoken = f"{self.spoken} {kept}".strip()
        return kept
