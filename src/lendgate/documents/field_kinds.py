"""Which fields a kind of document has and of what type each is; and a typed value out of what a person wrote.

Law: a person's value is read by the readers that every value is read by (``values``), and only when all of
the text is the value: nothing is picked out of a sentence. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from types import MappingProxyType
from typing import Final, TypeVar

from lendgate.documents.extract.specs import forms
from lendgate.documents.fields import Value
from lendgate.documents.kinds import UNKNOWN, kinds
from lendgate.documents.values import Found, amount, dates, identifier, year
from lendgate.schema.base import MAX_MONEY
from lendgate.schema.documents import FieldKind
from lendgate.schema.enums import DocumentType

_Read = TypeVar("_Read")
_UNFORMED: Final[Mapping[str, Mapping[str, FieldKind]]] = {
    "pay_stub": {
        "employee_name": "name",
        "employee_ssn": "identifier",
        "employer": "name",
        "period_start": "date",
        "period_end": "date",
        "pay_date": "date",
        "rate": "amount",
        **{
            f"{part}_{of}": "amount"
            for part in ("gross", "net", "taxes", "deductions")
            for of in ("current", "ytd")
        },
    },
    "bank_statement": {
        "holder_name": "name",
        "bank": "name",
        "account_number": "identifier",
        "period_start": "date",
        "period_end": "date",
        "statement_date": "date",
        "beginning_balance": "amount",
        "ending_balance": "amount",
        "total_checks_listed": "amount",
    },
}
"""The documents that follow no form; forms tell their fields themselves."""
_LONGEST_LINE: Final = 120
_MOST_LINES: Final = 4
_SHORTEST_IDENTIFIER: Final = 4
_YEAR_DIGITS: Final = 4
_MOST_PERCENT: Final = 100


@cache
def field_kinds(kind: str) -> Mapping[str, FieldKind]:
    """The fields that a document of this kind may have, under the names they are extracted by."""
    if kind in _UNFORMED:
        return MappingProxyType(dict(_UNFORMED[kind]))
    form = forms().get(kind)
    found: dict[str, FieldKind] = {"holder_name": "name"} if kind == "identity_document" else {}
    for spec in form.fields if form else ():
        if spec.kind == "period":
            found |= {"period_start": "date", "period_end": "date"}
        else:
            found[spec.name.replace("_first", "_name") if spec.name.endswith("_first") else spec.name] = (
                spec.kind
            )
    return MappingProxyType(found)


@cache
def kind_for(type_: DocumentType) -> str:
    """The kind that a document of this type is read as."""
    return next((one.kind for one in kinds() if one.type == type_ != "other"), UNKNOWN)


def value_of(text: str, kind: FieldKind) -> Value | None:
    """The value that a person wrote; None where it is none of this kind."""
    return _WRITTEN[kind](text.strip())


def read_back(text: str, kind: FieldKind | None) -> Value | None:
    """A value that was written down (``report``), as it was; None where it cannot have been one."""
    try:
        if kind == "amount":
            return Decimal(text.replace(",", ""))
        if kind == "date":
            return date.fromisoformat(text)
        return int(text) if kind == "year" else text
    except (InvalidOperation, ValueError):
        return None


def _whole(found: Found[_Read] | None, text: str) -> _Read | None:
    """What was found where it is all of the text, spelled in digits."""
    whole = found is not None and (found.start, found.end, found.spelling) == (0, len(text), 1.0)
    return found.value if found is not None and whole else None


def _amount(text: str) -> Value | None:
    value = _whole(amount(text), text) if text.isascii() else None
    return value if value is not None and abs(value) <= Decimal(str(MAX_MONEY)) else None


def _date(text: str) -> Value | None:
    found = dates(text)
    return _whole(found[0], text) if len(found) == 1 else None


def _identifier(text: str) -> Value | None:
    value = _whole(identifier(text), text) if text.isascii() else None
    return value if value is not None and len(value) >= _SHORTEST_IDENTIFIER else None


def _year(text: str) -> Value | None:
    found = year(text) if text.isascii() and text.isdigit() and len(text) == _YEAR_DIGITS else None
    return found.value if found else None


def _percent(text: str) -> Value | None:
    number = text.removesuffix("%").strip()
    try:
        share = Decimal(number) if text.isascii() and number.replace(".", "", 1).isdigit() else None
    except InvalidOperation:
        return None
    return number if share is not None and share <= _MOST_PERCENT else None


def _text(text: str) -> Value | None:
    return text if text.isprintable() and text and len(text) <= _LONGEST_LINE else None


def _name(text: str) -> Value | None:
    return _text(text) if any(map(str.isalpha, text)) else None


def _code(text: str) -> Value | None:
    return _text(text) if any(map(str.isdigit, text)) else None


def _block(text: str) -> Value | None:
    lines = [line.strip() for line in text.split("\n")]
    good = len(lines) <= _MOST_LINES and all(_text(line) for line in lines) and _name(lines[0])
    return "\n".join(lines) if good else None


def _never(_text: str) -> Value | None:
    return None


_WRITTEN: Final[Mapping[FieldKind, Callable[[str], Value | None]]] = {
    "amount": _amount,
    "date": _date,
    "identifier": _identifier,
    "name": _name,
    "text": _text,
    "block": _block,
    "year": _year,
    "percent": _percent,
    "code": _code,
    "period": _never,  # it is told as its first and last day
}
