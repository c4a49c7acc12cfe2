"""The guard: whether a model's wording of a question may be asked.

Law: a wording is made of the question's own words and a short list of courtesies, so nothing can be asked
that the bank does not ask; it holds to the lists of ``analysis.language`` and to 1002.5 besides, and is one
question in plain characters. Whatever is not allowed is asked as the bank has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Final

from pydantic import TypeAdapter

from lendgate.analysis.echo import instructions_of
from lendgate.analysis.plain import words_in
from lendgate.analysis.refusals import refusal
from lendgate.assistants.intake.bank import Question
from lendgate.assistants.intake.text import Language
from lendgate.assistants.intake.volunteered import prohibited
from lendgate.policy.yaml_text import read_yaml

PROMPT: Final = "intake-wording"
LONGEST: Final = 300
_FORM: Final = re.compile(r"(?:[A-Za-zÁÉÍÓÚÜÑáéíóúüñ ,.;:¿¡!'-]+)\?")
_WORD: Final = re.compile(r"[a-záéíóúüñ]+")
_TELLING: Final = 4
"""Letters of a word that says what a question is about."""
_SHARED: Final = 2


@lru_cache(maxsize=1)
def courtesies() -> Mapping[Language, frozenset[str]]:
    """The words of ``courtesies.yaml``."""
    path = files("lendgate.assistants.intake").joinpath("courtesies.yaml")
    lists = TypeAdapter(dict[Language, str]).validate_python(read_yaml("courtesies.yaml", path.read_bytes()))
    return {language: words_in(words) for language, words in lists.items()}


def may_be_asked(worded: str, question: Question, language: Language) -> bool:
    """Whether these words ask the question and nothing else. ``worded`` has single spaces."""
    said, own = _words(worded), _words(question.ask.said(language))
    about = {word for word in own - courtesies()[language] if len(word) >= _TELLING}
    return (
        len(worded) <= LONGEST
        and bool(_FORM.fullmatch(worded))
        and said <= courtesies()[language] | own
        and len(said & about) >= min(_SHARED, len(about))
        and prohibited(worded, language) is None
        and (language != "en" or refusal(worded) is None)
        and not instructions_of(PROMPT).echoed_in(worded)
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))
