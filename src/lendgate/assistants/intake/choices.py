"""Choices, yes and no, and "none", heard in a message.

Law: where a question was asked, every word of its options counts; unasked, only phrases that can mean
nothing else. Two options at once are a doubt; a negated phrase is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lendgate.assistants.intake import lexicon
from lendgate.assistants.intake.bank import FieldName, Question
from lendgate.assistants.intake.listening import Listening, quote_of
from lendgate.assistants.intake.state import Doubt, HeardFact
from lendgate.assistants.intake.text import Clause, mention

_LEADING: Final = re.compile(r"^\W*(?:(yes|yeah|yep|sí|si)|(no|nope|nah|never|nunca))\b", re.IGNORECASE)
_HAD: Final = re.compile(
    r"\b(?:i had|i have|we had|there was|there is|yes|sí|tuve|tengo|hubo)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Hit:
    field: FieldName
    option: str
    start: int
    end: int
    asked: bool
    clause: Clause


def choices(scope: Listening, cut: list[Clause]) -> tuple[list[HeardFact], list[Doubt]]:
    """The options that the message names."""
    facts: list[HeardFact] = []
    doubts: list[Doubt] = []
    hits = _apart(list(_hits(scope, cut)))
    for field in dict.fromkeys(hit.field for hit in hits):
        own = [hit for hit in hits if hit.field == field]
        options = {hit.option for hit in own}
        if len(options) == 1:
            facts.append(HeardFact(field, own[0].option, quote_of(own[0].clause.text)))
        elif own[0].asked:
            doubts.append(Doubt(field, "several", quote_of(scope.text)))
    return facts, doubts


def _hits(scope: Listening, cut: list[Clause]) -> Iterator[_Hit]:
    for question in scope.questions.values():
        asked = scope.pending is question
        if question.field == "product" and "product" in scope.state.known and not scope.correction:
            continue  # "my mortgage is 1,500 a month" changes no product
        for name, option in question.options.items():
            phrases = option.words.both if asked else _unmistakable(option.words.both, option.clear)
            for clause in cut:
                match = mention(clause.text, phrases)
                if match and not _negated(clause.text, match):
                    start = clause.start + match.start()
                    yield _Hit(question.field, name, start, start + len(match[0]), asked, clause)


def _unmistakable(words: tuple[str, ...], clear: tuple[str, ...]) -> tuple[str, ...]:
    return (*(word for word in words if " " in word), *clear)


def _negated(text: str, match: re.Match[str]) -> bool:
    """Whether a negation stands just before; one inside the phrase is part of it ("don't pay rent")."""
    before = " ".join(text[: match.start()].split()[-3:])
    return bool(lexicon.NEGATED.search(before))


def _apart(hits: list[_Hit]) -> list[_Hit]:
    """Hits that do not overlap: the asked question's first, then the longest."""
    kept: list[_Hit] = []
    for hit in sorted(hits, key=lambda one: (not one.asked, one.start - one.end)):
        if not any(_same_words(hit, other) for other in kept):
            kept.append(hit)
    return kept


def _same_words(hit: _Hit, other: _Hit) -> bool:
    """Overlapping words mean one thing; only the product and the purpose are said in one breath."""
    together = {hit.field, other.field} == {"product", "loan_purpose"}
    return hit.start < other.end and other.start < hit.end and not together


def flags(scope: Listening, cut: list[Clause]) -> list[HeardFact]:
    """Yes and no to the questions that the message names, or to the one that was asked."""
    facts: list[HeardFact] = []
    polarity: bool | None = None
    for clause in cut:
        polarity = _polarity(clause.text, before=polarity)
        if polarity is not None:
            named = [one for one in _flag_questions(scope) if mention(clause.text, one.about.both)]
            facts += [_flag(question, yes=polarity, quote=clause.text) for question in named]
    asked = scope.pending
    if asked and asked.kind == "yes_no" and not facts:
        answer = _leading(scope.text)
        if answer is not None:
            facts.append(_flag(asked, yes=answer, quote=scope.text))
    return facts


def _flag_questions(scope: Listening) -> list[Question]:
    return [question for question in scope.questions.values() if question.kind == "yes_no"]


def _flag(question: Question, *, yes: bool, quote: str) -> HeardFact:
    return HeardFact(question.field, "yes" if yes else "no", quote_of(quote))


def _polarity(text: str, *, before: bool | None) -> bool | None:
    """A clause's own yes or no, or the one of the clause before ("no foreclosures, judgments or …")."""
    if lexicon.NEGATED.search(text) or lexicon.NONE.search(text):
        return False
    return True if _HAD.search(text) else before


def _leading(text: str) -> bool | None:
    match = _LEADING.match(text)
    if match:
        return bool(match[1])
    if lexicon.NO.search(text):
        return False
    return True if lexicon.YES.search(text) or _HAD.search(text) else None


def nothing(scope: Listening, cut: list[Clause], *, counted: bool) -> list[HeardFact]:
    """None as an answer; ``counted``: the message named sums, so a bare "no" says nothing about them."""
    facts: list[HeardFact] = []
    for question in scope.questions.values():
        if question.nothing is None:
            continue
        clause = next((one for one in cut if mention(one.text, question.nothing.both)), None)
        if clause:
            facts.append(HeardFact(question.field, "0.00", quote_of(clause.text)))
        elif scope.pending is question and not counted and lexicon.NONE.search(scope.text):
            facts.append(HeardFact(question.field, "0.00", quote_of(scope.text)))
    return facts
