"""Whether a sentence uses words a memo may not use.

Law: terms match whole words only, and match them however they are broken up: neighbouring words are read
together, so that spaces, hyphens and line breaks hide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lendgate.analysis.language import INNOCENT, LANGUAGES, Language

_PIECE: Final = re.compile(r"<\w*>|[a-z]+|\d+")
_APOSTROPHE: Final = re.compile(r"(?<=[a-z])'(?=[a-z])")


def _squeezed(term: str) -> str:
    return "".join(_PIECE.findall(term))


_LANGUAGE_OF: Final = {_squeezed(term): language for language in LANGUAGES for term in language.terms}
_RELEASED: Final = frozenset(_squeezed(term) for term in INNOCENT)
_BEGINNINGS: Final = frozenset(
    term[:end] for term in _RELEASED | _LANGUAGE_OF.keys() for end in range(1, len(term) + 1)
)


def refusal(sentence: str) -> Language | None:
    """The first list of ``analysis.language`` that the sentence breaks, or None.

    ``sentence`` is plain text in which ``<…>`` stands for something quoted; nothing is read across it.
    """
    return next(refusals(sentence), None)


def refusals(sentence: str) -> Iterator[Language]:
    """Every list that the sentence breaks, once a term, in its order."""
    pieces = _PIECE.findall(_APOSTROPHE.sub("", sentence.lower()))
    hits: list[tuple[int, int, Language]] = []
    released: list[tuple[int, int]] = []
    for start in range(len(pieces)):
        joined = ""
        for end in range(start + 1, len(pieces) + 1):
            joined += pieces[end - 1]
            if joined not in _BEGINNINGS:
                break
            if joined in _RELEASED:
                released.append((start, end))
            elif joined in _LANGUAGE_OF:
                hits.append((start, end, _LANGUAGE_OF[joined]))
    for start, end, language in hits:
        if not any(first <= start and end <= last for first, last in released):
            yield language
