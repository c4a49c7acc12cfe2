"""What policy works on and what it says: facts in, findings out.

Law: these types are the only bridge from policy to the rooms ahead. A fact is a number, a flag or a
word of a closed list: never a name, an identifier, a date of birth, free text or monitoring data.
A finding keeps what is private (``limit``, ``note``, ``citation``) apart from what may be said outside
(``title``, ``reason``); ``public`` is the only way out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from lendgate.schema.enums import Verification
from lendgate.schema.review import CheckOutcome, CheckResult, PolicyReference, PublicReason

Value = Decimal | int | bool | str
Unit = Literal["usd", "usd_per_month", "ratio", "months", "years", "count", "score", "flag", "word"]
Effect = Literal["refer", "decline"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known, or known to be unknown (``value`` None), about an application.

    ``how`` says in one plain sentence how it came about; ``inputs`` are RFC 6901 pointers into the
    application. Ratios carry six decimals, money two. ``verified`` says what the value rests on.
    """

    name: str
    value: Value | None
    unit: Unit
    how: str
    inputs: tuple[str, ...] = ()
    verified: Verification = "stated"


Facts = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule applied to one application.

    ``reason`` is the public reason of this result: the rule's own when it failed, the matching
    "unable to verify …" when it was not evaluable, None when it passed. ``rank`` orders principal
    reasons (1 is the gravest); ``knockout`` reasons are always among them (Reg B comment 9(b)(2)-8).
    ``core``: without it risk cannot be called low.
    """

    rule: str
    title: str
    result: CheckResult
    effect: Effect
    rank: int
    knockout: bool
    reason: PublicReason | None
    facts: tuple[str, ...]
    limit: str
    note: str
    citation: str
    core: bool = False

    @property
    def public(self) -> CheckOutcome:
        """What may be said outside."""
        return CheckOutcome(check=self.rule, title=self.title, result=self.result, reason=self.reason)


@dataclass(frozen=True, slots=True)
class Assessment:
    """Policy's whole answer: the facts, every finding in pack order, and which pack spoke.

    ``missing_fields`` are pointers without which the product cannot be assessed at all.
    """

    facts: Facts
    findings: tuple[Finding, ...]
    missing_fields: tuple[str, ...]
    policy: PolicyReference
