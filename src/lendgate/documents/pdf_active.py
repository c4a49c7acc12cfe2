"""What a PDF would do if it were opened in a viewer that obeys it: scripts, actions, files it carries.

Law: found by looking, never by running. The whole file is looked through, the compressed object streams
too (inflated to a bound), because names of actions hide there. Source: ISO 32000-2 12.6.4, 7.11.4, 7.5.7.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from lendgate.documents.model import Mark

_STREAM: Final = re.compile(rb"/Type\s*/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)
_NAMES: Final = re.compile(
    rb"/(JavaScript|JS|Launch|SubmitForm|ImportData|GoToR|GoToE|RichMedia|EmbeddedFiles|FileAttachment)(?![A-Za-z])"
)
_HEX: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_FILES: Final = frozenset({b"EmbeddedFiles", b"FileAttachment"})
_INFLATE_AT_MOST: Final = 8 * 1024 * 1024
_STREAMS_AT_MOST: Final = 2_000


def active_marks(content: bytes) -> tuple[Mark, ...]:
    """A mark for scripts and actions, another for files carried inside."""
    names = {name for part in _readable_parts(content) for name in _names_in(part)}
    marks = []
    if actions := sorted(name.decode() for name in names - _FILES):
        marks.append(Mark("script", f"the file carries actions: {', '.join(actions)}; none was run"))
    if names & _FILES:
        marks.append(Mark("attachment", "the file carries other files; none was opened"))
    return tuple(marks)


def revisions(content: bytes) -> int:
    """How often the file was written: one, and one for each incremental update (ISO 32000-2 7.5.6).

    A linearized file ends its first part, too, so that one end mark is not counted (annex F).
    """
    ends = content.count(b"%%EOF")
    return max(ends - (b"/Linearized" in content[:2048]), 1)


def _names_in(part: bytes) -> set[bytes]:
    plain = _HEX.sub(lambda found: bytes([int(found.group(1), 16)]), part) if b"#" in part else part
    return set(_NAMES.findall(plain))


def _readable_parts(content: bytes) -> Iterator[bytes]:
    yield content
    budget = _INFLATE_AT_MOST
    for number, found in enumerate(_STREAM.finditer(content)):
        if number >= _STREAMS_AT_MOST or budget <= 0:
            return
        part = _inflated(content[found.end() :], budget)
        budget -= len(part)
        yield part


def _inflated(data: bytes, at_most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, at_most)
    except zlib.error:
        return b""
