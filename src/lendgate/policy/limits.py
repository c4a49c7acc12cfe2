"""Dated limits: which value was in force on which day.

Law: a limit is looked up by the day the application was received, never by the clock. Before a limit's
first day it has no value, so that a rule which needs it is not evaluable.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from lendgate.errors import PolicyError
from lendgate.policy.arithmetic import places_of
from lendgate.policy.expressions import LIMIT_PREFIX, CelValue, cel_value
from lendgate.policy.model import Unit
from lendgate.policy.packfile import DatedValue, LimitEntry


@dataclass(frozen=True, slots=True)
class LimitValue:
    """A limit from one day on."""

    since: date
    value: Decimal | int
    source: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A named number of a pack, with its history, oldest first."""

    name: str
    unit: Unit
    values: tuple[LimitValue, ...]

    def on(self, day: date) -> LimitValue | None:
        """What was in force on ``day``; None before the first value."""
        index = bisect_right(self.values, day, key=lambda one: one.since)
        return self.values[index - 1] if index else None


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """All limits as they stand from one day until the next change; equal to itself alone.

    ``values`` are what expressions see; ``texts`` are the same limits for a person to read.
    """

    since: date
    values: Mapping[str, CelValue]
    texts: Mapping[str, str]


def read_limit(name: str, entry: LimitEntry, in_force: date) -> Limit:
    """The limit ``name``; refused unless it has a value in force on ``in_force``."""
    values = tuple(sorted((_read(name, entry.unit, one) for one in entry.values), key=lambda one: one.since))
    days = [one.since for one in values]
    if len(set(days)) != len(days):
        raise PolicyError(f"limit '{name}': two values begin on the same day; keep one")
    limit = Limit(name, entry.unit, values)
    if limit.on(in_force) is None:
        raise PolicyError(
            f"limit '{name}': no value is in force on {in_force}; add one from that day or before"
        )
    return limit


def _read(name: str, unit: Unit, entry: DatedValue) -> LimitValue:
    places = places_of(unit)
    if places is None and not isinstance(entry.value, int):
        raise PolicyError(f"limit '{name}': {entry.value} is no whole number of {unit}; give a whole number")
    value = Decimal(repr(entry.value)) if places is not None else int(entry.value)
    if places is not None and value != Decimal(value).quantize(places):
        raise PolicyError(f"limit '{name}': {entry.value} has more decimals than {unit} carries ({places})")
    return LimitValue(entry.since, value, entry.source)


def editions_of(limits: Mapping[str, Limit]) -> tuple[Edition, ...]:
    """One edition for every day on which any limit changes, oldest first."""
    days = sorted({one.since for limit in limits.values() for one in limit.values})
    return tuple(_edition(limits, day) for day in days)


def edition_on(editions: tuple[Edition, ...], day: date) -> Edition:
    """The edition in force on ``day``; an empty one before the first."""
    index = bisect_right(editions, day, key=lambda edition: edition.since)
    return editions[index - 1] if index else _NONE


_NONE: Final = Edition(date.min, {}, {})


def _edition(limits: Mapping[str, Limit], day: date) -> Edition:
    values: dict[str, CelValue] = {}
    texts: dict[str, str] = {}
    for name, limit in limits.items():
        current = limit.on(day)
        value = None if current is None else cel_value(current.value, limit.unit)
        if current is not None and value is not None:
            values[LIMIT_PREFIX + name] = value
            texts[LIMIT_PREFIX + name] = limit_text(current.value, limit.unit)
    return Edition(day, values, texts)


def limit_text(value: Decimal | int, unit: Unit) -> str:
    """A limit as an underwriter reads it: ``40 %``, ``12,000.00 USD``, ``24 months``."""
    if unit == "ratio":
        return f"{(value * 100):.4f}".rstrip("0").rstrip(".") + " %"
    if unit in ("usd", "usd_per_month"):
        return f"{value:,.2f} USD" + (" a month" if unit == "usd_per_month" else "")
    return f"{value} {unit}" if unit in ("months", "years") else str(value)
