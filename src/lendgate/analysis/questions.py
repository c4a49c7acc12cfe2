"""Questions about a review: from a borrower or broker, answered from the case.

Law: of the question a model sees only what may reach it: no sentence that speaks of a prohibited basis or a
stand-in for one, no word that the application holds as a name or an identifier, no number that looks like
one. What is left is data in a tag. Where nothing is left the model is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lendgate.analysis import prose
from lendgate.analysis.language import PROHIBITED_BASIS, PROXIES
from lendgate.analysis.plain import folded, sentences, words_in
from lendgate.analysis.quoting import marked, quotable
from lendgate.analysis.refusals import refusals
from lendgate.analysis.reviewer import Case
from lendgate.analysis.saying import listed, said_of
from lendgate.analysis.speaking import Topic
from lendgate.analysis.telling import told
from lendgate.schema import Application

PROMPT: Final = "answer-question"
LONGEST: Final = 1_000
_KEPT_BACK: Final = frozenset({PROHIBITED_BASIS.name, PROXIES.name})
_REMOVED: Final = "[removed]"
_IDENTIFIERS: Final = re.compile(
    r"\S+@\S+"  # an e-mail address
    r"|(?<![\d,.$])\d[\d -]{5,}\d(?![\d,])"  # a long number: social security, account, telephone, ISO date
    r"|\(?\d{3}\)?[ .-]*\d{3}[ .-]*\d{4}"  # a telephone number
    r"|\d{1,2}/\d{1,2}/\d{2,4}"  # a date
)
_PRIVATE: Final = words_in(
    "first middle last suffix employer position creditor institution account_last4 line city postal_code"
    " birth_date taxpayer_identifier_token applicant_id external_ref document_id"
)
_FACT: Final = re.compile(r"<(\w+)>")
_NOTHING_LEFT: Final = "the question holds nothing that may be passed on to a model"


def question_answered(case: Case, question: str, application: Application | None = None) -> Topic:
    """The answer to a question. ``application`` tells which words are names and identifiers."""
    passed_on = sent(question, application)
    return Topic(
        case,
        PROMPT,
        {**told(case), "question": passed_on},
        by_rule(case, question),
        None if passed_on else _NOTHING_LEFT,
    )


def sent(question: str, application: Application | None) -> tuple[str, ...]:
    """What of a question may reach a model, one sentence a line."""
    private = _private_words(application)
    lines = (private.sub(_REMOVED, line) for line in sentences(folded(question[:LONGEST])))
    return tuple(
        _IDENTIFIERS.sub(_REMOVED, line)
        for line in lines
        if not any(language.name in _KEPT_BACK for language in refusals(line))
    )


def by_rule(case: Case, question: str) -> str:
    """The answer without a model: the facts and checks that the question names, or how things stand."""
    asked = folded(question[:LONGEST])
    facts = said_of(case.facts, dict.fromkeys(_FACT.findall(marked(asked, quotable(case)))))
    checks = [check for check in case.checks if check.title.lower() in asked.lower()]
    named = [
        *((f"The review rests on {listed(facts)}.",) if facts else ()),
        *(f"{check.title}: {_RESULTS[check.result]}." for check in checks),
    ]
    return " ".join((*(named or (prose.risk_summary(case), prose.next_step(case))), _ASK_A_PERSON))


_RESULTS: Final = {
    "pass": "passed",
    "fail": "not passed",
    "not_evaluable": "could not be checked from what was provided",
}
_ASK_A_PERSON: Final = "An underwriter can answer what this leaves open."


def _private_words(application: Application | None) -> re.Pattern[str]:
    held = (
        sorted(set(_held(application.model_dump(mode="json"))), key=len, reverse=True) if application else []
    )
    words = [re.escape(folded(word)) for word in held if len(word) > 1]
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)" if words else r"(?!)", re.IGNORECASE)


def _held(value: object, key: str = "") -> Iterator[str]:
    match value:
        case dict():
            for name, item in value.items():
                yield from _held(item, name)
        case list():
            for item in value:
                yield from _held(item, key)
        case str() if key in _PRIVATE:
            yield value
            yield from value.split()
        case _:
            pass
