"""Files that wait for a person. A verdict names the state it was given on (If-Match)."""

from __future__ import annotations

from typing import Final, get_args

from contract.operations.model import IF_NONE_MATCH, READ, WRITE, Answer, Body, Operation, Parameter, path_id
from lendgate.schema.requests import DocumentMediaType

_DOCUMENT_ID: Final = path_id("document_id", "The id that GET /inspections gave.")
_IF_MATCH: Final = Parameter("If-Match", "header", "The ETag the file was read with.", required=True)

OPERATIONS: Final = (
    Operation(
        "GET",
        "/inspections",
        "listInspections",
        "documents:review",
        "The files that wait for a person, page by page.",
        (Answer(200, "Found.", "InspectionPage"),),
        (*READ, "invalid-request"),
        parameters=(Parameter("cursor", "query", "Where the last page ended."),),
    ),
    Operation(
        "GET",
        "/inspections/{document_id}",
        "getInspection",
        "documents:review",
        "One file, what was found in it, and what people said of it.",
        (Answer(200, "Found.", "Inspection", headers=("ETag",)),),
        READ,
        parameters=(_DOCUMENT_ID, IF_NONE_MATCH),
    ),
    Operation(
        "GET",
        "/inspections/{document_id}/content",
        "openInspection",
        "documents:review",
        "The file as it was sent, to be saved; each look is put on record.",
        (
            Answer(
                200,
                "Its bytes. They are a stranger's: open them in a viewer that you trust with hostile files.",
                media_types=(*get_args(DocumentMediaType), "application/octet-stream"),
                headers=("Content-Disposition",),
            ),
        ),
        READ,
        parameters=(_DOCUMENT_ID,),
    ),
    Operation(
        "POST",
        "/inspections/{document_id}/verdict",
        "judgeDocument",
        "documents:decide",
        "Accept a document, corrected where it was read wrong, or send it back.",
        (Answer(200, "Done; the file as it is now.", "Inspection", headers=("ETag",)),),
        (*WRITE, "conflict", "precondition-failed", "precondition-required"),
        Body("document_verdict"),
        (_DOCUMENT_ID, _IF_MATCH),
    ),
)
