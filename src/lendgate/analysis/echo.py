"""Echoes: sentences in which a model repeats its instructions instead of speaking about the case.

Law: what a prompt tells the model is not for readers. A sentence is an echo when it shares a run of words
with the prompt that is too long to be chance, or stands in it as a whole. What the prompt puts in double
quotation marks is there to be said, and is no echo.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from lendgate.analysis.plain import folded, sentences
from lendgate.analysis.telling import glossary
from lendgate.claude.prompts import packaged_prompt

_RUN: Final = 7
"""So many words in a row are the prompt's own."""
_SHORTEST: Final = 3
"""A whole sentence of fewer words ("Low risk.") says too little to have come from anywhere."""
_WORD: Final = re.compile(r"[a-z0-9]+")
_FOR_SAYING: Final = re.compile(r'"[^"]*"')
_SLOT: Final = re.compile(r"\{\{\w+\}\}")
# What the client adds to a prompt on its own: the form of the reply, and the repair turn.
_ADDED: Final = ("structured-reply", "repair")
Run = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instructions:
    """The words of a prompt: in runs, and as they stand. A short sentence may be the glossary's by chance."""

    runs: frozenset[Run]
    text: str

    def echoed_in(self, sentence: str) -> bool:
        """Whether a sentence of folded text repeats them."""
        words = _words(sentence)
        if any(run in self.runs for run in _runs(words)):
            return True
        said = _words(sentence.rpartition(": ")[2])
        return len(said) >= _SHORTEST and f" {' '.join(said)} " in self.text


@lru_cache(maxsize=16)
def instructions_of(prompt: str) -> Instructions:
    """The instructions of a packaged prompt, with the glossary and what the client may add to them."""
    loaded = [packaged_prompt(name) for name in (prompt, *_ADDED)]
    told = [part for one in loaded for text in (one.system_text, one.user_text) for part in _parts(text)]
    runs = frozenset(run for words in (*told, *_parts(glossary())) for run in _runs(words))
    return Instructions(runs, " | ".join(["", *(" ".join(words) for words in told), ""]))


def _parts(text: str) -> list[list[str]]:
    """The words between what is for saying and what is filled in."""
    return [_words(part) for part in _FOR_SAYING.split(_SLOT.sub(' "" ', folded(text)))]


def without_echo(text: str, instructions: Instructions) -> tuple[str, int]:
    """The text without its echoes, folded, and how many sentences that took."""
    spoken = sentences(folded(text))
    kept = [sentence for sentence in spoken if not instructions.echoed_in(sentence)]
    return " ".join(kept), len(spoken) - len(kept)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _runs(words: list[str]) -> list[Run]:
    return [tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)]
