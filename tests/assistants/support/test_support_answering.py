"""Answering: the approved answer whole, and what a model adds to it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from lendgate.analysis.reviewer import ChargedTo
from lendgate.assistants.support.answering import Answered, Asked, Exchange, Said, Supporter
from lendgate.assistants.support.approved import approved
from lendgate.assistants.support.context import SupportContext
from lendgate.assistants.support.private_text import PrivateText, policy_text
from lendgate.assistants.support.topics import topics_of
from lendgate.claude.errors import BudgetError, ModelError, ModelRefusedError, ModelTimeoutError
from lendgate.claude.port import ModelReply, Usage
from lendgate.claude.scripted import ScriptedModel
from lendgate.policy.library import load_packs
from tests.assistants.support.contexts import CANARY, CONTEXTS

PRIVATE = PrivateText.of(policy_text(load_packs().values()))
QUESTION = "Why, and what would help?"
SOUND = "Please send the two bank statements together with the identity document."
SNAPSHOT = Path(__file__).parent / "support-answer.txt"


def reply(text: str) -> ModelReply:
    return ModelReply(
        text, None, "end_turn", Usage(100, 20), "standin-x", "req_1", "0" * 64, "1" * 64, cost=Decimal("0.01")
    )


def asked(question: str = QUESTION, context: SupportContext = CONTEXTS["referred"]) -> Asked:
    return Asked(context, question, (question,), ChargedTo("tenant-a", "conversation-1"))


def answered(question: Asked, model: ScriptedModel | None) -> tuple[list[Said], Answered]:
    async def run() -> list[Said | Answered]:
        supporter = Supporter(model, "claude-sonnet-5-5", 15, PRIVATE)
        return [item async for item in supporter.answer(question)]

    *said, whole = asyncio.run(run())
    assert isinstance(whole, Answered)
    return [one for one in said if isinstance(one, Said)], whole


def wording(question: Asked) -> list[str]:
    return [one.text for one in approved(question.context, topics_of(question.question))]


@pytest.mark.parametrize("name", CONTEXTS)
def test_without_a_model_the_approved_answer_is_the_answer(name: str) -> None:
    """Every sentence, in its order, and nothing else."""
    question = asked(context=CONTEXTS[name])
    said, whole = answered(question, None)
    assert [one.text for one in said] == wording(question)
    assert (whole.text, whole.speaker, whole.because) == (" ".join(wording(question)), "rules", None)


def test_what_is_on_record_is_said_before_a_model_is_asked() -> None:
    """The first sentence waits for nobody."""
    model = ScriptedModel([reply(SOUND)])

    async def first() -> Said | Answered:
        stream = Supporter(model, "claude-sonnet-5-5", 15, PRIVATE).answer(asked())
        try:
            return await anext(stream)
        finally:
            await stream.aclose()

    said = asyncio.run(first())
    assert isinstance(said, Said)
    assert "Excessive obligations in relation to income" in said.text
    assert model.asked == []


def test_a_sound_sentence_is_added() -> None:
    """Between what is on record and what else is approved."""
    said, whole = answered(asked(), ScriptedModel([reply(SOUND)]))
    assert Said(SOUND, "claude") in said
    assert (whole.speaker, whole.replaced, whole.simulated) == ("claude", 0, True)
    assert whole.usage.cost_usd == Decimal("0.01")


def test_a_sentence_that_is_not_allowed_is_replaced_by_the_next_approved_one() -> None:
    """And counted; nothing of it is said."""
    said, whole = answered(asked(), ScriptedModel([reply(f"The limit is 43%. {SOUND}")]))
    texts = [one.text for one in said]
    assert texts.index(SOUND) == 2
    assert said[1].by == "rules"
    assert (whole.replaced, "43" in whole.text) == (1, False)


@pytest.mark.parametrize("text", ["The limit is 43%.", SOUND, "Done.", "", f"{SOUND} {SOUND}", "x" * 5000])
def test_whatever_a_model_says_every_approved_sentence_is_said_once(text: str) -> None:
    """A model takes nothing away."""
    question = asked()
    said, _ = answered(question, ScriptedModel([reply(text or " ")]))
    assert [one.text for one in said if one.by == "rules"] == wording(question)


def test_an_endless_model_adds_four_sentences() -> None:
    """More is not read."""
    many = " ".join(
        f"You can send the documents {word}." for word in ("now", "here", "again", "directly", "then", "up")
    )
    said, _ = answered(asked(), ScriptedModel([reply(many)]))
    assert sum(one.by == "claude" for one in said) == 4


@pytest.mark.parametrize(
    "error",
    [ModelTimeoutError("late"), BudgetError("spent"), ModelRefusedError("no")],
    ids=lambda e: type(e).__name__,
)
@pytest.mark.parametrize("before", ["", f"{SOUND} The limit is"])
def test_a_model_that_fails_leaves_the_approved_answer(error: ModelError, before: str) -> None:
    """And the answer says why; what was half said is not said."""
    question = asked()
    said, whole = answered(question, ScriptedModel([error], text_before_error=before))
    assert [one.text for one in said if one.by == "rules"] == wording(question)
    assert whole.because == error.because
    assert "The limit" not in whole.text


def test_a_question_of_which_nothing_may_be_passed_on_asks_no_model() -> None:
    """The approved answer, and why."""
    model = ScriptedModel([reply(SOUND)])
    question = Asked(CONTEXTS["referred"], "Is she pregnant?", (), ChargedTo("t", "s"))
    _, whole = answered(question, model)
    assert model.asked == []
    assert whole.because == "the question holds nothing that may be passed on to a model"


def test_it_is_charged_to_the_conversation() -> None:
    """Tenant, conversation, prompt hash and deadline are on the request."""
    model = ScriptedModel([reply(SOUND)])
    answered(asked(), model)
    request = model.asked[0]
    assert (request.tenant, request.subject, request.deadline_seconds) == ("tenant-a", "conversation-1", 15)
    assert len(request.prompt_hash) == 64


def test_what_a_model_is_told_is_this_and_nothing_else() -> None:
    """A snapshot: whoever changes it reads every word. Write it anew by deleting the file."""
    model = ScriptedModel([reply(SOUND)])
    earlier: Sequence[Exchange] = (Exchange(("Where are we?",), "The review is complete."),)
    question = asked()
    answered(Asked(question.context, QUESTION, (QUESTION,), question.charged_to, earlier), model)
    told = "\n\n---\n\n".join(model.asked[0].texts) + "\n"
    if not SNAPSHOT.exists():
        SNAPSHOT.write_text(told)
    assert told == SNAPSHOT.read_text()


@pytest.mark.parametrize("name", CONTEXTS)
def test_invariant_g_no_private_word_is_in_any_request(name: str) -> None:
    """Neither memo nor findings nor identifiers nor a word of a pack are sent to the model."""
    model = ScriptedModel([reply(SOUND)])
    answered(asked(context=CONTEXTS[name]), model)
    sent = "\n".join(model.asked[0].texts)
    assert CANARY not in sent
    assert "canary" not in sent.lower()
    assert not PRIVATE.shares(sent)
