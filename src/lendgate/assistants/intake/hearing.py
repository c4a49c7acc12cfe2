"""Hearing: a message becomes facts, doubts and wishes, by rules. No key, no network, the same every time.

Law: a value comes from the person's words or not at all. Words that name their question answer it wherever
they stand; words that name none answer the question that was asked. Two figures where one is wanted, a range,
a bound or a figure without its period are doubts, and are asked about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from lendgate.assistants.intake import lexicon, places, values
from lendgate.assistants.intake.bank import FieldName, QuestionBank
from lendgate.assistants.intake.choices import choices, flags, nothing
from lendgate.assistants.intake.identifiers import token_of
from lendgate.assistants.intake.lexicon import Wish
from lendgate.assistants.intake.listening import Listening, listening, quote_of
from lendgate.assistants.intake.quantities import quantities
from lendgate.assistants.intake.state import Doubt, HeardFact, Known, State
from lendgate.assistants.intake.sums import answered_sums
from lendgate.assistants.intake.text import clauses

_PLAIN_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message said.

    ``yes``: it agrees (True), disagrees (False) or does neither; ``which``: of two values the earlier or
    the later; ``correction``: it takes something back.
    """

    facts: tuple[HeardFact, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    wishes: frozenset[Wish] = frozenset()
    yes: bool | None = None
    which: Literal["first", "last"] | None = None
    correction: bool = False


def hear(text: str, state: State, bank: QuestionBank, today: date) -> Heard:
    """What a message says. ``text`` is plain, tokenized, and without what was volunteered."""
    correction = bool(lexicon.CORRECTION.search(text))
    if state.proposal and agreement(text) is not None and len(text.split()) <= _PLAIN_WORDS:
        state = replace(state, pending=None)  # a yes to "is that right?" answers nothing else
    product = _product(text, state, bank, today)
    scope = listening(text, _with(state, product), bank, today, correction=correction)
    facts, doubts = _said(scope)
    facts = [product, *facts] if product else facts
    return Heard(
        facts=tuple(replace(fact, correction=correction) for fact in facts),
        doubts=tuple(doubts),
        wishes=lexicon.wishes(text),
        yes=agreement(text),
        which=_which(text),
        correction=correction,
    )


def hear_as(field: FieldName, quote: str, state: State, bank: QuestionBank, today: date) -> HeardFact | None:
    """What words say as the answer to one question: a model says which, and our code reads the value."""
    scope = listening(quote, replace(state, pending=field, doubt=None), bank, today, correction=False)
    if field not in scope.questions:
        return None
    facts, doubts = _said(scope)
    if doubts:
        return None
    return next((fact for fact in facts if fact.field == field), None)


def agreement(text: str) -> bool | None:
    """Whether a text agrees, disagrees, or does neither; its first word decides where it does both."""
    yes, no = lexicon.YES.search(text), lexicon.NO.search(text)
    if yes and no:
        return yes.start() < no.start()
    return bool(yes) if yes or no else None


def _product(text: str, state: State, bank: QuestionBank, today: date) -> HeardFact | None:
    """The product, where it was open and this very message says it: which answers count depends on it."""
    if "product" in state.known:
        return None
    scope = listening(text, state, bank, today, correction=False)
    found, _ = choices(replace(scope, questions={"product": bank["product"]}), clauses(text))
    return found[0] if found else None


def _with(state: State, fact: HeardFact | None) -> State:
    if fact is None:
        return state
    return replace(state, known={**state.known, fact.field: Known(fact.value, fact.quote, state.turn + 1)})


def _said(scope: Listening) -> tuple[list[HeardFact], list[Doubt]]:
    """Every fact and doubt of a message; of each question one."""
    facts, doubts, rest = _whole_answers(scope)
    scope = replace(scope, text=rest)
    found = quantities(rest, scope.state.language, scope.today)
    cut = clauses(rest, [(one.start, one.end) for one in found])
    if not cut:
        return facts, doubts
    chosen, torn = choices(scope, cut)
    chosen += _working(scope, facts, chosen)
    summed, unsure = answered_sums(scope, cut, found)
    counted = any(one.kind == "sum" for one in found)
    none = nothing(scope, cut, counted=counted)
    _add(facts, [*chosen, *flags(scope, cut), *summed, *_resolved(scope, counted=counted), *none])
    named = {fact.field for fact in facts}
    return facts, [doubt for doubt in (*doubts, *torn, *unsure) if doubt.field not in named]


def _working(scope: Listening, facts: list[HeardFact], chosen: list[HeardFact]) -> list[HeardFact]:
    """Who names where they work works for an employer, unless they say otherwise."""
    named = next((fact for fact in facts if fact.field == "employer"), None)
    said = "work" in scope.state.known or any(fact.field == "work" for fact in chosen)
    asked = scope.pending is not None and scope.pending.field == "employer"
    return [] if named is None or said or asked else [HeardFact("work", "employer", named.quote)]


def _add(facts: list[HeardFact], more: Iterable[HeardFact]) -> None:
    for fact in more:
        if all(fact.field != other.field for other in facts):
            facts.append(fact)


def _whole_answers(scope: Listening) -> tuple[list[HeardFact], list[Doubt], str]:
    """Names, addresses, employers and identifiers, and the text without them, of the same length."""
    facts: list[HeardFact] = []
    text = scope.text
    for field, value, quote in _wholes(scope):
        if field in scope.questions and all(fact.field != field for fact in facts):
            facts.append(HeardFact(field, value, quote_of(quote)))
            text = text.replace(quote, " " * len(quote), 1)
    return facts, _halves(scope, facts), text


def _wholes(scope: Listening) -> Iterable[tuple[FieldName, str, str]]:
    text, asked = scope.text, scope.pending.field if scope.pending else None
    if token := token_of(text):
        yield "taxpayer_identifier", token[1], token[0]
    if address := places.address_in(text):
        value, start, end = address
        yield "property_address", value, text[start:end]
    if named := places.name_in(text):
        yield "name", named[0], named[1]
    elif asked == "name" and (name := places.name_of(text)):
        yield "name", name, text
    if employer := places.employer_in(text):
        yield "employer", employer, employer
    elif asked == "employer" and _answers_employer(text) and (said := places.employer_of(_first(text))):
        yield "employer", said, _first(text)


def _first(text: str) -> str:
    """An answer up to its first comma: "Acme Foods, 3 years"."""
    return text.split(",", 1)[0]


def _answers_employer(text: str) -> bool:
    return not lexicon.wishes(text) and not lexicon.CORRECTION.search(text)


def _halves(scope: Listening, facts: list[HeardFact]) -> list[Doubt]:
    """Half an answer to the question that was asked: one word of a name, an address without its ZIP."""
    asked = scope.pending
    if asked is None or any(fact.field == asked.field for fact in facts):
        return []
    half_name = asked.field == "name" and places.is_half_a_name(scope.text)
    half_address = asked.field == "property_address" and any(one.isdigit() for one in scope.text)
    return [Doubt(asked.field, "incomplete", quote_of(scope.text))] if half_name or half_address else []


def _resolved(scope: Listening, *, counted: bool) -> list[HeardFact]:
    """The figure of the last message, now that its period or unit is said."""
    doubt = scope.state.doubt
    if doubt is None or doubt.amount is None or counted:
        return []
    years, months = (bool(pattern.search(scope.text)) for pattern in (lexicon.YEARLY, lexicon.MONTHLY))
    if years == months:
        return []
    question = scope.questions[doubt.field]
    reading = values.of_amount(question, doubt.amount, years=years)
    if reading.value is None:
        return []
    quote = quote_of(f"{doubt.quote} … {quote_of(scope.text)}")
    return [HeardFact(doubt.field, reading.value, quote, reading.conversion)]


def _which(text: str) -> Literal["first", "last"] | None:
    first, last = lexicon.FIRST.search(text), lexicon.LAST.search(text)
    if bool(first) == bool(last):
        return None
    return "first" if first else "last"
