"""What a sentence names or quotes: facts by their terms, titles, reasons, words of closed lists, forms.

Law: a quotation is whole, word for word. What is named becomes ``<fact>``, what is quoted becomes ``<>``, so
that the digits and words inside ("30-day late payments", "Form 1040") are not taken for claims of the memo.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Final

from lendgate.analysis.documents import DOCUMENT_NAMES, FORM_NAMES
from lendgate.analysis.plain import folded
from lendgate.analysis.reviewer import Case
from lendgate.analysis.saying import humanized
from lendgate.analysis.terms import TERMS

Words = tuple[str, ...]
# By first word: every phrase that begins with it, the longest first, and what stands for it.
Phrasebook = Mapping[str, list[tuple[Words, str]]]

_WORD: Final = re.compile(r"[A-Za-z0-9]+")
# Between two words of a phrase: a space, a hyphen, a comma and a space, a bracket.
_WIDEST_GAP: Final = 2
_QUOTED: Final = "<>"
# A fact that is never quoted (no phrase) keeps its name in the open, where the lists of language see it.
FACT_CALLED: Final = {called: name for name, term in TERMS.items() if term.phrase for called in term.names}
# Not a fact's name, though one stands inside: "debt-to-income" is not an income.
_COMPOUNDS: Final = ("debt-to-income ratio", "debt-to-income", "income from work")


def quotable(case: Case) -> Words:
    """The public words of this case that a memo may repeat as they stand."""
    titles = {check.title for check in case.checks}
    reasons = {check.reason.text for check in case.checks if check.reason}
    words = {humanized(fact.value) for fact in case.facts.values() if fact.unit == "word" and fact.value}
    whys = {missing.why for missing in case.completeness.missing_documents}
    return tuple(sorted(titles | reasons | words | whys))


def marked(sentence: str, quotes: Words) -> str:
    """Plain text with ``<fact>`` where a fact is named and ``<>`` where something is quoted."""
    found = list(_WORD.finditer(sentence))
    words = [match.group().lower() for match in found]
    near = [after.start() - before.end() <= _WIDEST_GAP for before, after in pairwise(found)]
    book = _phrasebook(quotes)
    parts: list[str] = []
    at = done = 0
    while at < len(words):
        length, mark = _longest(book.get(words[at], ()), words, near, at)
        if length:
            parts += [sentence[done : found[at].start()], mark]
            done = found[at + length - 1].end()
        at += length or 1
    return "".join([*parts, sentence[done:]])


def _longest(
    phrases: Iterable[tuple[Words, str]], words: list[str], near: list[bool], at: int
) -> tuple[int, str]:
    for phrase, mark in phrases:
        end = at + len(phrase)
        if tuple(words[at:end]) == phrase and all(near[at : end - 1]):
            return len(phrase), mark
    return 0, ""


@lru_cache(maxsize=256)
def _phrasebook(quotes: Words) -> Phrasebook:
    phrases = {_words(text): _QUOTED for text in (*quotes, *_COMPOUNDS, *DOCUMENT_NAMES, *FORM_NAMES)}
    phrases |= {_words(called): f"<{name}>" for called, name in FACT_CALLED.items()}
    book: dict[str, list[tuple[Words, str]]] = {}
    for phrase, mark in sorted(phrases.items(), key=lambda one: -len(one[0])):
        if phrase:
            book.setdefault(phrase[0], []).append((phrase, mark))
    return book


def _words(text: str) -> Words:
    return tuple(_WORD.findall(folded(text).lower()))
