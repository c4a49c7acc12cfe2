"""Wording: what the machine wants said, as sentences in English or Spanish.

Law: a question reads as the bank has it; everything else as ``phrases.yaml`` has it, filled with the person's
own answers. Of an identifier nothing is ever shown but that it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Final

from pydantic import TypeAdapter

from lendgate.assistants.intake.bank import FieldName, Question, QuestionBank
from lendgate.assistants.intake.machine import Say
from lendgate.assistants.intake.state import State
from lendgate.assistants.intake.text import Language
from lendgate.assistants.intake.values import MONEY, dollars
from lendgate.policy.yaml_text import read_yaml

_MONTHS_A_YEAR: Final = 12


@lru_cache(maxsize=1)
def phrases() -> Mapping[str, Mapping[Language, tuple[str, ...]]]:
    """The reviewed phrases by name."""
    path = files("lendgate.assistants.intake").joinpath("phrases.yaml")
    shape = TypeAdapter(dict[str, dict[Language, tuple[str, ...]]])
    return shape.validate_python(read_yaml("phrases.yaml", path.read_bytes()))


def worded(says: Iterable[Say], state: State, bank: QuestionBank) -> list[str]:
    """Everything that is to be said, sentence by sentence."""
    return [sentence for say in says for sentence in _sentences(say, state, bank)]


def shown(question: Question, value: str, language: Language) -> str:
    """A canonical value as a person reads it."""
    if question.kind in MONEY:
        return dollars(Decimal(value)) if Decimal(value) else _phrase("none", language)
    match question.kind:
        case "choice":
            text = question.options[value].label.said(language)
        case "yes_no":
            text = _phrase(value, language)
        case "duration":
            text = _duration(int(value), language)
        case "identifier":
            text = _phrase("on_file", language)
        case _:
            text = value.replace("|", ", " if question.kind == "address" else " ")
    return text


def _sentences(say: Say, state: State, bank: QuestionBank) -> Iterator[str]:
    language = state.language
    if say.topic == "summary":
        yield _phrase("summary", language)
        yield from _summary(state, bank)
    elif say.field is None:
        yield from phrases()[say.topic][language]
    elif say.topic == "question":
        yield bank[say.field].asked(language)
    elif say.topic == "why":
        yield bank[say.field].why.said(language)
    else:
        question = bank[say.field]
        name = f"doubt_{say.data['problem']}" if say.topic == "doubt" else say.topic
        slots = _slots(question, say.data, language)
        private = f"{name}_private"
        hidden = question.kind == "identifier" and private in phrases()
        yield from (text.format(**slots) for text in phrases()[private if hidden else name][language])


def _slots(question: Question, data: Mapping[str, str], language: Language) -> dict[str, str]:
    slots = {
        "label": question.label.said(language),
        "ask": question.ask.said(language),
        "why": question.why.said(language),
    }
    for slot, name in (("value", "shown"), ("old", "old")):
        if data.get(slot):
            slots[name] = shown(question, data[slot], language)
    if data.get("conversion"):
        slots["shown"] = f"{slots['shown']} ({_conversion(data['conversion'], slots['shown'])})"
    return slots


def _conversion(conversion: str, result: str) -> str:
    """How a value came about; one that ends in an arrow ends in the value."""
    return f"{conversion} {result}" if conversion.endswith("→") else conversion


def _summary(state: State, bank: QuestionBank) -> Iterator[str]:
    language = state.language
    for question in bank.applying(state.values.get("product"), state.values):
        known = state.known.get(question.field)
        if known:
            text = _slots(question, {"value": known.value, "conversion": known.conversion or ""}, language)
        elif question.field in state.skipped:
            text = {"label": question.label.said(language), "shown": _phrase("left_blank", language)}
        else:
            continue
        line = phrases()["summary_line"][language][0].format(**text)
        yield f"{line[0].upper()}{line[1:]}"


def _duration(months: int, language: Language) -> str:
    if months % _MONTHS_A_YEAR or not months:
        return _phrase("months", language).format(count=months)
    return _phrase("years", language).format(count=months // _MONTHS_A_YEAR)


def _phrase(name: str, language: Language) -> str:
    return phrases()[name][language][0]


def asked_field(says: Iterable[Say]) -> FieldName | None:
    """The question that is asked in what is said, if one is."""
    return next((say.field for say in says if say.topic == "question"), None)
