"""What a file's sender is told after a verdict: the triage they were told of, with what a person said of it.

Law: this goes out. Of a return the fixed sentences pass here, of an accept the document as it now stands,
masked; written reasons, names of underwriters, signals and doubts of later triages do not. Pure.
"""

from __future__ import annotations

from lendgate.documents.kinds import kind_of
from lendgate.documents.present import found_document
from lendgate.documents.returning import told_of
from lendgate.schema.documents import DocumentRoute, FoundDocument, TriageResult
from lendgate.schema.enums import DocumentType
from lendgate.workflow.inspected import InspectedFile


def told_by(file: InspectedFile, before: TriageResult, missing: tuple[DocumentType, ...]) -> TriageResult:
    """What the sender is told now; ``before`` is what they were told last."""
    documents = tuple(_document(file, one) for one in before.documents)
    alone = file.by_hand(1)
    if alone is not None:
        documents = (found_document(alone, 1, "accept", ()),)
    return TriageResult(
        route=_route(file, documents),
        reasons=_reasons(file, before, documents),
        documents=documents,
        missing_types=missing,
    )


def _document(file: InspectedFile, told: FoundDocument) -> FoundDocument:
    standing = file.standing(told.number)
    if file.judged(told.number) is None or standing == "waits":
        return told  # what was told stands until a person says something else
    if standing == "accepted":
        return found_document(file.document(told.number, told.number), told.number, "accept", ())
    kind = kind_of(file.file.documents[told.number - 1].kind)
    words = told_of(file.codes_of(told.number), kind.title if kind else None)
    return told.model_copy(update={"route": "return_to_sender", "reasons": words})


def _route(file: InspectedFile, documents: tuple[FoundDocument, ...]) -> DocumentRoute:
    """A file that waits for nobody goes back where anything in it does: its sender has something to do."""
    if file.is_open:
        return "human_review"
    back = file.codes_of(None) or any(one.route == "return_to_sender" for one in documents)
    return "return_to_sender" if back else "accept"


def _reasons(
    file: InspectedFile, before: TriageResult, documents: tuple[FoundDocument, ...]
) -> tuple[str, ...]:
    back = (reason for one in documents if one.route == "return_to_sender" for reason in one.reasons)
    whole = told_of(file.codes_of(None), None) if not documents else ()
    return tuple(dict.fromkeys((*(before.reasons if file.is_open else ()), *back, *whole)))
