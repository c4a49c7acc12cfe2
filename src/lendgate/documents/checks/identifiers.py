"""The shape of social security numbers and EINs: whether such a number can exist at all.

Sources: SSA, POMS RM 10201.035 (never 000, 666 or 9xx, nor 00, nor 0000), numbers withdrawn or printed for
advertising; IRS for the prefixes of EINs. A taxpayer number beginning with 9 may be an ITIN.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from lendgate.documents.checks.model import Check, verdict
from lendgate.documents.document import Document
from lendgate.documents.fields import Field
from lendgate.documents.figures import figures

_SSN: Final = MappingProxyType(
    {
        "employee_ssn": "employee's Social Security number",
        "taxpayer_ssn": "taxpayer's Social Security number",
        "borrower_ssn": "borrower's Social Security number",
    }
)
_EIN: Final = MappingProxyType(
    {
        "employer_ein": "employer identification number (EIN)",
        "business_ein": "employer identification number (EIN) of the business",
    }
)
_EITHER: Final = MappingProxyType(
    {
        "payer_tin": "payer's taxpayer identification number (TIN)",
        "recipient_tin": "recipient's taxpayer identification number (TIN)",
    }
)
_NINE: Final = 9
_LAST_FOUR: Final = 4
_NEVER_VALID: Final = frozenset({"078051120", "219099999"})
"""Woolworth's wallet card and a pamphlet of the Board: withdrawn because thousands used them."""


def check_identifiers(document: Document) -> Iterator[Check]:
    """The shape of every such number on the document; a masked one is judged by its length alone."""
    for check, names, fault_of in _SHAPES:
        for name, called in names.items():
            if field := document.extract.fields.get(name):
                yield _check(document, check, field, called, fault_of(str(field.value)))


def ssn_fault(number: str) -> str:
    """What is wrong with an SSN written without dashes; empty when nothing is."""
    if fault := _length_fault(number):
        return fault
    if "X" in number:
        return ""
    area, group, serial = number[:3], number[3:5], number[5:]
    if area in {"000", "666"} or area[0] == "9":
        return f"no number begins with {'9' if area[0] == '9' else area}"
    if group == "00" or serial == "0000":
        return "a part of it is all zeros"
    return "it was withdrawn from use" if number in _NEVER_VALID or len(set(number)) == 1 else ""


def ein_fault(number: str) -> str:
    """What is wrong with an EIN written without its dash; empty when nothing is."""
    if fault := _length_fault(number):
        return fault
    prefix = number[:2]
    return f"prefix {prefix} was never issued" if prefix in figures().ein_prefixes_never_issued.values else ""


def _length_fault(number: str) -> str:
    if "X" in number and len(number) - number.count("X") == _LAST_FOUR:
        return ""
    return "" if len(number) == _NINE else f"it has {len(number)} digits, not 9"


_SHAPES: Final = (
    ("ssn_shape", _SSN, ssn_fault),
    ("ein_shape", _EIN, ein_fault),
    ("tin_shape", _EITHER, _length_fault),
)


def _check(document: Document, name: str, field: Field, called: str, fault: str) -> Check:
    """The number itself stays out of the sentence."""
    detail = f"The {called} can exist." if not fault else f"The {called} cannot be right: {fault}."
    public = f"The {called} could not be verified." if fault else ""
    return Check(name, document.number, verdict(not fault), detail, (field.evidence,), public, sum=True)
