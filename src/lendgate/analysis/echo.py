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
from lendgate.analysis.runs import Run, runs_of, words_of
from lendgate.analysis.telling import glossary
from lendgate.claude.prompts import packaged_prompt

_RUN: Final = 7
"""So many words in a row are the prompt's own."""
_SHORTEST: Final = 3
"""A whole sentence of fewer words ("Low risk.") says too little to have come from anywhere."""
_FOR_SAYING: Final = re.compile(r'"[^"]*"')
_SLOT: Final = re.compile(r"\{\{\w+\}\}")
# What the client adds to a prompt on its own: the form of the reply, and the repair turn.
_ADDED: Final = ("structured-reply", "repair")


@dataclass(frozen=True, slots=True)
class Instructions:
    """The words of a prompt: in runs, and as they stand. A short sentence may be the glossary's by chance."""

    runs: frozenset[Run]
    text: str

    def echoed_in(self, sentence: str) -> bool:
        """Whether a sentence of folded text repeats them."""
        words = words_of(sentence)
        if any(run in self.runs for run in runs_of(words, _RUN)):
            return True
        said = words_of(sentence.rpartition(": ")[2])
        return len(said) >= _SHORTEST and f" {' '.join(said)} " in self.text


@lru_cache(maxsize=16)
def instructions_of(prompt: str) -> Instructions:
    """The instructions of a packaged prompt, with the glossary and what the client may add to them."""
    loaded = [packaged_prompt(name) for name in (prompt, *_ADDED)]
    told = [part for one in loaded for text in (one.system_text, one.user_text) for part in _parts(text)]
    runs = frozenset(run for words in (*told, *_parts(glossary())) for run in runs_of(words, _RUN))
    return Instructions(runs, " | ".join(["", *(" ".join(words) for words in told), ""]))


def _parts(text: str) -> list[list[str]]:
    """The words between what is for saying and what is filled in."""
    return [words_of(part) for part in _FOR_SAYING.split(_SLOT.sub(' "" ', folded(text)))]


def without_echo(text: str, instructions: Instructions) -> tuple[str, int]:
    """The text without its echoes, folded, and how many sentences that took."""
    spoken = sentences(folded(text))
    kept = [sentence for sentence in spoken if not instructions.echoed_in(sentence)]
    return " ".join(kept), len(spoken) - len(kept)
