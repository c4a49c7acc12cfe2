"""A model's help in a turn: which words answer which question, and how a question is worded.

Law: a model sees no name, no address, no identifier, nothing that was volunteered and no answer to a private
question. It gives no value: it points at words, which have to stand in the message, and our code reads them;
what only a model saw is asked about before it counts. A wording goes through the guard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict

from lendgate.analysis.plain import folded
from lendgate.analysis.reviewer import ChargedTo
from lendgate.assistants.intake import places
from lendgate.assistants.intake.bank import FieldName, Question, QuestionBank
from lendgate.assistants.intake.guard import PROMPT as WORDING
from lendgate.assistants.intake.guard import may_be_asked
from lendgate.assistants.intake.hearing import Heard, hear_as
from lendgate.assistants.intake.identifiers import REMOVED, TOKEN
from lendgate.assistants.intake.state import State
from lendgate.assistants.intake.text import Language, clauses, mention
from lendgate.assistants.intake.volunteered import REMOVED as LEFT_OUT
from lendgate.claude.errors import ModelError
from lendgate.claude.port import ModelPort, ModelRequest, Turn
from lendgate.claude.prompts import packaged_prompt

HEARING: Final = "intake-hearing"
MAX_TOKENS: Final = 2_000
"""Thinking counts as output."""
_MOST_ANSWERS: Final = 12
_MANY_WORDS: Final = 8
_NAME: Final = "[name]"
_SHORT: Final = 2
Shape = TypeVar("Shape", bound=BaseModel)


class PointedAnswer(BaseModel):
    """One answer as a model points at it."""

    model_config = ConfigDict(extra="forbid")

    field: str
    quote: str


class PointedAnswers(BaseModel):
    """The shape a model answers in; every word of it is unverified."""

    model_config = ConfigDict(extra="forbid")

    answers: list[PointedAnswer]


class WordedQuestion(BaseModel):
    """A question as a model words it."""

    model_config = ConfigDict(extra="forbid")

    question: str


@dataclass(frozen=True, slots=True)
class ModelEar:
    """A model that helps; ``deadline_seconds`` holds for each of the two things it is asked."""

    model: ModelPort
    model_name: str
    deadline_seconds: float

    async def pointed(
        self, text: str, state: State, bank: QuestionBank, charged_to: ChargedTo
    ) -> tuple[PointedAnswer, ...]:
        """Which words answer which question; nothing where the model fails or may not be asked."""
        message = passed_on(text, _private_words(state, bank))
        questions = _askable(state, bank)
        if not message or not questions:
            return ()
        slots = {"asked": state.pending or "nothing", "fields": _told(questions, state), "message": message}
        found = await self._ask(HEARING, slots, PointedAnswers, charged_to)
        return tuple(found.answers[:_MOST_ANSWERS]) if found else ()

    async def worded(
        self, question: Question, before: Iterable[str], language: Language, charged_to: ChargedTo
    ) -> str:
        """The question in a model's words if they may be asked, else as the bank has it."""
        ask = question.ask.said(language)
        slots = {"language": language, "question": (ask,), "before": tuple(before)}
        found = await self._ask(WORDING, slots, WordedQuestion, charged_to)
        words = " ".join(found.question.split()) if found else ""
        return words if may_be_asked(words, question, language) else ask

    async def _ask(
        self, name: str, slots: Mapping[str, object], shape: type[Shape], charged_to: ChargedTo
    ) -> Shape | None:
        prompt = packaged_prompt(name)
        request = ModelRequest(
            purpose=name,
            model=self.model_name,
            system=prompt.system,
            messages=(Turn("user", prompt.render(**slots)),),
            max_tokens=MAX_TOKENS,
            tenant=charged_to.tenant,
            subject=charged_to.subject,
            deadline_seconds=self.deadline_seconds,
            prompt_hash=prompt.sha256,
            output=shape,
        )
        try:
            return (await self.model.complete(request)).as_shape(shape)
        except ModelError:
            return None  # what it cost is in the books; its help is what is missed


def wants_help(heard: Heard, text: str, state: State, bank: QuestionBank) -> bool:
    """Whether a model may see more in a message than the rules did."""
    pending = bank[state.pending] if state.pending else None
    if "person" in heard.wishes or state.phase in ("submitted", "with_person") or not text:
        return False
    nameless = not {"name"} & {*state.known, *state.skipped}
    if nameless or (pending is not None and pending.private):
        return False  # names and addresses are not for a model, and a name may come at any time
    answered = pending is not None and any(fact.field == pending.field for fact in heard.facts)
    plain = heard.yes is not None and len(text.split()) < _MANY_WORDS
    return not (answered or plain) or len(text.split()) > _MANY_WORDS


def helped(
    heard: Heard,
    pointed: Iterable[PointedAnswer],
    *,
    text: str,
    state: State,
    bank: QuestionBank,
    today: date,
) -> Heard:
    """What was heard, and what a model pointed at besides: read by our code, to be asked about first."""
    named = {fact.field for fact in heard.facts} | {doubt.field for doubt in heard.doubts}
    for answer in pointed:
        question = _askable(state, bank).get(_field(answer.field, bank))
        quote = folded(answer.quote)
        if question is None or question.field in named or question.field in state.known:
            continue
        if not quote or quote not in text or _taken(quote, heard):
            continue
        fact = hear_as(question.field, quote, state, bank, today)
        if fact is not None:
            doubts = tuple(doubt for doubt in heard.doubts if quote not in doubt.quote)
            fact = replace(fact, quote=quote, by_model=True)
            return replace(heard, facts=(*heard.facts, fact), doubts=doubts)
    return heard


def passed_on(text: str, private: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """What of a received message may reach a model, a clause a line: no name, no address, no identifier.

    ``private``: words of names and addresses that are known.
    """
    shown = list(text)
    for start, end in sorted(places.names_in(text, None), reverse=True):
        shown[start:end] = _NAME
    plain = TOKEN.sub("", "".join(shown)).replace(REMOVED, "").replace(LEFT_OUT, "")
    while known := mention(plain, private):
        plain = f"{plain[: known.start()]}{_NAME}{plain[known.end() :]}"
    return tuple(line for clause in clauses(plain) if (line := clause.text.strip(" ,.;")))


def _private_words(state: State, bank: QuestionBank) -> frozenset[str]:
    """The words of the private answers that are known."""
    values = (value for field, value in state.values.items() if bank[field].private)
    return frozenset(word for value in values for word in re.split(r"[|\s]+", value) if len(word) > _SHORT)


def _askable(state: State, bank: QuestionBank) -> dict[FieldName | None, Question]:
    """The questions a model may point at answers to."""
    hearable = bank.hearable(state.values.get("product"))
    return {field: question for field, question in hearable.items() if not question.private}


def _told(questions: Mapping[FieldName | None, Question], state: State) -> list[dict[str, object]]:
    """The questions as a model is told them: what they ask, and their closed answers."""
    return [
        {
            "field": question.field,
            "asks": question.ask.en,
            "answers": [option.label.en for option in question.options.values()],
        }
        for question in questions.values()
        if question.field not in state.known
    ]


def _field(name: str, bank: QuestionBank) -> FieldName | None:
    return next((field for field in bank.questions if field == name), None)


def _taken(quote: str, heard: Heard) -> bool:
    """Whether the rules read these very words as the answer to something else."""
    return any(quote in fact.quote for fact in heard.facts)
