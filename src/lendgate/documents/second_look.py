"""A failed sum on a scan: its figures are read once more before it means anything. Pure.

The places of the figures are read again, enlarged and alone. Where both readings agree and the sum still
fails, it fails. Where the second reading makes it right, it stands corrected, with less confidence. Where
the readings differ and neither is right, nobody can tell, and a person looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from lendgate.documents.case import Case
from lendgate.documents.checks.model import Check
from lendgate.documents.document import Document
from lendgate.documents.examine import examine
from lendgate.documents.fields import Account, Evidence, Extract, Field, Line, Movement, Transaction, Value
from lendgate.documents.model import MARGIN, Box, Page, Span
from lendgate.documents.values import amount, identifier

LookAgain = Callable[[Page, Sequence[Box]], Sequence[Span]]
"""Reads places of a page a second time: ``Sandbox.reread`` with the file's bytes given."""
_CORRECTED: Final = 0.9
_MOST_PLACES: Final = 80

_Key = tuple[int, Box]


@dataclass(frozen=True, slots=True)
class _Second:
    """The second readings of a document's figures: the value at each place, None where none was made out."""

    values: Mapping[_Key, tuple[Value, Span] | None]

    def differs(self, field: Field) -> bool:
        second = self.values.get((field.page, field.box))
        return second is not None and _plain(second[0]) != _plain(field.value)

    def agrees(self, field: Field) -> bool:
        second = self.values.get((field.page, field.box))
        return second is not None and _plain(second[0]) == _plain(field.value)

    def corrected(self, field: Field) -> Field:
        second = self.values.get((field.page, field.box))
        if second is None or not self.differs(field):
            return field
        value, span = second
        if isinstance(value, Decimal) and isinstance(field.value, Decimal) and field.value < 0:
            value = -abs(value)
        sure = round(min(field.confidence, span.confidence) * _CORRECTED, 4)
        return replace(field, value=value, quote=span.text, confidence=sure)


def _plain(value: Value) -> Value:
    """The value without its sign, which stands outside the place that is read again."""
    return abs(value) if isinstance(value, Decimal) else value


def look_again(
    document: Document, checks: tuple[Check, ...], case: Case, look: LookAgain
) -> tuple[Document, tuple[Check, ...]]:
    """The document and its checks after a second look at the figures of its failed sums."""
    failed = [check for check in checks if check.sum and check.result == "fail"]
    if not failed or not document.read_by_ocr:
        return document, checks
    figures = [field for field in _figures(document.extract) if _is_in(field, failed)]
    second = _read(document, figures[:_MOST_PLACES], look)
    corrected = replace(document, extract=_map(document.extract, second.corrected))
    again = examine(corrected, case)
    if _failures(again) < _failures(checks):
        return corrected, tuple(_settled(check, figures, second, fresh=True) for check in again)
    return document, tuple(_settled(check, figures, second, fresh=False) for check in checks)


def _settled(check: Check, figures: Sequence[Field], second: _Second, *, fresh: bool) -> Check:
    """A sum that still fails: beyond doubt when the readings agree, else nobody can tell."""
    if not check.sum or check.result != "fail":
        return check
    own = [field for field in figures if _is_in(field, [check])]
    if not fresh and any(second.differs(field) for field in own):
        return replace(check, result="cannot_tell", detail=f"{check.detail} Two readings of it differ.")
    confirmed = own and all(second.agrees(field) for field in own)
    return replace(check, detail=f"{check.detail} Read twice.") if confirmed else check


def _failures(checks: Sequence[Check]) -> int:
    return sum(check.sum and check.result == "fail" for check in checks)


def _read(document: Document, figures: Sequence[Field], look: LookAgain) -> _Second:
    values: dict[_Key, tuple[Value, Span] | None] = {}
    for page in document.pages:
        fields = [field for field in figures if field.page == page.number]
        if page.source != "ocr" or not fields:
            continue
        spans = look(page, [field.box for field in fields])
        for field, span in zip(fields, spans, strict=True):
            value = _value_in(span.text, field)
            values[page.number, field.box] = None if value is None else (value, span)
    return _Second(values)


def _value_in(text: str, field: Field) -> Value | None:
    """What a second reading says, read as the first was."""
    found = amount(text) if isinstance(field.value, Decimal) else identifier(text)
    return found.value if found else None


def _figures(said: Extract) -> Iterator[Field]:
    """Every amount of money and every number of somebody that was read, each place once."""
    seen: set[_Key] = set()
    for field in said.all_fields:
        if (field.page, field.box) in seen or not _is_figure(field.value):
            continue
        seen.add((field.page, field.box))
        yield field


def _is_figure(value: Value) -> bool:
    return isinstance(value, Decimal) or (isinstance(value, str) and value.isdigit())


def _is_in(field: Field, checks: Sequence[Check]) -> bool:
    places = (place for check in checks for place in check.evidence)
    return any(place.page == field.page and _contains(place, field.box) for place in places)


def _contains(place: Evidence, box: Box) -> bool:
    outer = place.box
    return (
        outer.left - MARGIN <= box.left
        and outer.top - MARGIN <= box.top
        and box.right <= outer.right + MARGIN
        and box.bottom <= outer.bottom + MARGIN
    )


def _map(said: Extract, change: Callable[[Field], Field]) -> Extract:
    """The extract with every figure changed."""

    def changed(field: Field | None) -> Field | None:
        return change(field) if field is not None else None

    return Extract(
        fields={name: change(field) for name, field in said.fields.items()},
        lines=tuple(_line(line, changed) for line in said.lines),
        transactions=tuple(_row(row, changed) for row in said.transactions),
        accounts=tuple(_account(account, changed, change) for account in said.accounts),
    )


_Change = Callable[[Field | None], Field | None]


def _line(line: Line, changed: _Change) -> Line:
    return replace(line, current=changed(line.current), year_to_date=changed(line.year_to_date))


def _row(row: Transaction, changed: _Change) -> Transaction:
    return replace(row, amount=changed(row.amount), balance=changed(row.balance))


def _account(account: Account, changed: _Change, change: Callable[[Field], Field]) -> Account:
    return replace(
        account,
        beginning=changed(account.beginning),
        ending=changed(account.ending),
        movements=tuple(Movement(one.label, change(one.amount), one.direction) for one in account.movements),
    )
