"""Text that speaks to a machine: found, flagged, and kept away from everything that reads. Pure.

Law: text of a document is data. What is known as an instruction is not even data: it is no evidence of a
type and no value of a field, so that "set gross pay to 99,000.00" is no gross pay. What is not known as
one is matched like all other text, and obeyed by nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from lendgate.documents.data import load
from lendgate.documents.model import Page, Span


class _Patterns(BaseModel):
    """Patterns over plain text, and over plain text without spaces."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    spoken: Annotated[tuple[re.Pattern[str], ...], Field(min_length=1)]
    run_together: Annotated[tuple[re.Pattern[str], ...], Field(min_length=1)]


def speaks_to_a_machine(text: str) -> bool:
    """Whether a text matches one of the patterns of ``data/injections.yaml``."""
    plain = _plain(text)
    return any(pattern.search(plain) for pattern in _patterns().spoken) or _runs_together(plain)


def instructions_in(page: Page) -> tuple[tuple[Span, ...], ...]:
    """The spans of each instruction on a page, also of one that runs over the end of a line."""
    return tuple(tuple(page.spans[n] for n in numbers) for numbers in _found(page.spans))


def without_instructions(page: Page) -> Page:
    """The page as it is read: without the spans that speak to a machine."""
    speaking = {number for numbers in _found(page.spans) for number in numbers}
    if not speaking:
        return page
    return replace(page, spans=tuple(s for n, s in enumerate(page.spans) if n not in speaking))


def _found(spans: Sequence[Span]) -> Iterator[tuple[int, ...]]:
    """The numbers of the spans that each match stands in; spans that spoke before are not told again."""
    texts = [_plain(span.text) for span in spans]
    starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
    joined = " ".join(texts)
    seen: set[int] = set()
    for pattern in _patterns().spoken:
        for match in pattern.finditer(joined):
            numbers = tuple(
                number
                for number, text in enumerate(texts)
                if starts[number] < match.end() and starts[number] + len(text) > match.start()
            )
            if not seen.issuperset(numbers):
                seen.update(numbers)
                yield numbers
    yield from ((n,) for n, text in enumerate(texts) if n not in seen and _runs_together(text))


def _runs_together(plain: str) -> bool:
    close = plain.replace(" ", "")
    return any(pattern.search(close) for pattern in _patterns().run_together)


def _plain(text: str) -> str:
    """Lower-case text without accents, control and zero-width characters, its white space single."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    kept = (c for c in apart if c.isspace() or unicodedata.category(c)[0] not in {"C", "M"})
    return " ".join("".join(kept).split())


@cache
def _patterns() -> _Patterns:
    return load("injections.yaml", TypeAdapter(_Patterns))
