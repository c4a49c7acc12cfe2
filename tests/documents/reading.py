"""Reading generated documents in tests: the text layer in this process, OCR where a test asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from lendgate.documents.case import Case
from lendgate.documents.checks.model import Check
from lendgate.documents.document import Document
from lendgate.documents.limits import Limits
from lendgate.documents.model import Reading, Refusal
from lendgate.documents.ocr import Recognizer
from lendgate.documents.read import read
from lendgate.documents.triage import Triage, read_documents, triage
from tests.documents.printed import AS_OF, Printed
from tests.documents.sheet import Sheet, pdf_of

CASE = Case(AS_OF)


@cache
def recognizer() -> Recognizer:
    """The OCR models, loaded once for all tests."""
    return Recognizer(threads=2)


def read_bytes(content: bytes, limits: Limits | None = None) -> Reading | Refusal:
    """A file read in this process."""
    return read(content, recognizer(), limits or Limits())


def reading_of(*sheets: Sheet) -> Reading:
    """Sheets as a PDF, read."""
    result = read_bytes(pdf_of(*sheets))
    assert isinstance(result, Reading)
    return result


def documents(*printed: Printed) -> tuple[Document, ...]:
    """Printed documents as one packet, read."""
    return read_documents(reading_of(*(one.sheet for one in printed)))


def document(printed: Printed) -> Document:
    """The only document of a print."""
    (only,) = documents(printed)
    return only


def triaged(*printed: Printed, case: Case = CASE) -> Triage:
    """Printed documents as one packet, triaged."""
    return triage(reading_of(*(one.sheet for one in printed)), case)


def result_of(checks: Sequence[Check], name: str) -> str | None:
    """The result of the check of that name; None when it did not apply."""
    found = [check for check in checks if check.id == name]
    worst = [check for check in found if check.result == "fail"] or found
    return worst[0].result if worst else None


def all_checks(result: Triage) -> tuple[Check, ...]:
    """Every check of a triage."""
    return (*(check for one in result.documents for check in one.checks), *result.together)
