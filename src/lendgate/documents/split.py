"""A packet into its documents: runs of pages that belong together. Pure.

A page goes on with the document before it when it is of the same kind and nothing says that a new one
begins: a page numbered 1, another account, another year, the same title once more. A page of no kind goes
on with a statement or a form when it carries the next page number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from lendgate.documents.classify import PageKind
from lendgate.documents.kinds import UNKNOWN
from lendgate.documents.layout import Layout
from lendgate.schema.enums import DocumentType

_PAGE_OF: Final = re.compile(r"\bpage\s?(\d{1,3})\s?(?:of|/)\s?(\d{1,3})\b", re.IGNORECASE)
_PAGE: Final = re.compile(r"\bpage\s?(\d{1,3})\b", re.IGNORECASE)
_SINGLE: Final = frozenset(
    {"w2", "1099_nec", "1099_misc", "1099_int", "1099_div", "1099_g", "1099_r", "1099_ssa", "pay_stub",
     "identity_document"}
)  # fmt: skip
"""Documents of one page: the next page of the same kind is the next document."""
_TITLE_WEIGHT: Final = 5.0
_TOP: Final = 0.3


@dataclass(frozen=True, slots=True)
class PageNumber:
    """What a page says of its place: its number, and of how many where it tells."""

    number: int
    of: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """One logical document: its kind, the confidence of its weakest page, and its pages."""

    kind: str
    type: DocumentType
    confidence: float
    readable: bool
    pages: tuple[PageKind, ...]
    layouts: tuple[Layout, ...]

    @property
    def first(self) -> int:
        return self.pages[0].page

    @property
    def last(self) -> int:
        return self.pages[-1].page


def split(layouts: Sequence[Layout], kinds: Sequence[PageKind]) -> tuple[Part, ...]:
    """The packet's documents in page order; every page is in exactly one."""
    parts: list[Part] = []
    for layout, kind in zip(layouts, kinds, strict=True):
        if parts and _goes_on(parts[-1], layout, kind):
            parts[-1] = _with(parts[-1], layout, kind)
        else:
            parts.append(Part(kind.kind, kind.type, kind.confidence, kind.readable, (kind,), (layout,)))
    return tuple(parts)


def page_number(layout: Layout) -> PageNumber | None:
    """The page's own number: "Page 2 of 5" wherever it stands; of several, that of the longest document."""
    found = _PAGE_OF.findall(layout.page.text)
    if found:
        number, of = max(((int(one), int(of)) for one, of in found), key=lambda pair: pair[1])
        return PageNumber(number, of) if 0 < number <= of else None
    edge = "\n".join(item.text for item in layout.items if item.at.top < 0.1 or item.at.bottom > 0.9)  # noqa: PLR2004 - head and foot of the page
    alone = _PAGE.search(edge)
    return PageNumber(int(alone[1]), None) if alone else None


def _goes_on(part: Part, layout: Layout, kind: PageKind) -> bool:
    number, before = page_number(layout), page_number(part.layouts[-1])
    follows = number is not None and before is not None and number.number == before.number + 1
    if not kind.readable or kind.kind == UNKNOWN:
        return follows and part.kind != UNKNOWN and part.kind not in _SINGLE
    if kind.kind != part.kind or part.kind in _SINGLE:
        return False
    if number is not None and number.number == 1:
        return False
    return follows or not _has_title(kind)


def _has_title(kind: PageKind) -> bool:
    """Whether the page opens with the title of its kind, as first pages do."""
    return any(sign.weight >= _TITLE_WEIGHT and sign.box.top < _TOP for sign in kind.signs)


def _with(part: Part, layout: Layout, kind: PageKind) -> Part:
    known = [page.confidence for page in (*part.pages, kind) if page.kind == part.kind]
    return replace(part, confidence=min(known), pages=(*part.pages, kind), layouts=(*part.layouts, layout))
