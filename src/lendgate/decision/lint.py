"""What no outgoing text may say: checked on every reason, sentence and notice before it is kept or sent.

Law: a text with a fault is not sent. R06: an internal standard, a policy, a score or a machine is no
reason (12 CFR 1002.9(b)(2)). R07: "other" says nothing without the factor (Appendix C, paragraph 4).
R20, R24: no policy words, no fraud signal, no discouragement, no prohibited basis (``analysis.language``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lendgate.analysis.language import DISCOURAGEMENT, POLICY, PROHIBITED_BASIS, SIGNALS
from lendgate.analysis.plain import folded
from lendgate.analysis.refusals import refusals
from lendgate.decision.letter import Letter
from lendgate.decision.refusals import DecisionRefusedError
from lendgate.schema import PublicReason

_R06: Final = re.compile(
    r"""
    \b(?:internal|our|bank'?s|lender'?s|credit|lending|underwriting|company) \s+
        (?:(?:credit|lending|underwriting|internal) \s+)? (?:standards?|polic(?:y|ies)|guidelines?|criteria)\b
    | \bd(?:id|oes|o) \s* n[o']t \s+ (?:meet|satisfy|match) \b
    | \bfail(?:s|ed|ure)? \s+ (?:to \s+)? (?:meet|achieve|reach|qualify|satisfy) \b
    | \b(?:qualifying|passing|minimum|required) \s+ score\b
    | \bscores? \s+ (?:is|was|were|are)? \s* (?:too \s+ low|insufficient|inadequate|below)\b
    | \b(?:low|insufficient|inadequate) \s+ (?:credit \s+)? scores?\b
    | \b(?:system|algorithm|model|machine|computer|software|ai|artificial \s+ intelligence) \s+
        (?:has \s+)? (?:declined|denied|rejected|decided|scored)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_OTHER: Final = re.compile(r"^\W*other\b[\s,:;.()-]*(?:specify|reasons?|factors?)?[\s:_.)-]*$", re.IGNORECASE)
_ECOA_OPENING: Final = "The Federal Equal Credit Opportunity Act prohibits creditors from discriminating"
_FORBIDDEN: Final = frozenset({POLICY, SIGNALS, DISCOURAGEMENT, PROHIBITED_BASIS})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a text: which requirement it breaks, and the words."""

    requirement: str
    words: str


def faults_of_reason(text: str) -> tuple[Fault, ...]:
    """What is wrong with the words of a principal reason (R06, R07)."""
    plain = folded(text)
    found = tuple(Fault("R06", match.group()) for match in _R06.finditer(plain))
    return (*found, Fault("R07", text)) if _OTHER.match(plain) or not plain else found


def faults_of_sentence(text: str) -> tuple[Fault, ...]:
    """What is wrong with a sentence that a person wrote to go out: a condition, a missing item, a term."""
    broken = (language for language in refusals(folded(text)) if language in _FORBIDDEN)
    names = dict.fromkeys(language.name for language in broken)
    return (*faults_of_reason(text), *(Fault(name, text) for name in names))


def require_clean(reasons: Iterable[str], sentences: Iterable[str]) -> None:
    """Refuse what may not go out: reasons in fixed words, and sentences that a person wrote.

    Raises:
        DecisionRefusedError: names the first text and what it breaks.
    """
    found = [fault for reason in reasons for fault in faults_of_reason(reason)]
    found += [fault for sentence in sentences for fault in faults_of_sentence(sentence)]
    if found:
        raise DecisionRefusedError(
            f'"{found[0].words}" may not be told outside ({found[0].requirement}): say it in other words.'
        )


def faults_of_letter(letter: Letter, reasons: Sequence[PublicReason]) -> tuple[Fault, ...]:
    """What is wrong with a notice as a whole: a reason that is no reason, too few or too many, one that is
    not the decision's, or no ECOA notice where an action is told (R04, R06, R07, R10).
    """
    found = [fault for reason in reasons for fault in faults_of_reason(reason.text)]
    listed = [item for section in letter.sections for item in section.items]
    if letter.form == "C-6":
        return tuple(found) + tuple(fault for item in listed for fault in faults_of_sentence(item))
    if not reasons:
        found.append(Fault("R04", "it gives no principal reason"))
    found += [Fault("R04", f"it lacks the reason: {one.text}") for one in reasons if one.text not in listed]
    if _ECOA_OPENING not in letter.text:
        found.append(Fault("R10", "it lacks the ECOA notice"))
    return tuple(found)
