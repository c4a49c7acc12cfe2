"""Private text: what must not come out in a support answer, known by its runs of words.

Law: eight words in a row that stand in a policy pack or an internal note are its own; so is a shorter private
text said whole. Only runs are kept, and nothing here is ever shown to a speaker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Self

from lendgate.analysis.runs import Run, runs_of, words_of
from lendgate.policy.pack import Pack, Rule

RUN: Final = 8
SHORTEST: Final = 4
"""A text of fewer words says too little to have come from anywhere."""


@dataclass(frozen=True, slots=True)
class PrivateText:
    """Runs of private words: of ``RUN`` words, and of whole texts that are shorter."""

    runs: frozenset[Run] = frozenset()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """The runs of these texts."""
        return cls(frozenset(run for text in texts for run in _runs(words_of(text))))

    def __or__(self, other: PrivateText) -> PrivateText:
        return PrivateText(self.runs | other.runs)

    def shares(self, text: str) -> bool:
        """Whether a text holds any of them."""
        words = words_of(text)
        return any(run in self.runs for length in range(SHORTEST, RUN + 1) for run in runs_of(words, length))


def policy_text(packs: Iterable[Pack]) -> Iterator[str]:
    """What of packs is not for outside: notes, citations, conditions, limits and where they come from."""
    for pack in packs:
        yield pack.source
        for limit in pack.limits.values():
            yield limit.name
            yield from (value.source for value in limit.values)
        for rule in pack.rules:
            yield from _of_rule(rule)


def _of_rule(rule: Rule) -> Iterator[str]:
    yield rule.note
    yield rule.citation
    conditions = (rule.require, rule.when) if rule.when else (rule.require,)
    # The bare name of a fact says nothing of policy.
    yield from (one.source for one in conditions if one.source.lstrip("!") not in rule.facts)


def _runs(words: list[str]) -> list[Run]:
    return runs_of(words, min(RUN, len(words))) if len(words) >= SHORTEST else []
