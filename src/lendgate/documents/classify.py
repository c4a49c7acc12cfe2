"""What a page is, by weighing what is printed on it. Pure.

Each kind's evidence adds up to a score in log-odds; the scores of all kinds, and of "none of these",
share out the confidence (softmax). Law: only printed words count. What a document says about itself in
its name, metadata or hidden text, or tells the reader to think, does not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lendgate.documents.approximate import Hit
from lendgate.documents.kinds import UNKNOWN, Evidence, Kind, kind_of, kinds
from lendgate.documents.layout import Layout
from lendgate.documents.model import Box
from lendgate.documents.phrases import FoldedRow, PageText, folded
from lendgate.schema.enums import DocumentType

NONE_OF_THESE: Final = 2.6
"""Log-odds for a page that is like nothing known: a kind needs more evidence than one common word."""
_READABLE_CHARACTERS: Final = 24
_READABLE_CONFIDENCE: Final = 0.6
_TOP: Final = 0.25
_TITLE_SHARE: Final = 0.45
_FEWEST_WORDS: Final = 3
_ERROR_COST: Final = 0.08
_CODE: Final = re.compile(r"\d|\b[A-Z]\b")
"""A number or a single capital letter: one misread character makes it the code of another form."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One piece of evidence found: the phrase, what it weighs for the page's kind, and where it is."""

    phrase: str
    weight: float
    box: Box


@dataclass(frozen=True, slots=True)
class PageKind:
    """What a page is taken for. ``readable`` is False where too little was made out to tell anything."""

    page: int
    kind: str
    type: DocumentType
    confidence: float
    readable: bool
    signs: tuple[Sign, ...]


def classify(layout: Layout) -> PageKind:
    """The page's kind, how sure that is, and why."""
    page = layout.page
    if not _readable(layout):
        return PageKind(page.number, UNKNOWN, "other", 0.0, readable=False, signs=())
    text = PageText(layout)
    signs = {kind.kind: tuple(_signs(kind, text)) for kind in kinds()}
    scores = {name: sum(sign.weight for sign in found) for name, found in signs.items() if found}
    name, confidence = _winner(scores)
    kind = kind_of(name)
    return PageKind(
        page=page.number,
        kind=name,
        type=kind.type if kind else "other",
        confidence=round(confidence, 4),
        readable=True,
        signs=tuple(sorted(signs.get(name, ()), key=lambda sign: -sign.weight)),
    )


def _winner(scores: Mapping[str, float]) -> tuple[str, float]:
    """The best kind and its share; kinds of one type stand together, so sisters do not dim each other."""
    odds = {UNKNOWN: math.exp(NONE_OF_THESE)} | {name: math.exp(score) for name, score in scores.items()}
    best = max(odds, key=lambda name: odds[name])
    kind = kind_of(best)
    same = [name for name in odds if (other := kind_of(name)) and kind and other.type == kind.type]
    ours = sum(odds[name] for name in same) if kind and kind.type != "other" else odds[best]
    return best, ours / sum(odds.values())


def _signs(kind: Kind, text: PageText) -> Iterator[Sign]:
    for evidence in kind.evidence:
        yield from _found(evidence, text)


def _found(evidence: Evidence, text: PageText) -> Iterator[Sign]:
    if evidence.words:
        yield from _found_words(evidence, text)
    elif evidence.raw:
        yield from _found_raw(evidence, text)
    elif evidence.all:
        signs = [_sign(phrase, evidence, text) for phrase in evidence.all]
        if all(signs) and (first := signs[0]):
            yield first
    else:
        for phrase in (evidence.text,) if evidence.text else evidence.any:
            if sign := _sign(phrase, evidence, text):
                yield sign
                return


def _sign(phrase: str, evidence: Evidence, text: PageText) -> Sign | None:
    found = text.find(phrase, near=not _CODE.search(phrase))
    if found is None:
        return None
    row, hit = found
    box = row.box(hit)
    if evidence.top and (box.top > _TOP or not _is_title(row, hit)):
        return None
    return Sign(phrase, evidence.weight * (1 - _ERROR_COST * hit.errors), box)


def _is_title(row: FoldedRow, hit: Hit) -> bool:
    """Whether the phrase makes up most of what stands there: a title, not a mention in a sentence."""
    around = sum(len(folded(place.item.text)) for place in row.places(hit))
    return hit.end - hit.start >= _TITLE_SHARE * around


def _found_words(evidence: Evidence, text: PageText) -> list[Sign]:
    """A few of the words alone are ordinary English; together they are the abbreviations of one form."""
    signs = [
        Sign(word, evidence.weight, found[0].box(found[1]))
        for word in evidence.words
        if word in text.words and (found := text.find(word))
    ]
    return signs if len(signs) >= _FEWEST_WORDS else []


def _found_raw(evidence: Evidence, text: PageText) -> Iterator[Sign]:
    """Characters that folding would lose, such as those of a passport's machine-readable zone."""
    for row in text.rows:
        for item in row.row:
            for raw in evidence.raw:
                if raw in item.text:
                    yield Sign(raw, evidence.weight, item.span.box)
                    return


def _readable(layout: Layout) -> bool:
    spans = layout.page.spans
    characters = sum(len(folded(span.text)) for span in spans)
    if characters < _READABLE_CHARACTERS:
        return False
    sure = sum(len(span.text) * span.confidence for span in spans) / sum(len(span.text) for span in spans)
    return sure >= _READABLE_CONFIDENCE
