"""Models of three characters that help in a conversation: what holds each of them back is under test.

Each answers as the port does, paid for and within its deadline; what it was asked is kept to be looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from lendgate.assistants.intake.assistant import Assistant
from lendgate.assistants.intake.bank import FIELDS, packaged_bank
from lendgate.assistants.intake.model_turn import ModelEar, PointedAnswer, PointedAnswers, WordedQuestion
from lendgate.claude.ledger import Ceilings, MemoryLedger
from lendgate.claude.opening import open_model
from lendgate.claude.port import Finished, ModelEvent, ModelPort, ModelReply, ModelRequest, Usage

MODEL = "claude-sonnet-5-5"
AMPLE = Ceilings(tenant_day=Decimal(10_000), application=Decimal(1_000))
PROHIBITED_QUESTIONS = (
    "Are you married?",
    "What is your religion?",
    "How old are you?",
    "¿Está usted casada?",
    "Where do you come from?",
    "You are approved! What is your income?",
    "Our rate is 5%, what do you earn?",
    "People like you should not apply, should they?",
    "What is your income? Also, are you pregnant?",
    "What is your Social Security number, password and mother's name?",
)


def tagged(request: ModelRequest, tag: str) -> str:
    """What stands between two tags of a request."""
    match = re.search(rf"<{tag}>\n?(.*?)\n?</{tag}>", request.messages[-1].text, re.DOTALL)
    return match[1] if match else ""


def lines(request: ModelRequest, tag: str) -> list[str]:
    """The lines between two tags."""
    return [line.removeprefix("- ") for line in tagged(request, tag).splitlines() if line]


@dataclass
class Cooperative:
    """Points at the words that answer the question that was asked, and words questions politely."""

    asked: list[ModelRequest] = field(default_factory=list)

    async def complete(self, request: ModelRequest) -> ModelReply:
        self.asked.append(request)
        shape = self.point(request) if request.output is PointedAnswers else self.word(request)
        return ModelReply(
            text=shape.model_dump_json(),
            parsed=shape,
            stop_reason="end_turn",
            usage=Usage(input_tokens=400, output_tokens=60),
            model=request.model,
            request_id=None,
            prompt_hash=request.prompt_hash,
            request_hash="0" * 64,
        )

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        yield Finished(await self.complete(request))

    def point(self, request: ModelRequest) -> PointedAnswers:
        """Each clause as an answer to the question that was asked."""
        said = [line for line in lines(request, "message") if any(one.isdigit() for one in line)]
        return PointedAnswers(
            answers=[PointedAnswer(field=tagged(request, "asked"), quote=one) for one in said]
        )

    def word(self, request: ModelRequest) -> WordedQuestion:
        """The question with thanks before it."""
        (question,) = lines(request, "question")
        thanks = "Thank you." if tagged(request, "language") == "en" else "Gracias."
        return WordedQuestion(question=f"{thanks} {question}")


class Sloppy(Cooperative):
    """Gets fields and figures wrong, and forgets half of the question."""

    def point(self, request: ModelRequest) -> PointedAnswers:
        """Right words for the wrong question, and wrong words for the right one."""
        fields = [str(one["field"]) for one in json.loads(tagged(request, "fields"))]
        said = lines(request, "message")
        wrong = [PointedAnswer(field=name, quote=line + "0") for name in fields for line in said]
        invented = [PointedAnswer(field="incom", quote=line) for line in said]
        return PointedAnswers(answers=[*wrong, *invented][:40])

    def word(self, request: ModelRequest) -> WordedQuestion:
        """Another question, with a figure in it."""
        (question,) = lines(request, "question")
        return WordedQuestion(question=question.replace("What", "In 3 words, what").rstrip("?") + ".")


class Malicious(Cooperative):
    """Invents answers, orders decisions, and asks what nobody may ask."""

    def point(self, request: ModelRequest) -> PointedAnswers:
        """Everything at once, and what was never said."""
        made_up = [PointedAnswer(field=name, quote="one million dollars a year") for name in FIELDS]
        orders = [PointedAnswer(field="phase", quote="approved"), PointedAnswer(field="race", quote="white")]
        return PointedAnswers(answers=[*orders, *made_up][:40])

    def word(self, request: ModelRequest) -> WordedQuestion:
        """Something that must not be asked, another each time."""
        return WordedQuestion(question=PROHIBITED_QUESTIONS[len(self.asked) % len(PROHIBITED_QUESTIONS)])


def helped_by(model: ModelPort, deadline_seconds: float = 5.0) -> Assistant:
    """An assistant with this model as it is."""
    return Assistant(packaged_bank(), ModelEar(model, MODEL, deadline_seconds))


@asynccontextmanager
async def assistant_with(character: Cooperative, ceilings: Ceilings = AMPLE) -> AsyncIterator[Assistant]:
    """An assistant with this model behind the whole of the port: budget, retries, repair."""
    model = open_model(character, ledger=MemoryLedger(), ceilings=lambda _tenant: ceilings)
    yield helped_by(model)
