"""What a check says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lendgate.documents.fields import Evidence, Field

Result = Literal["pass", "fail", "cannot_tell"]


@dataclass(frozen=True, slots=True)
class Check:
    """One question answered.

    ``id`` is the question's name; ``detail`` says in one sentence what was found, for people of the lender;
    ``public`` is what its sender may be told when it fails, without any figure of the lender's. ``sum``:
    the answer rests on figures that may have been misread. ``document`` 0 is the packet as a whole.
    """

    id: str
    document: int
    result: Result
    detail: str
    evidence: tuple[Evidence, ...] = ()
    public: str = ""
    sum: bool = False


def places(*found: Field | None) -> tuple[Evidence, ...]:
    """The evidence of those fields that were found."""
    return tuple(field.evidence for field in found if field is not None)


def verdict(holds: bool | None) -> Result:  # noqa: FBT001 - a verdict is what a truth value becomes
    """True, false or not known as a result."""
    return "cannot_tell" if holds is None else "pass" if holds else "fail"


def worst(checks: Iterable[Check]) -> Result:
    """Fail before cannot tell before pass."""
    results = {check.result for check in checks}
    return "fail" if "fail" in results else "cannot_tell" if "cannot_tell" in results else "pass"
