"""Bodies that are too large to hold: which requests bring one, and how it is watched on its way in.

Law: a streamed body is bounded in size, in time and by its signed digest before its last part is handed
on. Whoever reads it to the end has read what the edge signed; whoever is interrupted by a ``ContentError``
has read nothing that may be kept.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
from typing import Final

from starlette.types import Message, Receive, Scope

from lendgate.errors import LendgateError

_CONTENT: Final = re.compile(r"/documents/[^/]+/content")


class ContentError(LendgateError):
    """A streamed body that is not what was announced; ``kind`` is a key of ``schema.problem.KINDS``."""

    def __init__(self, kind: str, reason: str) -> None:
        self.kind = kind
        super().__init__(reason)


def is_streamed(scope: Scope) -> bool:
    """Whether the body of this request is a document, to be read in parts by its route."""
    return scope["method"] == "PUT" and _CONTENT.fullmatch(scope["path"]) is not None


def measured(receive: Receive, length: int, seconds: float) -> Receive:
    """A ``receive`` that raises unless exactly ``length`` bytes come within ``seconds`` of the first ask."""
    size = 0
    deadline: float | None = None

    async def within_bounds() -> Message:
        nonlocal size, deadline
        deadline = deadline or asyncio.get_running_loop().time() + seconds
        message = await _next(receive, deadline)
        size += len(message.get("body", b""))
        if size > length or (size < length and not message.get("more_body", False)):
            raise ContentError("invalid-request", "The content is not as long as content-length says.")
        return message

    return within_bounds


def digested(receive: Receive, content_digest: str) -> Receive:
    """A ``receive`` that raises instead of giving the last part of a body that has another digest.

    ``content_digest`` is the signed field, SHA-256 only (RFC 9530 section 2).
    """
    digest = hashlib.sha256()

    async def as_signed() -> Message:
        message = await receive()
        digest.update(message.get("body", b""))
        found = f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
        whole = not message.get("more_body", False)
        if whole and not hmac.compare_digest(found.encode(), content_digest.encode()):
            raise ContentError("invalid-request", "The content does not have the digest that was announced.")
        return message

    return as_signed


async def _next(receive: Receive, deadline: float) -> Message:
    try:
        async with asyncio.timeout_at(deadline):
            message = await receive()
    except TimeoutError:
        raise ContentError("request-timeout", "The content did not arrive in time.") from None
    if message["type"] == "http.disconnect":
        raise ContentError("request-timeout", "The content broke off; send it again.")
    return message
