"""Documents: metadata first, then bytes, then what the triage found."""

from __future__ import annotations

from typing import Final

from contract.operations.model import (
    READ,
    WRITE,
    Answer,
    Body,
    Operation,
    Parameter,
    path_id,
)

_DOCUMENT_ID: Final = path_id("document_id", "The id that POST /documents gave.")

OPERATIONS: Final = (
    Operation(
        "POST",
        "/documents",
        "announceDocument",
        "documents:write",
        "A document's metadata; what cannot be taken is refused before a byte is sent.",
        (Answer(201, "Send the bytes next, before it expires.", headers=("Location",)),),
        (*WRITE, "conflict"),
        Body("document_metadata"),
    ),
    Operation(
        "GET",
        "/documents/{document_id}",
        "getDocument",
        "documents:read",
        "State and result of a document's triage.",
        (Answer(200, "Found."),),
        READ,
        parameters=(_DOCUMENT_ID,),
    ),
    Operation(
        "GET",
        "/documents",
        "listDocuments",
        "documents:read",
        "The documents of an application.",
        (Answer(200, "Found."),),
        (*READ, "invalid-request"),
        parameters=(Parameter("application_id", "query", "The application's review_id.", required=True),),
    ),
)
