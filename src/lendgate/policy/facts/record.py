"""How a fact is written down: the registry gives the unit, the unit gives the decimals.

Law: every fact says in one plain sentence how it came about and which places of the application it used;
an unknown one names the places that would make it known.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from lendgate.policy.arithmetic import places_of, rounded
from lendgate.policy.model import Fact, Value
from lendgate.policy.registry import FACTS


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity on its way to being a fact, unrounded; None is unknown."""

    value: Decimal | None
    how: str
    inputs: tuple[str, ...]


@lru_cache(maxsize=16_384, typed=True)
def fact(name: str, value: Value | None, how: str, *inputs: str) -> Fact:
    """The registered fact ``name``; decimals are rounded to its unit, None is unknown.

    The latest ones are kept: most of what is said of an application is said of many.
    """
    unit = FACTS[name].unit
    if isinstance(value, Decimal) and places_of(unit) is not None:
        value = rounded(value, unit)
    return Fact(name=name, value=value, unit=unit, how=how, inputs=inputs)


def amount_fact(name: str, amount: Amount) -> Fact:
    """The registered fact ``name`` from an amount."""
    return fact(name, amount.value, amount.how, *amount.inputs)
