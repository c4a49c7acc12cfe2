"""Whether a sentence paints a case better than its checks do (invariant c: a memo never relaxes).

Law: these are the few claims without a number whose truth a ``Case`` can tell; a sentence that makes one
against the case is refused, one that is harder on the case than the checks is not.
"""

from __future__ import annotations

import re
from typing import Final

from lendgate.analysis.reviewer import Case
from lendgate.schema import Risk

_SEVERITY: Final[tuple[Risk, ...]] = ("low", "moderate", "undetermined", "high")
_LEVELS: Final[dict[str, Risk]] = {
    **dict.fromkeys(("low", "lower", "lowest", "minimal", "little", "negligible", "small", "slight"), "low"),
    **dict.fromkeys(("moderate", "medium", "modest", "average", "manageable", "acceptable"), "moderate"),
}
_LEVEL: Final = "|".join(_LEVELS)
_RISK: Final = re.compile(
    rf"""\b({_LEVEL}) (?:[ -]\w+){{0,2}} [ -]risks?\b
    | \brisks? (?:[ ]\w+){{0,5}} [:,]? [ -]+ (low|minimal|negligible|moderate|medium)\b""",
    re.VERBOSE,
)
_ALL_PASSED: Final = re.compile(
    r"""\b(?:all|every|each)\b (?:[ ]of)? (?:[ ]the)? (?:[ ]\w+){0,2} [ ]checks?
      (?:[ ](?:has|have|were|was|are|is))? (?:[ ](?:all|been))*
      [ ](?:pass(?:ed|es)?|clear(?:ed)?|met|satisfied)\b
    | \b(?:pass(?:ed|es)?|clear(?:ed|s)?)[ ](?:all|every|each)\b
    | \bno[ ](?:failed[ ])?checks?\b (?:[ ]\w+)? (?:[ ]failed)? | \bnothing[ ]failed\b""",
    re.VERBOSE,
)
_PASSES: Final = re.compile(r"\b(?:pass|passes|passed|clear|clears|cleared|met|satisfied|satisfies)\b")
_NOT: Final = re.compile(r"\b(?:not|no|never|nor|neither|without|fails?|failed|cannot|could|un\w+)\b|n't\b")


def relaxes(sentence: str, case: Case) -> bool:
    """Whether plain text claims a lower risk, or more passed checks, than the case has."""
    text = sentence.lower()
    return (
        _understates_risk(text, case.risk)
        or (_ALL_PASSED.search(text) is not None and any(check.result != "pass" for check in case.checks))
        or _calls_passed(text, case)
        or ("not eligible as submitted" in text and case.risk != "high")
    )


def _understates_risk(text: str, risk: Risk) -> bool:
    claimed = (_LEVELS[before or after] for before, after in _RISK.findall(text))
    return any(_SEVERITY.index(level) < _SEVERITY.index(risk) for level in claimed)


def _calls_passed(text: str, case: Case) -> bool:
    """A title of a check that did not pass, in a sentence of passing that denies nothing."""
    if not _PASSES.search(text) or _NOT.search(text):
        return False
    return any(check.title.lower() in text for check in case.checks if check.result != "pass")
