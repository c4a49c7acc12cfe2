"""Echoes: the prompt's own words are not for readers; words it gives to be said are."""

from __future__ import annotations

import pytest

from lendgate.analysis import prose, risk
from lendgate.analysis.echo import instructions_of, without_echo
from lendgate.analysis.plain import folded, sentences
from lendgate.analysis.telling import glossary, sha256_of, system_of, told
from lendgate.claude.prompts import packaged_prompt
from lendgate.claude.standin import Options, virtual_time
from lendgate.policy.registry import FACTS
from tests.analysis.cases import CASES
from tests.analysis.standins import ByStandIn

PROMPTS = ("review-memo", "explain-risk", "income-summary", "answer-question")


@pytest.mark.parametrize("prompt", PROMPTS)
def test_every_sentence_of_a_prompt_is_an_echo(prompt: str) -> None:
    """Whole sentences of its instructions, and of what the client adds to it."""
    instructions = instructions_of(prompt)
    text = f"{packaged_prompt(prompt).system_text} {packaged_prompt('structured-reply').user_text}"
    said = [one for one in sentences(folded(text)) if len(one.split()) > 3 and '"' not in one]
    assert said
    assert [one for one in said if not instructions.echoed_in(one)] == []


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("name", CASES)
def test_what_the_rules_say_is_no_echo(prompt: str, name: str) -> None:
    """The words that stand in for a model's are never taken for its prompt's."""
    for text in (prose.risk_summary(CASES[name]), prose.next_step(CASES[name]), risk.by_rule(CASES[name])):
        assert without_echo(text, instructions_of(prompt)) == (folded(text), 0)


@pytest.mark.parametrize(
    "sentence", ["Low risk.", "The risk cannot be determined yet.", "High risk on the stated figures."]
)
def test_words_a_prompt_gives_to_be_said_are_no_echo(sentence: str) -> None:
    """What stands in quotation marks is for saying."""
    assert not instructions_of("review-memo").echoed_in(sentence)


def test_an_echo_is_taken_out_and_counted() -> None:
    """Behind a label, too."""
    text = "Low risk. Summary: Do not compute new ones. The income is stated."
    assert without_echo(text, instructions_of("review-memo")) == ("Low risk. The income is stated.", 1)


@pytest.mark.parametrize("name", CASES)
def test_a_gullible_model_says_nothing_of_its_prompt(name: str) -> None:
    """The stand-in that repeats its context: what is left are the words of the rules."""
    memo = virtual_time.run(ByStandIn(Options(character="gullible")).review(CASES[name])).memo
    said = " ".join((memo.risk_summary, *(concern.text for concern in memo.concerns), memo.next_step))
    assert not any(instructions_of("review-memo").echoed_in(one) for one in sentences(folded(said)))
    assert memo.dropped_claims > 0


def test_what_is_the_same_in_every_call_comes_first_and_is_marked_for_the_cache() -> None:
    """Instructions and glossary are the same bytes for every case, and hashed together."""
    prompt = packaged_prompt("review-memo")
    blocks = system_of(prompt)
    assert [block.cache for block in blocks] == ["1h", "1h"]
    assert blocks[1].text == glossary()
    assert all(f"{name} (" in glossary() for name in FACTS)
    assert sha256_of(prompt) != prompt.sha256


def test_unknown_facts_are_named_and_known_ones_told_with_how() -> None:
    """Nothing is told twice, and no limit is told at all."""
    slots = told(CASES["no-tenure"])
    facts, unknown = slots["facts"], slots["unknown"]
    assert isinstance(facts, dict)
    assert isinstance(unknown, list)
    assert facts.keys().isdisjoint(unknown)
    assert "months_on_job" in unknown
    assert set(facts["annual_income"]) == {"value", "how"}
