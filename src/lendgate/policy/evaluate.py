"""A pack applied to facts: findings, the whole assessment, and how risky it all looks.

Law: pure; no clock, no I/O. Three results and no fourth: a rule passes, fails, or is not evaluable, and
whatever goes wrong inside an expression is "not evaluable", never a pass. A rule whose ``when`` is false
does not apply and leaves no finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

from lendgate.errors import PolicyError
from lendgate.intake.completeness import present
from lendgate.policy.expressions import LIMIT_PREFIX
from lendgate.policy.facts import NOTHING_SHOWN, derive
from lendgate.policy.limits import Edition
from lendgate.policy.model import Assessment, Facts, Finding, Value
from lendgate.policy.pack import Pack, Rule
from lendgate.schema.application import Application
from lendgate.schema.review import CheckResult, PublicReason, Risk

_KEPT: Final = 16_384
"""Findings: most rules ask for whole numbers and flags, of which there are few."""
_LIMIT: Final = re.compile(rf"\b{LIMIT_PREFIX}[a-z_]+")


def assess(pack: Pack, application: Application, as_of: date, shown: Facts = NOTHING_SHOWN) -> Assessment:
    """``application`` judged by ``pack`` as of the day it was received, with what its documents show.

    Raises:
        PolicyError: the pack is for another product.
    """
    if application.product != pack.product:
        raise PolicyError(
            f"pack '{pack.reference.id}' is for {pack.product}, the application asks for "
            f"{application.product}; take the pack of that product"
        )
    facts = derive(application, as_of, shown)
    missing = tuple(pointer for pointer in pack.needs if not present(application, pointer))
    return Assessment(facts, evaluate(pack, facts, as_of), missing, pack.reference)


def evaluate(pack: Pack, application_facts: Facts, as_of: date) -> tuple[Finding, ...]:
    """A finding for every rule of ``pack`` that applies, in pack order, under the limits of ``as_of``."""
    edition = pack.edition_on(as_of)
    found = [_applied(rule, edition, *_values(application_facts, rule.facts)) for rule in pack.rules]
    return tuple([finding for finding in found if finding is not None])


def risk_of(findings: Sequence[Finding]) -> Risk:
    """How risky the findings make the application look.

    high: a decline rule failed. moderate: a refer rule failed. low: nothing failed and every core rule
    passed (where none is marked core: any rule). undetermined: what matters could not be evaluated.
    """
    failed = {finding.effect for finding in findings if finding.result == "fail"}
    if "decline" in failed:
        return "high"
    if "refer" in failed:
        return "moderate"
    core = [finding.result == "pass" for finding in findings if finding.core]
    confirmed = all(core) if core else any(finding.result == "pass" for finding in findings)
    return "low" if confirmed else "undetermined"


def _values(facts: Facts, names: Iterable[str]) -> list[Value | None]:
    return [fact.value if (fact := facts.get(name)) else None for name in names]


@lru_cache(maxsize=_KEPT, typed=True)
def _applied(rule: Rule, edition: Edition, *values: Value | None) -> Finding | None:
    """What a rule says of these values of its facts: the same of everybody who has them, so it is kept."""
    known = dict(zip(rule.facts, values, strict=True))
    applies = True if rule.when is None else rule.when.holds(known, edition.values)
    if applies is False:
        return None
    met = rule.require.holds(known, edition.values) if applies else None
    unknown = tuple([name for name, value in known.items() if value is None]) if met is None else ()
    return _finding(rule, edition, met, unknown)


@lru_cache(maxsize=_KEPT)
def _finding(
    rule: Rule,
    edition: Edition,
    met: bool | None,  # noqa: FBT001 - the answer itself
    unknown: tuple[str, ...],
) -> Finding:
    result, reason, note = _judged(rule, met, unknown)
    return Finding(
        rule=rule.id,
        title=rule.title,
        result=result,
        effect=rule.effect,
        rank=rule.rank,
        knockout=rule.knockout,
        reason=reason,
        facts=rule.facts,
        limit=_LIMIT.sub(
            lambda name: edition.texts.get(name.group(), "(no limit in force)"), rule.require.source
        ),
        note=note,
        citation=rule.citation,
        core=rule.core,
    )


def _judged(
    rule: Rule,
    met: bool | None,  # noqa: FBT001 - as above
    unknown: tuple[str, ...],
) -> tuple[CheckResult, PublicReason | None, str]:
    if met is None:
        because = ", ".join(unknown) or "a limit that is not in force, or a value of the wrong type"
        return "not_evaluable", rule.unverifiable, f"{rule.note} Not evaluable for want of: {because}."
    return ("pass", None, rule.note) if met else ("fail", rule.reason, rule.note)
