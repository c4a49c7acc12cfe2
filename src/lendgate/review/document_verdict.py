"""A verdict on a document: whether it says all it must, of something that waits, in values of its types.

Law: a person accepts one document at a time, so that nobody accepts what they did not look at; a file is
accepted as a whole only where no document in it waits. Going back is safe for all of it at once. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lendgate.documents.field_kinds import field_kinds, kind_for, value_of
from lendgate.documents.judged import written
from lendgate.errors import FieldError, InvalidRequestError
from lendgate.review.refusals import VerdictRefusedError
from lendgate.schema.documents import FieldKind
from lendgate.schema.enums import DocumentType
from lendgate.schema.inspection import CorrectedField, DocumentVerdict

_LIKE: Final[Mapping[FieldKind, str]] = {
    "amount": "must be an amount such as 4,125.00, up to 999,999,999.99",
    "date": "must be a day of the calendar such as 11/13/2026 or 2026-11-13",
    "identifier": "must be a number such as 123-45-6789; X stands for a digit that is masked",
    "name": "must be a name on one line, at most 120 characters",
    "text": "must be one line, at most 120 characters",
    "block": "must be one to four lines that begin with a name",
    "year": "must be a year such as 2025",
    "percent": "must be a percentage such as 6.25",
    "code": "must be one line with a digit in it",
    "period": "must be given as its first and its last day",
}


@dataclass(frozen=True, slots=True)
class FileAsked:
    """What a verdict can be on: a file's documents, by type and kind, and the numbers of those that wait."""

    documents: Sequence[tuple[DocumentType, str]]
    waiting: Sequence[int]


def require_sound(verdict: DocumentVerdict, file: FileAsked) -> DocumentVerdict:
    """The verdict, its values as they are kept.

    Raises:
        VerdictRefusedError: it lacks something, or is on nothing that waits.
        InvalidRequestError: a field that documents of this type do not have, or a value of another type.
    """
    if verdict.document is not None and verdict.document not in file.waiting:
        raise VerdictRefusedError(f"No document {verdict.document} of this file waits for a person.")
    if verdict.action == "return":
        _require_return(verdict)
        return verdict
    _require_accept(verdict, file)
    kept = tuple(_kept(verdict.fields or (), _kind(verdict, file)))
    wrong = tuple(one for one in kept if isinstance(one, FieldError))
    if wrong:
        raise InvalidRequestError(wrong)
    fields = [one for one in kept if isinstance(one, CorrectedField)]
    return verdict.model_copy(update={"fields": fields or None})


def _require_return(verdict: DocumentVerdict) -> None:
    if not verdict.codes:
        raise VerdictRefusedError("To return a document, name in codes what is wrong with it.")
    if verdict.type or verdict.fields:
        raise VerdictRefusedError("A document that goes back is not corrected: leave out type and fields.")


def _require_accept(verdict: DocumentVerdict, file: FileAsked) -> None:
    if verdict.codes:
        raise VerdictRefusedError("codes go with the action return only.")
    if verdict.document is not None:
        return
    if file.waiting:
        numbers = ", ".join(map(str, file.waiting))
        raise VerdictRefusedError(f"Name in document the one that is accepted; {numbers} of this file wait.")
    if file.documents and (verdict.type or verdict.fields):
        raise VerdictRefusedError("No document of this file waits, so none of them can be corrected.")
    if not file.documents and verdict.type is None:
        raise VerdictRefusedError("No machine could read this file: say in type what it is.")


def _kind(verdict: DocumentVerdict, file: FileAsked) -> str:
    """The kind that the document is to be of."""
    found = file.documents[verdict.document - 1] if verdict.document is not None else None
    if verdict.type is None or (found and found[0] == verdict.type):
        return found[1] if found else ""
    return kind_for(verdict.type)


def _kept(fields: Sequence[CorrectedField], kind: str) -> Iterator[CorrectedField | FieldError]:
    """Each field in the form it is kept in, or what is wrong with it."""
    known, named = field_kinds(kind), set[str]()
    for index, one in enumerate(fields):
        value_kind = known.get(one.name)
        value = value_of(one.value, value_kind) if value_kind else None
        if value_kind is None:
            yield FieldError(f"/fields/{index}/name", "is no field of a document of this type")
        elif one.name in named:
            yield FieldError(f"/fields/{index}/name", "is named twice")
        elif value is None:
            yield FieldError(f"/fields/{index}/value", _LIKE[value_kind])
        else:
            yield one.model_copy(update={"value": written(value)})
        named.add(one.name)
