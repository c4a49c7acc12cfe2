"""The answers without a model: about the question, right, and a function of what is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.analysis.saying import dollars
from lendgate.assistants.support.approved import approved, day_said, reasons_said
from lendgate.assistants.support.context import Submitted
from lendgate.assistants.support.topics import MOST_TOPICS, OVERVIEW, Topic, topics_of
from tests.assistants.support.contexts import CONTEXTS, context
from tests.assistants.support.honest import answers, questions

HONEST = list(questions())


def said(name: str, *topics: Topic) -> str:
    return " ".join(sentence.text for sentence in approved(CONTEXTS[name], topics))


def test_there_are_a_hundred_honest_questions() -> None:
    """As the figure in the documents says."""
    assert len(HONEST) == 100


@pytest.mark.parametrize("name", CONTEXTS)
def test_honest_questions_are_answered(name: str) -> None:
    """At most three in a hundred miss the point, however the application stands."""
    missed = [
        question
        for about, question in HONEST
        if not answers(about, CONTEXTS[name], said(name, *topics_of(question)))
    ]
    assert len(missed) <= 3, missed


@pytest.mark.parametrize("name", [name for name, made in CONTEXTS.items() if made.reasons])
def test_every_recorded_reason_is_said_in_its_order_and_no_other(name: str) -> None:
    """R04: exactly those recorded."""
    made = CONTEXTS[name]
    assert reasons_said(made) in said(name, "why")
    assert reasons_said(made) == "; ".join(reason.text for reason in made.public_reasons)


def test_what_would_help_comes_from_the_recorded_reasons_alone() -> None:
    """One sentence a reason, and nothing about any other."""
    assert said("not-eligible", "help").count("Papers of the bankruptcy") == 1
    assert "Papers of the bankruptcy" not in said("referred", "help")


def test_a_question_about_policy_is_told_the_reasons_instead() -> None:
    """No limit is confirmed or denied; what is public is offered."""
    topics = topics_of("What is the maximum debt-to-income you accept?")
    assert topics == ("policy", "why")
    text = said("referred", *topics)
    assert "not something this assistant is given" in text
    assert "Excessive obligations in relation to income" in text


@pytest.mark.parametrize("question", ["", "?!", "asdf qwer", "\u200b", "¿Qué pasa con la solicitud?", "📄"])
def test_what_is_not_understood_is_answered_with_how_things_stand(question: str) -> None:
    """There is no question without an answer."""
    assert topics_of(question) == OVERVIEW


@given(st.text(max_size=300))
def test_any_text_has_topics_and_an_answer(question: str) -> None:
    """Whatever is asked, one to four topics and at least one sentence."""
    topics = topics_of(question)
    assert 1 <= len(topics) <= MOST_TOPICS
    assert all(approved(made, topics) for made in CONTEXTS.values())


@given(st.decimals(0, 10**6, places=2), st.text(max_size=80))
def test_same_outcome_and_reasons_same_words(income: Decimal, question: str) -> None:
    """Only the submitted value itself differs, where it is said at all."""
    one = context()
    other = replace(one, submitted=(Submitted("annual_income", income), *one.submitted[1:]))
    topics = topics_of(question)
    texts = [
        " ".join(sentence.text for sentence in approved(made, topics)).replace(dollars(value), "#")
        for made, value in ((one, Decimal(95000)), (other, income))
    ]
    assert texts[0] == texts[1]


def test_a_day_is_written_as_in_the_united_states() -> None:
    """No zero before the day."""
    assert day_said(date(2026, 11, 2)) == "November 2, 2026"
