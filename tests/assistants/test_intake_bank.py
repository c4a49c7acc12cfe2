"""The question bank: what is in it, and what the loader refuses."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
import yaml

from lendgate.assistants.intake.bank import FIELDS, FieldName, load_bank, packaged_bank
from lendgate.errors import PolicyError

TEXT = files("lendgate.assistants.intake").joinpath("question_bank.yaml").read_text(encoding="utf-8")


def altered(field: str, /, **changes: object) -> bytes:
    """The packaged bank with members of one question replaced; None takes a member out."""
    bank: dict[str, Any] = yaml.safe_load(TEXT)
    question = next(one for one in bank["questions"] if one["field"] == field)
    question |= {name: value for name, value in changes.items() if value is not None}
    for name in [name for name, value in changes.items() if value is None]:
        question.pop(name, None)
    return yaml.safe_dump(bank, allow_unicode=True).encode()


def test_every_field_has_its_question() -> None:
    """The closed list and the file are one."""
    assert set(packaged_bank().questions) == set(FIELDS)


def test_alimony_is_asked_about_behind_its_notice() -> None:
    """12 CFR 1002.5(d)(2), in both languages."""
    question = packaged_bank()["other_income"]
    assert question.asked("en").startswith("You need not tell us about alimony, child support or separate")
    assert question.asked("es").startswith("No tiene que decirnos si recibe pensión alimenticia")


@pytest.mark.parametrize(
    "ask",
    [
        "What is your race?",
        "Are you married?",
        "Where were you born?",
        "What is your religion, if any?",
        "How old are you?",
        "Do you plan to have children?",
        "Does your husband work?",
        "Do you receive food stamps?",
        "Is your income alimony?",
        "What is your nationality?",
    ],
)
def test_prohibited_question_refuses_to_load(ask: str) -> None:
    """12 CFR 1002.5(b) to (d): the bank is not used at all."""
    with pytest.raises(PolicyError, match=r"income: asks about .* 1002.5 keeps out"):
        load_bank("bank.yaml", altered("income", ask={"en": ask, "es": "¿Cuánto gana?"}))


@pytest.mark.parametrize(
    "ask", ["¿Está casada?", "¿Cuál es su religión?", "¿Qué edad tiene?", "¿Tiene hijos?", "¿Nacionalidad?"]
)
def test_prohibited_question_in_spanish_refuses_to_load(ask: str) -> None:
    """Likewise."""
    with pytest.raises(PolicyError, match="keeps out"):
        load_bank("bank.yaml", altered("income", ask={"en": "What do you earn?", "es": ask}))


def test_alimony_without_its_notice_refuses_to_load() -> None:
    """In the one question that may speak of it."""
    ask = {"en": "Do you receive alimony?", "es": "¿Recibe pensión alimenticia?"}
    load_bank("bank.yaml", altered("other_income", ask=ask))
    with pytest.raises(PolicyError, match="other_income: asks about 'alimony'"):
        load_bank("bank.yaml", altered("other_income", ask=ask, notice=None))


@pytest.mark.parametrize("member", ["label", "why", "notice"])
def test_every_text_that_people_read_is_looked_at(member: str) -> None:
    """Not the question alone."""
    with pytest.raises(PolicyError, match="keeps out"):
        load_bank("bank.yaml", altered("income", **{member: {"en": "your age", "es": "su ingreso"}}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (altered("income", field="race"), "field"),
        (altered("income", field="name"), "two questions"),
        (altered("income", options=None, kind="choice"), "options"),
        (altered("income", extra=1), "extra"),
        (b"version: [", "not YAML"),
    ],
)
def test_malformed_bank_is_refused_with_its_place(content: bytes, words: str) -> None:
    """Fail closed, and say where."""
    with pytest.raises(PolicyError, match=words):
        load_bank("bank.yaml", content)


def test_a_question_depends_only_on_what_is_asked() -> None:
    """A condition on a field that is not there would never be met."""
    bank = yaml.safe_load(TEXT)
    bank["questions"] = [one for one in bank["questions"] if one["field"] != "housing"]
    with pytest.raises(PolicyError, match="monthly_housing: when names"):
        load_bank("bank.yaml", yaml.safe_dump(bank, allow_unicode=True).encode())


def test_a_personal_loan_asks_nothing_about_a_home_to_buy() -> None:
    """Each product has its own questions; without one only the product is asked for."""
    bank = packaged_bank()
    personal = {question.field for question in bank.applying("personal_loan", {})}
    assert not personal & {"property_address", "property_value", "taxpayer_identifier", "foreclosure"}
    assert [question.field for question in bank.applying(None, {})] == ["product"]


def test_conditions_keep_questions_out() -> None:
    """Who lives rent free is not asked what it costs."""
    known: dict[FieldName, str] = {"housing": "LivingRentFree", "work": "elsewhere"}
    asked = {question.field for question in packaged_bank().applying("personal_loan", known)}
    assert not asked & {"monthly_housing", "employer", "employment_years"}
