"""Documents: metadata first, then bytes, then what the triage found."""

from __future__ import annotations

from typing import Final, get_args

from contract.operations.model import (
    BODY,
    GATE,
    ORIGIN,
    READ,
    WRITE,
    Answer,
    Body,
    Operation,
    Parameter,
    path_id,
)
from lendgate.schema.requests import DocumentMediaType

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
        "PUT",
        "/documents/{document_id}/content",
        "sendDocument",
        "documents:write",
        "The document's bytes: of the type, length and digest that were announced.",
        (Answer(202, "Received whole; the triage follows."),),
        (*GATE, "length-required", "request-timeout", *BODY, "not-found", "conflict", *ORIGIN),
        Body(None, get_args(DocumentMediaType)),
        (
            _DOCUMENT_ID,
            Parameter("Content-Length", "header", "Bytes, at most 20 MiB.", required=True),
            Parameter("Content-Digest", "header", "RFC 9530: `sha-256=:…:`.", required=True),
        ),
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
