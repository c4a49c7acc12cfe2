"""Rule expressions: a small closed part of CEL, type-checked when a pack is loaded. The only door to CEL.

Law: an expression is made of facts, limits, words of closed lists, comparisons, ``in``, ``&&``, ``||``,
``!``, ``?:`` and brackets. It holds no number and does no arithmetic: every number is a dated, cited
limit, every sum is a fact. A value that is missing makes the answer None ("not evaluable"), unless the
rest decides it alone (``false && missing`` is false, ``true || missing`` is true); so taking a fact away
can turn an answer only into None.

Money and ratios are CEL doubles, and comparing them is exact all the same: fact and limit are decimals of
the same few places before they become doubles, equal decimals give the same double, and different ones
(11 digits of money, 6 decimals of a ratio) never share one. Integer cents would compare as exactly, but a
limit of 12000 meant as dollars would pass the type check as 120 dollars; as a double it cannot.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

from cel_expr_python import cel  # type: ignore[import-untyped]  # ships a .pyi without py.typed

from lendgate.errors import PolicyError
from lendgate.policy.model import Unit, Value
from lendgate.policy.registry import FACTS

LIMIT_PREFIX: Final = "limit_"
CEL_TYPES: Final[Mapping[Unit, str]] = {
    "usd": "double",
    "usd_per_month": "double",
    "ratio": "double",
    "years": "double",
    "months": "int",
    "count": "int",
    "score": "int",
    "flag": "bool",
    "word": "string",
}
_PYTHON_TYPES: Final[Mapping[str, type]] = {"int": int, "bool": bool, "string": str}
_WORD: Final = re.compile(r"'([^'\\]*)'|\"([^\"\\]*)\"")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER: Final = re.compile(r"(?<![A-Za-z_0-9])[0-9]|[+*/%]|-")
_COMPARED: Final = re.compile(r"([a-z_]+)\s*(?:<=|>=|==|!=|<|>)\s*([a-z_]+)")
_KEYWORDS: Final = frozenset({"true", "false", "in"})

CelValue = float | int | bool | str


class _Answer(Protocol):
    def value(self) -> object: ...


class _Program(Protocol):
    """What of CEL's compiled expression is used here."""

    def eval(self, *, activation: object) -> _Answer: ...
    def return_type(self) -> object: ...


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """One compiled expression. ``facts`` are the facts it names, in the order it names them."""

    source: str
    facts: tuple[str, ...]
    limits: tuple[str, ...]
    _program: _Program
    _bind: Callable[[Mapping[str, CelValue]], object]

    def holds(self, known: Mapping[str, Value | None], limits: Mapping[str, CelValue]) -> bool | None:
        """Whether it holds of these facts' values; None when it cannot be told, whatever the cause."""
        bound = {name: limits[name] for name in self.limits if name in limits}
        for name in self.facts:
            value = known.get(name)
            told = None if value is None else cel_value(value, FACTS[name].unit)
            if told is not None:
                bound[name] = told
        answer = self._program.eval(activation=self._bind(bound)).value()
        return answer if isinstance(answer, bool) else None


class Vocabulary:
    """The names a pack's expressions may use: every fact, and the pack's own limits."""

    def __init__(self, limits: Mapping[str, Unit]) -> None:
        self._units: dict[str, Unit] = {name: kind.unit for name, kind in FACTS.items()}
        self._units |= {LIMIT_PREFIX + name: unit for name, unit in limits.items()}
        variables = {name: cel.Type(CEL_TYPES[unit]) for name, unit in self._units.items()}
        self._environment = cel.NewEnv(variables=variables)

    def compile(self, source: str) -> Condition:
        """The expression, type-checked; PolicyError says what in it is wrong and how to mend it."""
        bare = _WORD.sub("''", source)
        names = tuple(dict.fromkeys(_NAME.findall(bare)))
        self._refuse_unknown_names(names)
        self._refuse_numbers(bare)
        self._refuse_unknown_words(source, names)
        self._refuse_mixed_units(bare)
        return Condition(
            source=source,
            facts=tuple(name for name in names if name in FACTS),
            limits=tuple(name for name in names if name.startswith(LIMIT_PREFIX) and name in self._units),
            _program=self._checked(source),
            _bind=self._environment.Activation,
        )

    def _checked(self, source: str) -> _Program:
        try:
            program: _Program = self._environment.compile(source)
        except RuntimeError as error:
            first = str(error).splitlines()[0]
            raise PolicyError(
                f"does not type-check: {first}; compare facts with limits of the same unit"
            ) from error
        if program.return_type() != cel.Type.BOOL:
            raise PolicyError(f"gives {program.return_type()}, not true or false; compare it with something")
        return program

    def _refuse_unknown_names(self, names: tuple[str, ...]) -> None:
        for name in names:
            if name in self._units or name in _KEYWORDS:
                continue
            near = difflib.get_close_matches(name, self._units, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "facts are listed in docs/reference/policy.md"
            raise PolicyError(f"there is no fact or limit '{name}'; {hint}")

    def _refuse_numbers(self, bare: str) -> None:
        found = _NUMBER.search(bare)
        if found:
            raise PolicyError(
                f"uses '{found.group()}': numbers belong under limits with a date and a source, "
                "sums belong into facts"
            )

    def _refuse_unknown_words(self, source: str, names: tuple[str, ...]) -> None:
        allowed = {word for name in names if name in FACTS for word in FACTS[name].words}
        for single, double in _WORD.findall(source):
            word = single or double
            if word not in allowed:
                raise PolicyError(
                    f"'{word}' is no word of the facts named here; use one of {sorted(allowed)}"
                )

    def _refuse_mixed_units(self, bare: str) -> None:
        for left, right in _COMPARED.findall(bare):
            one, other = self._units.get(left), self._units.get(right)
            if one is not None and other is not None and one != other:
                raise PolicyError(f"compares '{left}' ({one}) with '{right}' ({other}); use the same unit")


def cel_value(value: Value, unit: Unit) -> CelValue | None:
    """``value`` as CEL takes it; None when it is no value of ``unit``, so that nothing is coerced."""
    if isinstance(value, Decimal):
        return float(value) if CEL_TYPES[unit] == "double" and value.is_finite() else None
    return value if type(value) is _PYTHON_TYPES.get(CEL_TYPES[unit]) else None
