"""Runs of words: what two texts have in common when one repeats the other.

Law: words only. Case, spacing and punctuation hide no repetition.
"""

from __future__ import annotations

import re
from typing import Final

Run = tuple[str, ...]
_WORD: Final = re.compile(r"[a-z0-9]+")


def words_of(text: str) -> list[str]:
    """The words and numbers of a text, in lower case and in order."""
    return _WORD.findall(text.lower())


def runs_of(words: list[str], length: int) -> list[Run]:
    """Every ``length`` words in a row."""
    return [tuple(words[at : at + length]) for at in range(len(words) - length + 1)]
