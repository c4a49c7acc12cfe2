"""The claim verifier: what of a memo may reach a reader (invariant h; domain.md R20 to R24).

Law: a memo is cut into sentences and each is kept whole or dropped whole. A sentence is kept when all of
these hold; the steps say what each prevents:

    1. readable      invisible characters, other scripts, mark-up
    2. wording       prohibited bases, outcomes, rates, discouragement, policy talk, fraud signals
    3. no relaxing   a lower risk than the checks show, a failed check called passed
    4. evidence      a number that no fact and no derivation of ``analysis.evidence`` supports

Dropped sentences, evidence pointers and titles are counted in ``dropped_claims``. Where nothing is left of a
paragraph, the words of the rules memo stand in. Nothing here can fail: any text gives a memo.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lendgate.analysis import prose
from lendgate.analysis.consistency import relaxes
from lendgate.analysis.evidence import evidence_of
from lendgate.analysis.plain import folded, readable, sentences
from lendgate.analysis.quoting import marked, quotable
from lendgate.analysis.refusals import refusal
from lendgate.analysis.reviewer import Case
from lendgate.schema import Concern, CreditMemo

LONGEST_SUMMARY: Final = 1_200
LONGEST_STEP: Final = 800
LONGEST_CONCERN: Final = 600
MOST_CONCERNS: Final = 20
# What is read of one paragraph at all: an endless text costs no more than a long one.
_LONGEST_READ: Final = 10_000
_MOST_DROPPED: Final = 10_000


def verify(draft: CreditMemo, case: Case) -> CreditMemo:
    """``draft`` with only what the case supports, and how much was dropped.

    Every word of ``draft`` is treated as a stranger's, its own ``dropped_claims`` too.
    """
    reading = Reading(case)
    memo = CreditMemo(
        reviewer=draft.reviewer,
        because=reading.kept(draft.because or "", LONGEST_CONCERN) or None,
        risk_summary=reading.kept(draft.risk_summary, LONGEST_SUMMARY) or prose.risk_summary(case),
        checks_passed=reading.passed(draft.checks_passed) or prose.titles(case, "pass"),
        concerns=reading.concerns(draft.concerns),
        next_step=reading.kept(draft.next_step, LONGEST_STEP) or prose.next_step(case),
        escalate=draft.escalate,
        simulated=draft.simulated,
    )
    return memo.model_copy(update={"dropped_claims": min(reading.dropped, _MOST_DROPPED)})


class Reading:
    """Words being read against one case; ``dropped`` counts as it goes."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._quotes = quotable(case)
        self._evidence = evidence_of(case)
        self.dropped = 0

    def kept(self, text: str, longest: int) -> str:
        """The sentences of ``text`` that are sound, as far as they fit."""
        read = sentences(folded(text[:_LONGEST_READ]))
        if len(text) > _LONGEST_READ and read:
            read.pop()  # cut in the middle, so nobody knows what it said
            self.dropped += 1
        kept: list[str] = []
        room = longest
        for sentence in read:
            if len(sentence) < room and self._is_sound(sentence):
                kept.append(sentence)
                room -= len(sentence) + 1
            else:
                self.dropped += 1
        return " ".join(kept)

    def passed(self, titles: Iterable[str]) -> tuple[str, ...]:
        """Titles of checks that did pass, each once."""
        as_printed = {folded(title): title for title in prose.titles(self._case, "pass")}
        named = [folded(title) for title in titles]
        self.dropped += sum(title not in as_printed for title in named)
        return tuple(dict.fromkeys(as_printed[title] for title in named if title in as_printed))

    def concerns(self, drafts: Iterable[Concern]) -> tuple[Concern, ...]:
        """Concerns with words left and, where they named evidence, evidence left."""
        sound: list[Concern] = []
        for draft in drafts:
            if len(sound) == MOST_CONCERNS:
                self.dropped += 1
                continue
            known = tuple(dict.fromkeys(name for name in draft.facts if name in self._case.facts))
            self.dropped += sum(name not in self._case.facts for name in draft.facts)
            text = self.kept(draft.text, LONGEST_CONCERN)
            if text and (known or not draft.facts):
                sound.append(Concern(text=text, facts=known))
            elif text:
                self.dropped += 1
        return tuple(sound)

    def _is_sound(self, sentence: str) -> bool:
        if not readable(sentence):
            return False
        quoted = marked(sentence, self._quotes)
        if refusal(quoted) or relaxes(sentence, self._case):
            return False
        return self._evidence.supports(quoted, sentence)
