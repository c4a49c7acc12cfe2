"""The guard: whether a model's sentence may be said to a broker.

Law: a sentence is said whole or not at all, and only when all of these hold; each says what it stops:

    1. readable      invisible characters, other scripts, mark-up, addresses, signals made of marks
    2. vocabulary    any word beyond a short list: other languages, encodings, ciphers, comparisons, denials,
                     causes, forecasts, and the subject of a reason that is not recorded
    3. own words     the prompt repeated; eight words of a policy pack or an internal note
    4. wording       the lists of ``analysis.language``: prohibited bases, outcomes, promises, rates,
                     discouragement, policy talk, signals
    5. documents     a paper that nobody asked for
    6. evidence      a number that the broker did not submit and nobody published

What is quoted whole (a recorded reason, an approved sentence of this answer) is not read word by word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from lendgate.analysis.documents import DOCUMENTS
from lendgate.analysis.echo import instructions_of
from lendgate.analysis.evidence import Evidence, counts_of_items
from lendgate.analysis.plain import readable, words_in
from lendgate.analysis.quoting import marked
from lendgate.analysis.refusals import refusal
from lendgate.analysis.spoken import NUMBER_WORDS
from lendgate.assistants.support.context import SupportContext
from lendgate.assistants.support.private_text import PrivateText
from lendgate.policy.yaml_text import read_yaml

PROMPT: Final = "support-answer"
LONGEST_SENTENCE: Final = 300
_PIECE: Final = re.compile(r"<\w*>|[A-Za-z]+(?:'[a-z]+)?")
# Words, quotations and numbers with single spaces, ordinary marks, and one end: no dots, dashes or tables.
# Each text has one reading, so that no sentence takes long to judge: a hyphen parts two items.
_ITEM: Final = r"""["(]?(?:<\w*>|[A-Za-z]+(?:'[A-Za-z]+)?|\$?[0-9]+(?:[.,][0-9]+)*%?)[")]*[,;:]?"""
_FORM: Final = re.compile(rf'(?:{_ITEM}(?:[ -]|(?=[.!?])))+[.!?]"?')
_SAID_TO_BE_SENT: Final = words_in("stated submitted sent")


class Subject(BaseModel):
    """What some reasons are about: the words and facts that may be spoken where one of them is recorded."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    codes: list[str]
    words: str
    facts: list[str]


class Guard:
    """Sentences of one answer, judged against one context."""

    def __init__(self, context: SupportContext, approved: Iterable[str], private: PrivateText) -> None:
        self._approved = tuple(approved)
        reasons = (reason.text for reason in context.public_reasons)
        self._quotes = tuple(sorted({*reasons, *self._approved}))
        self._private = private
        self._facts = context.facts
        self._evidence = Evidence(context.facts, counts_of_items(context.completeness))
        recorded = [one for one in subjects().values() if set(one.codes) & set(context.reasons)]
        self._words = vocabulary().union(*(words_in(one.words) for one in recorded))
        self._subjects = frozenset(fact for one in recorded for fact in one.facts)
        self._unasked = _unasked(context, " ".join(self._approved).lower())

    def allows(self, sentence: str) -> bool:
        """Whether a sentence of folded text may be said."""
        if len(sentence) > LONGEST_SENTENCE or not readable(sentence):
            return False
        if instructions_of(PROMPT).echoed_in(sentence) or self._private.shares(sentence):
            return False
        quoted = marked(sentence, self._quotes)
        return (
            self._is_plain(quoted)
            and refusal(quoted) is None
            and not any(name in sentence.lower() for name in self._unasked)
            and self._evidence.supports(quoted, sentence)
        )

    def _is_plain(self, quoted: str) -> bool:
        if not _FORM.fullmatch(quoted):
            return False
        pieces = _PIECE.findall(quoted)
        if any(one.lower() == other.lower() for one, other in pairwise(pieces)):
            return False  # a tally is a number
        words = {piece.lower() for piece in pieces if not piece.startswith("<")} - NUMBER_WORDS.keys()
        facts = {piece[1:-1] for piece in pieces if piece.startswith("<") and piece != "<>"}
        may_be_named = self._subjects
        if words & _SAID_TO_BE_SENT:
            may_be_named |= self._facts.keys()
        return words <= self._words and facts <= may_be_named


def _unasked(context: SupportContext, approved: str) -> frozenset[str]:
    """Names of documents that neither the application lacks nor the approved answer speaks of."""
    asked = {document.type for document in context.documents}
    names = {name for kind, pair in DOCUMENTS.items() if kind not in asked for name in map(_bare, pair)}
    return frozenset(name for name in names if name not in approved)


def _bare(name: str) -> str:
    return re.sub(r"^(?:an?|the) ", "", name).lower()


@cache
def vocabulary() -> frozenset[str]:
    """The words of ``vocabulary.txt``."""
    text = _packaged("vocabulary.txt").decode()
    return words_in("\n".join(line for line in text.splitlines() if not line.startswith("#")))


@cache
def subjects() -> Mapping[str, Subject]:
    """The subjects of ``subjects.yaml`` by name."""
    document = read_yaml("subjects.yaml", _packaged("subjects.yaml"))
    return TypeAdapter(dict[str, Subject]).validate_python(document)


def _packaged(name: str) -> bytes:
    return resources.files("lendgate.assistants.support").joinpath(name).read_bytes()
