"""Sums and durations heard in a message, each given to the question it answers.

Law: the words nearest before a figure say which question it answers, else those nearest behind it; a figure
without such words answers the question that was asked, or corrects what was said just before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lendgate.assistants.intake import lexicon, values
from lendgate.assistants.intake.bank import FieldName, Question
from lendgate.assistants.intake.listening import Listening, clause_at, quote_of
from lendgate.assistants.intake.quantities import Quantity, period_in
from lendgate.assistants.intake.state import Doubt, HeardFact
from lendgate.assistants.intake.text import Clause, mention
from lendgate.assistants.intake.values import MONEY, Reading

_FOR: Final = re.compile(r"\b(?:for|over|in|a|en|por|durante)\s+(?:about\s+)?$", re.IGNORECASE)
_JOB: Final = ("work", "employer", "employment_years")


@dataclass(frozen=True, slots=True)
class _Answer:
    question: Question
    reading: Reading
    quote: str


def answered_sums(
    scope: Listening, cut: list[Clause], found: list[Quantity]
) -> tuple[list[HeardFact], list[Doubt]]:
    """The facts and doubts that the quantities of a message come to."""
    answers = [answer for one in found if (answer := _answer(scope, cut, found, one))]
    facts: list[HeardFact] = []
    doubts: list[Doubt] = []
    for field in dict.fromkeys(answer.question.field for answer in answers):
        settled = _settled(scope, [answer for answer in answers if answer.question.field == field])
        facts += [settled] if isinstance(settled, HeardFact) else []
        doubts += [settled] if isinstance(settled, Doubt) else []
    return facts, doubts


def _answer(scope: Listening, cut: list[Clause], found: list[Quantity], quantity: Quantity) -> _Answer | None:
    clause = clause_at(cut, quantity.start)
    named = _named(scope, clause, quantity)
    question = named or _unnamed(scope, clause, found, quantity)
    if question is None:
        return None
    if question.field == "income" and lexicon.NET.search(clause.text):
        return _Answer(question, Reading(None, problem="net"), quote_of(clause.text))
    alone = sum(clause.start <= one.start < clause.end for one in found) == 1
    reading = values.read(question, quantity, period_in(clause.text) if alone else None)
    return _Answer(question, reading, quote_of(clause.text))


def _fits(question: Question, quantity: Quantity, *, asked: bool) -> bool:
    if quantity.since:
        return question.field == "employment_years"
    if question.kind in MONEY:
        return quantity.kind == "sum" and not (question.kind == "money" and quantity.period)
    if question.kind != "duration":
        return False
    bare = quantity.kind == "sum" and not quantity.marked and asked
    return quantity.kind == "duration" or bare


def _named(scope: Listening, clause: Clause, quantity: Quantity) -> Question | None:
    """The question whose words stand nearest to a quantity, in its clause."""
    before = clause.text[: quantity.start - clause.start]
    after = clause.text[quantity.end - clause.start :]
    near: list[tuple[bool, int, int, Question]] = []
    for question in scope.questions.values():
        if not question.about.both or not _fits(question, quantity, asked=scope.pending is question):
            continue
        if last := _last(before, question.about.both):
            near.append((False, len(before) - last.end(), question.order, question))
        elif first := mention(after, question.about.both):
            near.append((True, first.start(), question.order, question))
    return min(near, key=lambda one: one[:3])[3] if near else None


def _last(text: str, phrases: tuple[str, ...]) -> re.Match[str] | None:
    found, start = None, 0
    while match := mention(text[start:], phrases):
        found = re.compile(re.escape(match[0])).search(text, start + match.start())
        start += match.end()
    return found


def _unnamed(scope: Listening, clause: Clause, found: list[Quantity], quantity: Quantity) -> Question | None:
    if scope.correction and (just_said := _just_said(scope, quantity)):
        return just_said[0] if len(just_said) == 1 else None
    if scope.pending and _fits(scope.pending, quantity, asked=True):
        return scope.pending
    if quantity.kind == "duration":
        return _duration(scope, clause, found, quantity)
    return None


def _just_said(scope: Listening, quantity: Quantity) -> list[Question]:
    """The answers of the latest message that gave any which the quantity could correct."""
    fitting = {
        field: known.turn
        for field, known in scope.state.known.items()
        if field in scope.questions and _fits(scope.questions[field], quantity, asked=False)
    }
    latest = max(fitting.values(), default=0)
    return [scope.questions[field] for field, turn in fitting.items() if turn == latest]


def _duration(scope: Listening, clause: Clause, found: list[Quantity], quantity: Quantity) -> Question | None:
    """In "20k for 5 years" it is the term; a duration beside the job is the time in it."""
    before = scope.text[clause.start : quantity.start]
    sums = any(one.kind == "sum" and clause.start <= one.start < clause.end for one in found)
    if sums and _FOR.search(before):
        return scope.questions.get("term_months")
    if scope.pending and scope.pending.field in _JOB:
        return scope.questions.get("employment_years")
    return None


def _settled(scope: Listening, answers: list[_Answer]) -> HeardFact | Doubt:
    """One fact of all that was said about a question, or the doubt about it."""
    question, quote = answers[0].question, answers[0].quote
    read = [answer for answer in answers if answer.reading.value is not None]
    if not read:
        reading = answers[0].reading
        return Doubt(question.field, reading.problem or "unreadable", quote, reading.amount)
    if len(read) < len(answers):
        return Doubt(question.field, "several", quote)
    if _is_a_part(scope, question, quote):
        return Doubt(question.field, "part", quote)
    if len({answer.reading.value for answer in read}) == 1 or scope.correction:
        return _fact(question.field, read[-1])
    if question.sum:
        together = values.total([answer.reading for answer in read])
        return _fact(question.field, _Answer(question, together, _span(scope, read)))
    return Doubt(question.field, "several", quote)


def _is_a_part(scope: Listening, question: Question, quote: str) -> bool:
    """Whether a figure changes or adds to one part of a sum that is known: then the whole is not known."""
    known = scope.state.known.get(question.field)
    if not question.sum or known is None or (scope.state.doubt and scope.state.doubt.problem == "part"):
        return False
    of_several = scope.correction and bool(known.conversion and " + " in known.conversion)
    return of_several or bool(lexicon.ALSO.search(quote))


def _fact(field: FieldName, answer: _Answer) -> HeardFact:
    return HeardFact(field, answer.reading.value or "", answer.quote, answer.reading.conversion)


def _span(scope: Listening, answers: list[_Answer]) -> str:
    """The words from the first to the last of several answers."""
    start = scope.text.find(answers[0].quote)
    end = scope.text.find(answers[-1].quote, start) + len(answers[-1].quote)
    return quote_of(scope.text[start:end])
