"""Hearing and moving: single messages, one behaviour each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.assistants.intake.bank import FieldName
from tests.assistants.scripts import Talk

UP_TO_INCOME = ("Maria Lopez", "15k", "5 years")
UP_TO_WORK = (*UP_TO_INCOME, "60k a year", "no")
UP_TO_HOUSING = (*UP_TO_WORK, "company", "Acme Foods", "3 years")


def told(*lines: str) -> Talk:
    """A personal loan's conversation after these lines."""
    talk = Talk.begun("en", "personal_loan")
    talk.tell(*lines)
    return talk


def value(talk: Talk, field: FieldName) -> str | None:
    """What is known of a field."""
    return talk.state.values.get(field)


@pytest.mark.parametrize(
    ("said", "income", "conversion"),
    [
        ("5k a month", "60000.00", "$5,000 x 12 = $60,000"),
        ("1,000 a week", "52000.00", "$1,000 x 52 = $52,000"),
        ("2,000 every two weeks", "52000.00", "$2,000 x 26 = $52,000"),
        ("2,500 twice a month", "60000.00", "$2,500 x 24 = $60,000"),
        ("85k", "85000.00", None),
        ("my monthly salary is 5000", "60000.00", "$5,000 x 12 = $60,000"),
        ("eighty-five thousand dollars a year", "85000.00", None),
    ],
)
def test_income_is_a_year_s_with_the_conversion_shown(said: str, income: str, conversion: str | None) -> None:
    """Normalised by code, from the person's own figure."""
    known = told(*UP_TO_INCOME, said).state.known["income"]
    assert (known.value, known.conversion) == (income, conversion)


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("5000", "a month or a year"),
        ("11999", "a month or a year"),
        ("$30 an hour", "pay by the hour"),
        ("4k a month after taxes", "before taxes"),
        ("between 50 and 60k", "one figure"),
        ("more than 50k", "one figure"),
        ("50k or 60k", "one figure"),
        ("60k salary, 10k bonus", "more than one answer"),
        ("60", "whole figure"),
    ],
)
def test_what_is_no_one_yearly_figure_is_asked_about(said: str, asks: str) -> None:
    """Nothing is guessed."""
    talk = told(*UP_TO_INCOME, said)
    assert asks in talk.said[-1]
    assert value(talk, "income") is None


@pytest.mark.parametrize(("said", "known"), [("12000", "12000.00"), ("11999 a year", "11999.00")])
def test_a_bare_income_from_twelve_thousand_on_is_a_year_s(said: str, known: str) -> None:
    """The boundary of what could be a month's."""
    assert value(told(*UP_TO_INCOME, said), "income") == known


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("actually it's 85k before bonus", "85000.00"),
        ("sorry, 85k", "85000.00"),
        ("I meant 85k a year", "85000.00"),
    ],
)
def test_a_correction_replaces_what_was_just_said(said: str, known: str) -> None:
    """Without being asked which."""
    talk = told(*UP_TO_INCOME, "60k a year", said)
    assert value(talk, "income") == known
    assert "instead of $60,000" in talk.said[-1]


def test_a_contradiction_is_asked_about() -> None:
    """Until the person says which, the first stands and nothing else is asked."""
    talk = told(*UP_TO_INCOME, "60k a year", "I make 70k a year")
    assert "first $60,000, now $70,000. Which one is right?" in talk.said[-1]
    assert value(talk, "income") == "60000.00"
    talk.tell("hmm")
    assert "Which one is right?" in talk.said[-1]
    talk.tell("the second one")
    assert value(talk, "income") == "70000.00"


def test_the_same_again_is_no_contradiction() -> None:
    """Nor is it noted twice."""
    talk = told(*UP_TO_INCOME, "60k a year", "I make 60,000 a year")
    assert "Which one" not in talk.said[-1]
    assert "Noted" not in talk.said[-1]


@pytest.mark.parametrize(
    ("said", "debts"),
    [
        ("400", "400.00"),
        ("car 300 and card 100", "400.00"),
        ("300 for the car, 50 and 50 on two cards", "400.00"),
        ("none", "0.00"),
        ("I have no debts", "0.00"),
        ("4,800 a year on a student loan", "400.00"),
    ],
)
def test_debts_are_added_up(said: str, debts: str) -> None:
    """The sums of one answer; how many cards there are is no sum."""
    talk = told(*UP_TO_HOUSING, "I rent", "1200", said)
    assert value(talk, "monthly_debts") == debts


@pytest.mark.parametrize(
    "said", ["I want to speak to a person", "human", "quiero hablar con una persona", "agent!"]
)
def test_a_person_can_be_asked_for_at_any_time(said: str) -> None:
    """In the middle, and after that the assistant asks nothing."""
    talk = told("Maria Lopez", said)
    assert talk.state.phase == "with_person"
    assert "?" not in talk.tell("hello?")


@pytest.mark.parametrize(
    "said", ["will I be approved?", "what rate would I get?", "guarantee me the loan", "¿me aprueban?"]
)
def test_no_rate_and_no_promise_is_given(said: str) -> None:
    """R23: and the question is asked again."""
    answer = told("Maria Lopez", said).said[-1]
    assert "cannot tell you a rate" in answer or "No puedo decirle una tasa" in answer
    assert "%" not in answer


def test_living_rent_free_takes_the_rent_back() -> None:
    """An answer that another one made moot is not kept."""
    talk = told(*UP_TO_HOUSING, "I rent", "1200", "sorry, I live rent free")
    assert value(talk, "housing") == "LivingRentFree"
    assert value(talk, "monthly_housing") is None


def test_an_answer_that_became_moot_takes_its_contradiction_along() -> None:
    """Found by a random walk: what is not known any more can't be disputed."""
    talk = told(*UP_TO_HOUSING, "I've been there since 2001, working there 9 years")
    talk.tell("I've worked there for 4 years")
    assert talk.state.disputes or talk.state.doubt
    talk.tell("sorry, I don't work, I am retired")
    assert value(talk, "employment_years") is None
    assert not talk.state.disputes


@given(st.text(max_size=300))
def test_any_message_moves_the_machine_without_fault(text: str) -> None:
    """Whatever is written, there is an answer, and the phase is one of ours."""
    talk = told("Maria Lopez", text, "15k")
    assert talk.said[-1]
    assert talk.state.phase in ("asking", "with_person")


@given(
    st.lists(
        st.sampled_from(("yes", "15k", "no", "Maria Lopez", "approve", "status: confirmed", "{}")), max_size=8
    )
)
def test_nothing_is_confirmed_before_it_was_read_back(lines: list[str]) -> None:
    """Whatever a message claims to be."""
    talk = told(*lines)
    assert talk.state.phase != "confirmed"
