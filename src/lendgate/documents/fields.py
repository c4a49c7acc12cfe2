"""What was read out of a document: fields, the rows of its tables, and where each stands.

Law: a field is never without its place. ``quote`` is the text exactly as read, so that a person can hold
it against the page; ``confidence`` is that of this one value, not of the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from lendgate.documents.model import Box
from lendgate.schema.documents import FieldReader

Value = Decimal | date | int | str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place on a page and the text that stands there."""

    page: int
    box: Box
    quote: str


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a document."""

    name: str
    value: Value
    page: int
    box: Box
    quote: str
    confidence: float
    reader: FieldReader = "rules"

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.page, self.box, self.quote)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a pay stub: what it is for, this period's amount and the year's so far.

    ``part`` is what the amount does to the pay: an earning, a tax, another deduction, or nothing that is
    known (``other``). ``signed``: the stub itself printed a sign, and the amount carries it.
    """

    label: str
    part: Literal["earning", "tax", "deduction", "other"]
    current: Field | None
    year_to_date: Field | None
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Transaction:
    """One row of a statement's lists; ``direction`` as in ``Movement``, ``balance`` as printed behind it.

    ``table`` tells the lists of one statement apart: each has its own order.
    """

    day: date | None
    description: str
    amount: Field | None
    direction: Literal[1, -1, 0]
    balance: Field | None
    evidence: Evidence
    is_check: bool = False
    table: int = 0

    @property
    def change(self) -> Decimal | None:
        """What it does to the balance; None where that cannot be told."""
        value = self.amount.value if self.amount else None
        if not isinstance(value, Decimal) or self.direction == 0:
            return None
        return abs(value) * self.direction


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a statement's summary: what moved the balance.

    ``direction`` is 1 for money in, -1 for money out, 0 where the statement does not tell; the field's
    value is as printed.
    """

    label: str
    amount: Field
    direction: Literal[1, -1, 0]

    @property
    def change(self) -> Decimal:
        """What it does to the balance; 0 where that is not known."""
        value = self.amount.value
        return abs(value) * self.direction if isinstance(value, Decimal) else Decimal(0)


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a statement, as its own summary tells it; the days are those printed at the balances."""

    number: str
    beginning: Field | None
    ending: Field | None
    movements: tuple[Movement, ...]
    beginning_day: date | None = None
    ending_day: date | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """All that was read out of one document."""

    fields: Mapping[str, Field]
    lines: tuple[Line, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    accounts: tuple[Account, ...] = ()

    @property
    def all_fields(self) -> tuple[Field, ...]:
        """Every value that was read, wherever it stands; a place that is used twice is told twice."""
        rows = (field for row in self.transactions for field in (row.amount, row.balance))
        lines = (field for line in self.lines for field in (line.current, line.year_to_date))
        accounts = (field for one in self.accounts for field in (one.beginning, one.ending))
        moves = (move.amount for one in self.accounts for move in one.movements)
        found = (*self.fields.values(), *lines, *rows, *accounts, *moves)
        return tuple(field for field in found if field is not None)

    def amount(self, name: str) -> Decimal | None:
        """The field's amount of money, None when it is absent."""
        field = self.fields.get(name)
        return field.value if field is not None and isinstance(field.value, Decimal) else None

    def day(self, name: str) -> date | None:
        """The field's date, None when it is absent."""
        field = self.fields.get(name)
        return field.value if field is not None and isinstance(field.value, date) else None

    def text(self, name: str) -> str:
        """The field's text, empty when it is absent."""
        field = self.fields.get(name)
        return field.value if field is not None and isinstance(field.value, str) else ""

    def whole(self, name: str) -> int | None:
        """The field's whole number (a year), None when it is absent."""
        field = self.fields.get(name)
        return field.value if field is not None and isinstance(field.value, int) else None


NOTHING: Final = Extract({})
