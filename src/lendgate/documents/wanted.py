"""Which fields of a document a second reader is asked for, and how a value is read from a quote. Pure.

Law: numbers that name somebody are never asked for, and names only where the rules found none: what was
read is masked in what the second reader is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from lendgate.documents.document import Document
from lendgate.documents.extract.specs import forms
from lendgate.documents.fields import Value
from lendgate.documents.values import amount, dates, year

WantedKind = Literal["amount", "date", "year", "name"]
_KINDS: Final[frozenset[str]] = frozenset({"amount", "date", "year", "name"})
_UNFORMED: Final[Mapping[str, Mapping[str, WantedKind]]] = {
    "pay_stub": {
        "employee_name": "name",
        "employer": "name",
        "period_start": "date",
        "period_end": "date",
        "pay_date": "date",
        "gross_current": "amount",
        "gross_ytd": "amount",
        "net_current": "amount",
    },
    "bank_statement": {
        "holder_name": "name",
        "bank": "name",
        "period_start": "date",
        "period_end": "date",
        "statement_date": "date",
        "beginning_balance": "amount",
        "ending_balance": "amount",
    },
}
"""The documents that follow no form; forms tell their fields themselves."""
_LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class WantedField:
    """A field that is asked for."""

    name: str
    kind: WantedKind


def wanted_fields(document: Document) -> tuple[WantedField, ...]:
    """The fields of a document that may be asked for."""
    found = document.extract.fields
    return tuple(
        WantedField(name, kind)
        for name, kind in _fields_of(document.kind).items()
        if kind != "name" or name not in found
    )


def value_in(quote: str, kind: WantedKind) -> Value | None:
    """The value a quote holds, read as any other text is; None where it holds none of the kind."""
    return _READERS[kind](quote)


def _fields_of(kind: str) -> Mapping[str, WantedKind]:
    if kind in _UNFORMED:
        return _UNFORMED[kind]
    form = forms().get(kind)
    fields = form.fields if form else ()
    known: dict[str, WantedKind] = {
        spec.name: spec.kind  # type: ignore[misc]  # the four kinds of both lists
        for spec in fields
        if spec.kind in _KINDS and not spec.name.endswith(("_first", "_last"))
    }
    return known


def _amount(quote: str) -> Value | None:
    found = amount(quote)
    return found.value if found else None


def _date(quote: str) -> Value | None:
    found = dates(quote)
    return found[0].value if found else None


def _year(quote: str) -> Value | None:
    found = year(quote)
    return found.value if found else None


def _name(quote: str) -> Value | None:
    words = " ".join(quote.split()).strip(" ,:")
    return words if any(map(str.isalpha, words)) and len(words) <= _LONGEST_NAME else None


_READERS: Final[Mapping[WantedKind, Callable[[str], Value | None]]] = {
    "amount": _amount,
    "date": _date,
    "year": _year,
    "name": _name,
}
