"""What must never be said outside, taken from the packs themselves, and ways to look for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from lendgate.policy.library import load_packs
from lendgate.policy.limits import LimitValue, limit_text
from lendgate.policy.model import Unit
from lendgate.policy.pack import Pack, Rule

_NUMBER: Final = re.compile(r"(?<![\w.-])\$?(\d[\d,]*(?:\.\d+)?) ?(%?)")
_COUNTED: Final = re.compile(r"\d+ of \d+ checks|\d+ dwelling units?")
_NOT_PROSE: Final = frozenset(
    {"review_id", "request_id", "created_at", "completed_at", "received_at"}
    | {"sha256", "version", "engine_version", "schema_version", "edge_version", "policy_version"}
    | {"prompt_sha256"}
)


def private_phrases() -> set[str]:
    """Rule texts, notes, citations, sources and limit names of every packaged pack, in lower case."""
    packs = load_packs().values()
    said = {text for pack in packs for rule in pack.rules for text in _of_rule(rule)}
    said |= {text for pack in packs for text in _of_limits(pack)}
    return {" ".join(text.lower().split()) for text in said}


def _of_rule(rule: Rule) -> Iterator[str]:
    yield rule.citation
    yield rule.note
    yield from rule.limits
    conditions = (rule.require, rule.when) if rule.when else (rule.require,)
    # The bare name of a fact says nothing of policy, and memos name the facts they rest on.
    yield from (condition.source for condition in conditions if condition.source not in rule.facts)


def _of_limits(pack: Pack) -> Iterator[str]:
    for limit in pack.limits.values():
        yield limit.name
        for value in limit.values:
            yield value.source


def limit_numbers() -> set[tuple[Decimal, str]]:
    """Every limit as it could be written: the number, and ``%`` where it is one of a hundred."""
    return {
        number
        for pack in load_packs().values()
        for limit in pack.limits.values()
        for value in limit.values
        for number in _written(value, limit.unit)
    }


def _written(value: LimitValue, unit: Unit) -> Iterator[tuple[Decimal, str]]:
    yield Decimal(value.value), ""
    yield from numbers_in(limit_text(value.value, unit))


def numbers_in(text: str) -> set[tuple[Decimal, str]]:
    """The numbers of a text, with their ``%``; what is counted is no figure of policy."""
    found = _NUMBER.findall(_COUNTED.sub("", text))
    return {(Decimal(number.replace(",", "").rstrip(",")), percent) for number, percent in found}


def prose(value: Any, name: str = "") -> Iterator[str]:
    """Every text of a JSON document that is there to be read: no ids, times or digests."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from prose(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from prose(item, name)
    elif isinstance(value, str) and name not in _NOT_PROSE:
        yield value
