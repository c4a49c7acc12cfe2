"""``/documents``: metadata first, then the bytes, then what became of them.

Law: a route asks for a scope first and speaks to the workflow; the bytes go on as they come, never held
whole; a document of another broker or tenant is one that does not exist. What is told is the sender's view.
"""

from __future__ import annotations

import base64
import re
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from lendgate.errors import NotFoundError
from lendgate.intake.body import parse_request
from lendgate.schema.documents import DocumentList, DocumentUpload
from lendgate.schema.requests import DocumentMetadata
from lendgate.web.reviews import service_of
from lendgate.web.signed import caller
from lendgate.workflow.documents import (
    Announced,
    OtherContentError,
    awaited,
    declare,
    find,
    receive,
    record_of,
    records_of,
)
from lendgate.workflow.inbox import taken

KEY_HEADER: Final = "lendgate-content-key"
"""Where the gate has put the bytes, signed; the request itself then brings none."""
router: Final = APIRouter()
_DIGEST: Final = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):", re.ASCII)


@router.post("/documents")
async def declare_document(request: Request) -> Response:
    """Take a document's metadata; 201 and where its bytes are awaited, until when."""
    principal = caller(request, "documents:write").principal
    metadata = parse_request(DocumentMetadata, await request.body())
    new = await declare(service_of(request).desk, metadata, principal)
    upload = DocumentUpload(
        document_id=str(new.document_id),
        upload=f"/documents/{new.document_id}/content",
        expires_at=new.expires_at,
    )
    return _sent(201, upload, str(new.document_id))


@router.put("/documents/{document_id}/content")
async def receive_content(document_id: str, request: Request) -> Response:
    """Take a document's bytes as they come, or out of the gate's bucket; 202, and they are triaged next.

    Bytes that come again, because the first answer got lost, change nothing and get the same answer.
    """
    principal = caller(request, "documents:write").principal
    service = service_of(request)
    document = await awaited(service.desk, _id(document_id), _announced(request), principal)
    key = request.headers.get(KEY_HEADER)
    parts = request.stream() if key is None else taken(service.inbox, key, document, principal)
    if document.status == "awaiting_content":
        await receive(service.desk, service.blobs, document, principal.tenant, parts)
        document = await find(service.desk, document.document_id, principal)
    else:
        async for _ in parts:
            pass
    if service.inbox and key is not None:
        await service.inbox.remove(key)
    return _sent(202, await record_of(service.desk, document, principal.tenant), document_id)


@router.get("/documents/{document_id}")
async def get_document(document_id: str, request: Request) -> Response:
    """The document as it stands, with its triage once there is one."""
    principal = caller(request, "documents:read").principal
    desk = service_of(request).desk
    document = await find(desk, _id(document_id), principal)
    return _sent(200, await record_of(desk, document, principal.tenant), document_id)


@router.get("/documents")
async def list_documents(application_id: str, request: Request) -> Response:
    """The documents of an application, oldest first."""
    principal = caller(request, "documents:read").principal
    records = await records_of(service_of(request).desk, application_id, principal)
    return _sent(200, DocumentList(documents=records))


def _id(document_id: str) -> UUID:
    try:
        return UUID(document_id)
    except ValueError as cause:
        raise NotFoundError("There is no document of yours with that id.") from cause


def _announced(request: Request) -> Announced:
    """What the headers say of the bytes; the door has seen to it that they have a length."""
    digest = _DIGEST.fullmatch(request.headers.get("content-digest", ""))
    if digest is None:
        raise OtherContentError("The content-digest header must be one SHA-256 (RFC 9530).")
    return Announced(
        media_type=request.headers.get("content-type", ""),
        size=None if KEY_HEADER in request.headers else int(request.headers["content-length"]),
        sha256=base64.b64decode(digest[1]),
    )


def _sent(status: int, body: BaseModel, document_id: str | None = None) -> Response:
    headers = {"Cache-Control": "no-store"}
    if document_id is not None:
        headers["Location"] = f"/documents/{document_id}"
    text = body.model_dump_json(exclude_none=True)
    return Response(text, status_code=status, media_type="application/json", headers=headers)
