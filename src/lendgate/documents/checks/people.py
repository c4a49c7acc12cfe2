"""Whose documents these are: names, social security numbers and employers held against each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from lendgate.documents.case import Case
from lendgate.documents.checks.model import Check, places, verdict
from lendgate.documents.document import Document
from lendgate.documents.fields import Field
from lendgate.documents.names import compare_employers, compare_people

_PERSON: Final = (
    "employee_name",
    "employee",
    "holder_name",
    "recipient_name",
    "taxpayer_name",
    "borrower_name",
)
_SSN: Final = ("employee_ssn", "taxpayer_ssn", "borrower_ssn", "recipient_tin")
_LAST_FOUR: Final = 4


def check_people(documents: Sequence[Document], case: Case) -> Iterator[Check]:
    """Every check of who the documents are about."""
    yield from _names(documents, case)
    yield from _social_security_numbers(documents)
    yield from _employers(documents, case)


def person_of(document: Document) -> Field | None:
    """The field that says whose document it is."""
    return next((f for name in _PERSON if (f := document.extract.fields.get(name))), None)


def _names(documents: Sequence[Document], case: Case) -> Iterator[Check]:
    """Every document is an applicant's; without names in the application, that of one of the others."""
    named = [(document, field) for document in documents if (field := person_of(document))]
    for document, field in named:
        others = [(first_line(f), other.number) for other, f in named if other is not document]
        known = [(name, 0) for name in case.people] or others
        if not known:
            continue
        likeness = {compare_people(first_line(field), name) for name, _ in known}
        holds = True if "same" in likeness else None if "close" in likeness else False
        against = "the applicants'" if case.people else "the other documents'"
        detail = f"The name on it is {'' if holds else 'not surely ' if holds is None else 'not '}{against}."
        public = "" if holds else "The name on the document could not be matched."
        yield Check("name_matches", document.number, verdict(holds), detail, (field.evidence,), public)


def first_line(field: Field) -> str:
    """The name of a field that may go on with an address."""
    return str(field.value).partition("\n")[0]


def _social_security_numbers(documents: Sequence[Document]) -> Iterator[Check]:
    """Documents of one person end in the same four digits."""
    numbered = [
        (document, field)
        for document in documents
        for name in _SSN
        if (field := document.extract.fields.get(name)) and str(field.value)[-_LAST_FOUR:].isdigit()
    ]
    for (one, first), (other, second) in combinations(numbered, 2):
        mine, yours = person_of(one), person_of(other)
        if mine is None or yours is None or compare_people(first_line(mine), first_line(yours)) != "same":
            continue
        holds = str(first.value)[-_LAST_FOUR:] == str(second.value)[-_LAST_FOUR:]
        detail = (
            f"Documents {one.number} and {other.number} end in {'the same' if holds else 'different'} digits."
        )
        public = "" if holds else "The Social Security numbers on the documents do not agree."
        evidence = places(first, second)
        yield Check("ssn_agrees", other.number, verdict(holds), detail, evidence, public)


def _employers(documents: Sequence[Document], case: Case) -> Iterator[Check]:
    """The employer is one the application names; where it names none, the same on every document."""
    named = [
        (document, field)
        for document in documents
        if document.type != "voe_1005" and (field := document.extract.fields.get("employer"))
    ]
    for document, field in named:
        known = case.employers or [first_line(other) for one, other in named if one is not document]
        if not known:
            continue
        likeness = {compare_employers(first_line(field), name) for name in known}
        # People have two employers; only an application that names them makes a third one wrong.
        doubtful = "close" in likeness or not case.employers
        holds = True if "same" in likeness else None if doubtful else False
        against = "one stated" if case.employers else "that of the other documents"
        detail = f"The employer is {'' if holds else 'not surely ' if holds is None else 'not '}{against}."
        public = "" if holds else "The employer on the document could not be matched."
        yield Check("employer_matches", document.number, verdict(holds), detail, (field.evidence,), public)
