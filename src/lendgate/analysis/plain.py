"""Plain text: a memo folded to the few characters it may be written in, and cut into sentences.

Law: what is checked is what is read. Compatibility forms (fullwidth digits, ligatures, circled numbers)
are folded to plain ones, typographic marks to ASCII; a sentence that still holds anything else, such as
an invisible character, a letter of another script or a combining mark, is not ``readable``.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_TYPOGRAPHY: Final = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201b\u02bc", "'")
    | dict.fromkeys("\u201c\u201d\u201f\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\u2044": "/"}
)
_READABLE: Final = re.compile(r"[A-Za-z0-9 .,;:'\"()/%$&+?!-]*")
# A memo points nowhere: an address has "//" in it, "www." or a dot between a word and a word.
_ADDRESS: Final = re.compile(r"//|\bwww\.|[A-Za-z0-9-]{2,}\.[A-Za-z]{2,}")
# A sentence ends at . ! or ? (and closing marks) before a space and something a sentence may open with.
_END: Final = re.compile(r"(?<=[.!?])(?P<close>[\"')]*) +(?=[\"'(]?[A-Z0-9$])")
_ABBREVIATIONS: Final = ("approx.", "vs.", "e.g.", "i.e.", "incl.", "est.")


def words_in(text: str) -> frozenset[str]:
    """The words of a list written as text."""
    return frozenset(text.split())


def folded(text: str) -> str:
    """``text`` in plain characters, with single spaces and no line breaks."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY).split())


def readable(text: str) -> bool:
    """Whether folded text holds nothing but the characters a memo may be written in, and no address."""
    return bool(_READABLE.fullmatch(text)) and not _ADDRESS.search(text)


def sentences(text: str) -> list[str]:
    """The sentences of folded text, in order."""
    parts: list[str] = []
    start = 0
    for end in _END.finditer(text):
        part = text[start : end.end("close")]
        if not part.lower().endswith(_ABBREVIATIONS):
            parts.append(part.strip())
            start = end.end()
    return [part for part in (*parts, text[start:].strip()) if part]
