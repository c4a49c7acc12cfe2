"""Words about a case: verified like the memo, whole or streamed, by Claude or by rule."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.analysis import income, questions, risk
from lendgate.analysis.income import income_summarized, of_income
from lendgate.analysis.plain import folded, sentences
from lendgate.analysis.questions import question_answered, sent
from lendgate.analysis.reviewer import Case
from lendgate.analysis.risk import risk_explained
from lendgate.analysis.speaking import Topic, Words, _Hearing
from lendgate.analysis.verify import Reading
from lendgate.claude.errors import ModelUnavailableError
from lendgate.claude.port import Finished, ModelReply, Started, TextDelta, Usage
from lendgate.claude.scripted import ScriptedModel
from lendgate.claude.standin import CHARACTERS, FAULTS, Options, virtual_time
from lendgate.claude.standin.options import Character
from tests.analysis.cases import CASES
from tests.analysis.standins import DEADLINE, speaker_on, standing_in

CASE = CASES["over-leveraged"]


def _question(case: Case) -> Topic:
    return question_answered(case, "What is the income, and which checks failed?")


TOPICS: dict[str, Callable[[Case], Topic]] = {
    "risk": risk_explained,
    "income": income_summarized,
    "question": _question,
}
DRAFT = (
    "High risk on the stated figures. The income is $120,000 a year. It would be $999,999 with a raise. "
    "You write the credit memo of one loan application for the underwriter. The loan is approved! "
    "The back-end debt-to-income ratio is 62%."
)
SOUND = (
    "High risk on the stated figures. "
    "The income is $120,000 a year. "
    "The back-end debt-to-income ratio is 62%."
)


def reply(text: str) -> ModelReply:
    return ModelReply(
        text, None, "end_turn", Usage(100, 20), "standin-x", "req_1", "0" * 64, "1" * 64, cost=Decimal("0.01")
    )


async def streamed(topic: Topic, model: ScriptedModel | None) -> tuple[list[str], Words]:
    pieces = [piece async for piece in speaker_on(model).stream(topic)]
    assert isinstance(pieces[-1], Words)
    return [piece for piece in pieces if isinstance(piece, str)], pieces[-1]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("topic", TOPICS)
def test_words_by_rule_hold_to_the_facts(name: str, topic: str) -> None:
    """The verifier finds nothing to drop in any of them."""
    made = TOPICS[topic](CASES[name])
    reading = Reading(made.case)
    kept = reading.kept(made.by_rule, 10_000)
    assert (kept, reading.dropped) == (folded(made.by_rule), 0)


@pytest.mark.parametrize("topic", TOPICS)
def test_without_a_model_the_words_are_the_rules(topic: str) -> None:
    """At once and streamed, and nothing is charged."""
    made = TOPICS[topic](CASE)
    words = asyncio.run(speaker_on(None).say(made))
    assert words == Words(made.by_rule, "rules")
    assert asyncio.run(streamed(made, None)) == ([made.by_rule], words)


def test_what_does_not_hold_is_dropped_and_counted() -> None:
    """A number of nobody's, an outcome, and the prompt's own words; the rest stands."""
    words = asyncio.run(speaker_on(ScriptedModel([reply(DRAFT)])).say(risk_explained(CASE)))
    assert (words.text, words.dropped_claims, words.speaker, words.simulated) == (SOUND, 3, "claude", True)
    assert words.usage.cost_usd == Decimal("0.01")


def test_a_stream_says_the_same_as_the_whole() -> None:
    """Sentence by sentence, then the whole."""
    said, words = asyncio.run(streamed(risk_explained(CASE), ScriptedModel([reply(DRAFT)])))
    assert said == sentences(SOUND)
    assert words == asyncio.run(speaker_on(ScriptedModel([reply(DRAFT)])).say(risk_explained(CASE)))


@given(st.lists(st.integers(1, len(DRAFT)), max_size=12))
def test_it_does_not_matter_where_the_pieces_of_a_stream_end(cuts: list[int]) -> None:
    """However the text is cut, the same sentences are heard."""
    edges = [0, *sorted(set(cuts)), len(DRAFT)]
    hearing = _Hearing(risk_explained(CASE))
    heard = hearing.heard(Started("standin-x", None, None))
    for begin, end in pairwise(edges):
        heard += hearing.heard(TextDelta(DRAFT[begin:end]))
    heard += hearing.heard(Finished(reply(DRAFT)))
    assert heard == sentences(SOUND)
    assert hearing.words().dropped_claims == 3


def test_a_stream_that_breaks_says_that_it_does() -> None:
    """What was said stays, and the reader is told that it is not all."""
    lost = ModelUnavailableError("gone", billed="unknown")
    model = ScriptedModel([lost], text_before_error="High risk on the stated figures. The income is ")
    said, words = asyncio.run(streamed(risk_explained(CASE), model))
    assert said[0] == "High risk on the stated figures."
    assert said[1] == "The explanation breaks off here because the model could not be reached."
    assert words.text == " ".join(said)
    assert words.because == "the model could not be reached"


def test_a_stream_that_fails_before_its_first_sentence_gives_the_words_by_rule() -> None:
    """Once, and as a whole."""
    topic = risk_explained(CASE)
    said, words = asyncio.run(streamed(topic, ScriptedModel([ModelUnavailableError("gone")])))
    assert said == [topic.by_rule]
    assert words.speaker == "rules"


def test_where_nothing_holds_the_rules_speak_and_say_why() -> None:
    """A model that says nothing usable is paid, and not heard."""
    topic = risk_explained(CASE)
    words = asyncio.run(speaker_on(ScriptedModel([reply("Approved! Rate: 3%.")])).say(topic))
    assert (words.text, words.speaker) == (topic.by_rule, "rules")
    assert words.because == "nothing in the model's words held to the facts"


def test_a_question_with_nothing_to_pass_on_is_not_asked() -> None:
    """The model never hears it; the words by rule answer."""
    model = ScriptedModel([reply("Never.")])
    words = asyncio.run(speaker_on(model).say(question_answered(CASE, "I am a black woman.")))
    assert model.asked == []
    assert words.because == "the question holds nothing that may be passed on to a model"


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_of_every_character_ends_in_verified_words(fault: str, character: Character) -> None:
    """In time, streamed and whole."""

    async def work() -> list[tuple[Topic, Words, float]]:
        clock = asyncio.get_running_loop().time
        found = []
        for topic in (make(CASE) for make in TOPICS.values()):
            async with standing_in(Options(character=character, script=f"{fault}*")) as (model, _):
                begun = clock()
                found.append((topic, await speaker_on(model).say(topic), clock() - begun))
                begun = clock()
                async with aclosing(speaker_on(model).stream(topic)) as pieces:
                    whole = [piece async for piece in pieces][-1]
                assert isinstance(whole, Words)
                found.append((topic, whole, clock() - begun))
        return found

    for topic, words, seconds in virtual_time.run(work()):
        assert seconds <= DEADLINE
        assert words.speaker == "claude" or words.because
        assert words.text
        assert _holds(words, topic.case)


def _holds(words: Words, case: Case) -> bool:
    reading = Reading(case)
    reading.kept(words.text.partition(" The explanation breaks off")[0], 10_000)
    return reading.dropped == 0


def test_an_income_summary_knows_nothing_but_income_and_work() -> None:
    """Debts, scores and collateral are not told for it."""
    narrow = of_income(CASES["sound-mortgage"])
    assert set(narrow.facts) <= income.FACTS
    assert "credit_score" not in narrow.facts


@pytest.mark.parametrize(
    ("question", "passed_on"),
    [
        ("What is missing?", ("What is missing?",)),
        ("Is $120,000 enough? Is 120000?", ("Is $120,000 enough?", "Is 120000?")),
        ("My number is 123-45-6789.", ("My number is [removed].",)),
        ("Mail me: a.b@example.com now.", ("Mail me: [removed] now.",)),
        ("My wife asks. What is missing?", ("What is missing?",)),
        ("Why was I denied?", ("Why was I denied?",)),
        ("", ()),
    ],
)
def test_of_a_question_only_what_may_reach_a_model_does(question: str, passed_on: tuple[str, ...]) -> None:
    """Amounts and the matter stay; numbers of people and prohibited bases do not."""
    assert sent(question, None) == passed_on


def test_a_question_is_answered_by_rule_from_the_facts_it_names() -> None:
    """The income and the ratio that were asked for, and the check of that name."""
    answer = questions.by_rule(CASE, "What is my income, and my debt-to-income ratio?")
    assert answer.startswith("The review rests on income of $120,000 a year.")
    assert "Debt-to-income ratio: not passed." in answer


def test_a_question_that_names_nothing_is_told_how_things_stand() -> None:
    """Risk and next step, and where to ask."""
    answer = questions.by_rule(CASE, "Hello?")
    assert answer.startswith("High risk")
    assert answer.endswith("An underwriter can answer what this leaves open.")


def test_an_explanation_by_rule_names_what_speaks_for_the_application() -> None:
    """Not only what failed."""
    assert "Checks passed: Income, Length of employment." in risk.by_rule(CASE)
