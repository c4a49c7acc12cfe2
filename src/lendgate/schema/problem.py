"""Every refusal and failure, at the edge and at the origin: RFC 9457 problem details.

Law: the ``type`` URIs below are the whole list, the same in ``edge/src/problem.ts``; a problem says what
is wrong, where, and what to do, and never which secret was involved.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict


class ProblemKind(NamedTuple):
    """A type URI's fixed parts: HTTP status and title."""

    status: int
    title: str


PREFIX: Final = "urn:lendgate:problem:"
KINDS: Final[dict[str, ProblemKind]] = {
    "unauthenticated": ProblemKind(401, "The caller is not authenticated"),
    "unsigned-request": ProblemKind(401, "The request does not carry a valid signature of the edge"),
    "forbidden": ProblemKind(403, "The caller may not do this"),
    "not-found": ProblemKind(404, "There is nothing here"),
    "method-not-allowed": ProblemKind(405, "This method is not offered here"),
    "request-timeout": ProblemKind(408, "The request took too long to arrive"),
    "conflict": ProblemKind(409, "The request conflicts with the present state"),
    "length-required": ProblemKind(411, "The request does not say how long it is"),
    "precondition-failed": ProblemKind(412, "The record has changed since it was read"),
    "too-large": ProblemKind(413, "The request is too large"),
    "unsupported-media-type": ProblemKind(415, "The body is not of a supported type"),
    "invalid-application": ProblemKind(422, "The application is not valid"),
    "invalid-request": ProblemKind(422, "The request is not valid"),
    "precondition-required": ProblemKind(428, "The request must say which state it means"),
    "rate-limited": ProblemKind(429, "Too many requests"),
    "headers-too-large": ProblemKind(431, "The request's headers are too large"),
    "internal": ProblemKind(500, "Something failed on our side"),
    "origin-unavailable": ProblemKind(503, "The review service is not available"),
    "gate-misconfigured": ProblemKind(503, "The gate is not configured"),
}


class ProblemError(BaseModel):
    """One place that is wrong: RFC 6901 JSON Pointer and one sentence."""

    model_config = ConfigDict(frozen=True)

    pointer: str
    detail: str


class Problem(BaseModel):
    """RFC 9457 problem details with Lendgate's extension members. Readers ignore what they do not know."""

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    detail: str
    """One plain sentence; ``reason`` repeats it for callers that read ``ok`` and ``reason`` only."""
    ok: Literal[False] = False
    reason: str
    errors: list[ProblemError] = []
    request_id: str
    instance: str | None = None
