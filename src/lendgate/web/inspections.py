"""``/inspections``: files that triage left to a person. The queue, one file, its bytes, a verdict on it.

Law: these routes see every broker's files of the tenant and nobody else's, for the lender's own people alone:
signals of tampering are in their answers. A verdict names the ETag it was given on: 428 without one, 412 when
the file has changed since. The actor is the token's sub. The bytes of a file are a stranger's: they go out to
be saved, never to be shown, and nothing in their headers is the sender's.
"""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response

from lendgate.errors import NotFoundError
from lendgate.intake.body import parse_request
from lendgate.schema.inspection import DocumentVerdict, Inspection, InspectionPage
from lendgate.web.conditional import is_known, tag, version_of
from lendgate.web.paging import PAGE, cursor_of, place_of
from lendgate.web.reviews import service_of
from lendgate.web.signed import caller
from lendgate.workflow.inspection_content import Look, open_file
from lendgate.workflow.inspections import (
    NOT_HERE,
    FileAsRead,
    inspect,
    judge_document,
    waiting_files,
)

router: Final = APIRouter()
# Whatever a browser makes of it: not a page of this origin, no script, no guess at what it may be.
_HOSTILE: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


@router.get("/inspections")
async def list_inspections(request: Request, cursor: str | None = None) -> Response:
    """What waits for a person, oldest first; ``next`` is the cursor of the next page, where there is one."""
    tenant = caller(request, "documents:review").principal.tenant
    after = place_of(cursor, "GET /inspections")
    found = await waiting_files(service_of(request).desk, tenant, after, PAGE + 1)
    page = found[:PAGE]
    following = cursor_of(page[-1].waiting_since, page[-1].document_id) if found[PAGE:] else None
    return _json(InspectionPage(inspections=tuple(page), next=following).model_dump_json(exclude_none=True))


@router.get("/inspections/{document_id}")
async def get_inspection(
    document_id: str, request: Request, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """One file with all that a verdict is given on."""
    tenant = caller(request, "documents:review").principal.tenant
    found = await inspect(service_of(request).desk, tenant, _id(document_id))
    if is_known(if_none_match, tag(found.version)):
        return Response(status_code=304, headers={"ETag": tag(found.version)})
    return _shown(found)


@router.get("/inspections/{document_id}/content")
async def get_content(document_id: str, request: Request) -> Response:
    """The file as it was sent. The look is in the audit trail before the first byte is out."""
    principal, service = caller(request, "documents:review").principal, service_of(request)
    look = Look(principal.tenant, _id(document_id), principal.subject)
    opened = await open_file(service.desk, service.blobs, look)
    named = {"Content-Disposition": f'attachment; filename="{opened.name}"'}
    return Response(opened.content, media_type=opened.media_type, headers=_HOSTILE | named)


@router.post("/inspections/{document_id}/verdict")
async def judge(
    document_id: str, request: Request, if_match: Annotated[str | None, Header()] = None
) -> Response:
    """Accept a document or send it back; the file as it is afterwards."""
    principal = caller(request, "documents:decide").principal
    version, body = version_of(if_match), parse_request(DocumentVerdict, await request.body())
    read = FileAsRead(principal.tenant, _id(document_id), version, principal.subject)
    return _shown(await judge_document(service_of(request).desk, read, body))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError(NOT_HERE) from None


def _shown(found: Inspection) -> Response:
    return _json(found.model_dump_json(exclude_none=True), found.version)


def _json(body: str, version: int | None = None) -> Response:
    headers = {"Cache-Control": "no-store"} | ({"ETag": tag(version)} if version else {})
    return Response(body, media_type="application/json", headers=headers)
