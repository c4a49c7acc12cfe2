"""A policy pack: rules and limits as data, compiled and checked before the first application is judged.

Law: a pack that says anything doubtful is refused whole, with the rule and the mend; nothing about it can
change after it is loaded. The SHA-256 of the file's exact bytes is its identity.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from lendgate.errors import PolicyError
from lendgate.policy.expressions import LIMIT_PREFIX, Condition, Vocabulary
from lendgate.policy.limits import Edition, Limit, edition_on, editions_of, read_limit
from lendgate.policy.model import Effect
from lendgate.policy.packfile import DocumentEntry, PackFile, RuleEntry, read_packfile
from lendgate.policy.reasons import CatalogueEntry, entry_of
from lendgate.schema.enums import Product
from lendgate.schema.review import PolicyReference, PublicReason

_OTHER: Final = "AA24"
"""Says nothing until a person has written what it is, so it is no rule's reason."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One compiled rule, equal to itself alone; ``Finding`` says what its parts become."""

    id: str
    title: str
    require: Condition
    when: Condition | None
    effect: Effect
    reason: PublicReason
    unverifiable: PublicReason
    rank: int
    knockout: bool
    core: bool
    citation: str
    note: str
    facts: tuple[str, ...]

    @property
    def limits(self) -> tuple[str, ...]:
        """The limits it compares with, as its expressions name them."""
        return (*(self.when.limits if self.when else ()), *self.require.limits)


@dataclass(frozen=True, slots=True)
class Pack:
    """One product's policy, and the exact bytes it was read from. ``needs`` are pointers without which the
    product cannot be assessed at all.
    """

    reference: PolicyReference
    content: bytes
    product: Product
    title: str
    as_of: date
    effective_from: date
    source: str
    jurisdiction: str
    disclaimer: str
    needs: tuple[str, ...]
    documents: tuple[DocumentEntry, ...]
    limits: Mapping[str, Limit]
    rules: tuple[Rule, ...]
    vocabulary: Vocabulary
    editions: tuple[Edition, ...]

    def edition_on(self, day: date) -> Edition:
        """The limits in force on ``day``."""
        return edition_on(self.editions, day)


def load_pack(name: str, content: bytes) -> Pack:
    """The pack in ``content``, checked and compiled.

    Raises:
        PolicyError: it must not be used; names ``name``, the rule or limit, and what to mend.
    """
    file = read_packfile(name, content)
    try:
        return _build(file, content)
    except PolicyError as error:
        raise PolicyError(f"{name}: {error}") from error


def _build(file: PackFile, content: bytes) -> Pack:
    limits = {key: read_limit(key, entry, file.effective_from) for key, entry in file.limits.items()}
    vocabulary = Vocabulary({key: limit.unit for key, limit in limits.items()})
    rules = tuple(_rule(entry, vocabulary) for entry in file.rules)
    _refuse_bad_set(rules, limits)
    return Pack(
        reference=PolicyReference(
            id=file.id, version=file.version, sha256=hashlib.sha256(content).hexdigest()
        ),
        content=content,
        product=file.product,
        title=file.title,
        as_of=file.as_of,
        effective_from=file.effective_from,
        source=file.source,
        jurisdiction=file.jurisdiction,
        disclaimer=file.disclaimer,
        needs=tuple(file.needs),
        documents=tuple(file.documents),
        limits=MappingProxyType(limits),
        rules=rules,
        vocabulary=vocabulary,
        editions=editions_of(limits),
    )


def _rule(entry: RuleEntry, vocabulary: Vocabulary) -> Rule:
    try:
        require = _compiled("require", entry.require, vocabulary)
        when = _compiled("when", entry.when, vocabulary) if entry.when is not None else None
        reason, unverifiable = _reasons(entry)
    except PolicyError as error:
        raise PolicyError(f"rule '{entry.id}': {error}") from error
    return Rule(
        id=entry.id,
        title=entry.title,
        require=require,
        when=when,
        effect=entry.effect,
        reason=reason.reason,
        unverifiable=unverifiable.reason,
        rank=entry.rank,
        knockout=entry.knockout,
        core=entry.core,
        citation=entry.citation,
        note=entry.note,
        facts=tuple(dict.fromkeys((*(when.facts if when else ()), *require.facts))),
    )


def _compiled(key: str, source: str, vocabulary: Vocabulary) -> Condition:
    try:
        condition = vocabulary.compile(source)
    except PolicyError as error:
        raise PolicyError(f"{key} {error}") from error
    if not condition.facts:
        raise PolicyError(f"{key} names no fact, so it says the same of everyone; name one")
    return condition


def _reasons(entry: RuleEntry) -> tuple[CatalogueEntry, CatalogueEntry]:
    reason, unverifiable = entry_of(entry.reason), entry_of(entry.unverifiable)
    if reason.code == _OTHER or (entry.effect == "decline" and not reason.principal):
        raise PolicyError(
            f"reason {reason.code} cannot be a principal reason of a decline (12 CFR 1002.9(b)(2)); "
            "use one that names the factor, or effect refer"
        )
    if not unverifiable.unverifiable:
        raise PolicyError(
            f"unverifiable {unverifiable.code} does not say that something is unverified; use AA01, "
            "AA04, AA06, AA10 or another that does"
        )
    return reason, unverifiable


def _refuse_bad_set(rules: tuple[Rule, ...], limits: Iterable[str]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise PolicyError(f"rule '{rule.id}': the id is used twice; rename one")
        seen.add(rule.id)
        if rule.core and rule.when is not None:
            raise PolicyError(f"rule '{rule.id}': a core rule applies to everyone; remove 'when' or 'core'")
    if not any(rule.core for rule in rules):
        raise PolicyError(
            "no rule is marked 'core: true'; mark those without which risk cannot be called low"
        )
    used = {limit for rule in rules for limit in rule.limits}
    for name in limits:
        if LIMIT_PREFIX + name not in used:
            raise PolicyError(f"limit '{name}': no rule uses it; use it or remove it")
