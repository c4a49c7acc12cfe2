"""The one place where an error becomes an answer: RFC 9457 problem details, kinds of ``schema.problem``.

Law: every failure leaves through here. What Lendgate raised on purpose says its own sentence; whatever
was not foreseen says one generic sentence outside and, in the log, its type and place but never its
message, which may quote a person's data.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lendgate.decision.refusals import DecisionRefusedError
from lendgate.errors import (
    FieldError,
    GateUnavailableError,
    InvalidBodyError,
    InvalidRequestError,
    LendgateError,
    NotFoundError,
    UnsignedRequestError,
)
from lendgate.review.refusals import ClosedError, HeldError, StaleError, VerdictRefusedError
from lendgate.schema.problem import KINDS, PREFIX, Problem, ProblemError
from lendgate.store.database import CommitUnknownError, StoreUnavailableError
from lendgate.store.shelves import ShelfUnavailableError
from lendgate.web.conditional import NoVersionError
from lendgate.web.idempotency import NoKeyError
from lendgate.web.replay import NonceLedgerFullError
from lendgate.web.streamed import ContentError
from lendgate.workflow.accept import KeyTakenError
from lendgate.workflow.documents import (
    HeldAlreadyError,
    OtherContentError,
    TooManyDocumentsError,
    UploadOverError,
)
from lendgate.workflow.inbox import InboxError, NoInboxError
from lendgate.workflow.inspection_content import OriginalLostError
from lendgate.workflow.intake import ConversationFullError
from lendgate.workflow.intake_submit import ChangedError, NotConfirmedError
from lendgate.workflow.repeat import InFlightError, OtherBodyError

UNKNOWN_REQUEST: Final = "unknown"
_LOG: Final = logging.getLogger("lendgate.web")
_GENERIC: Final = "Something failed on our side; nothing you sent is at fault. Please try again."
_AWAY: Final = "origin-unavailable"
_INTERNAL: Final = "internal"
_BY_STATUS: Final = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    408: "request-timeout",
    409: "conflict",
    411: "length-required",
    412: "precondition-failed",
    413: "too-large",
    415: "unsupported-media-type",
    428: "precondition-required",
    429: "rate-limited",
    431: "headers-too-large",
    503: _AWAY,
}
_BY_ERROR: Final[dict[type[LendgateError], str]] = {
    UnsignedRequestError: "unsigned-request",
    NotFoundError: "not-found",
    GateUnavailableError: _AWAY,
    NonceLedgerFullError: _AWAY,
    InFlightError: "conflict",
    KeyTakenError: "conflict",
    OtherBodyError: "invalid-request",
    NoKeyError: "invalid-request",
    HeldAlreadyError: "conflict",
    TooManyDocumentsError: "conflict",
    UploadOverError: "conflict",
    OtherContentError: "invalid-request",
    InboxError: "invalid-request",
    NoInboxError: _AWAY,
    ShelfUnavailableError: _AWAY,
    OriginalLostError: _INTERNAL,
    ConversationFullError: "conflict",
    NotConfirmedError: "conflict",
    ChangedError: "conflict",
    StaleError: "precondition-failed",
    NoVersionError: "precondition-required",
    HeldError: "conflict",
    ClosedError: "conflict",
    VerdictRefusedError: "invalid-request",
    DecisionRefusedError: "invalid-request",
}
_NOT_STORED: Final = "The service cannot reach its records now, so nothing was accepted; try again later."
_PERHAPS_STORED: Final = (
    "The service lost its records' answer, so whether the request was accepted is not known; "
    "sending it again with the same Idempotency-Key is safe."
)
_SERVER_ERROR: Final = 500
_RETRY: Final = {"Retry-After": "5"}
_SOON: Final = {"Retry-After": "1"}


def problem(
    kind: str,
    reason: str,
    request_id: str,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document as a response; ``kind`` is a key of ``schema.problem.KINDS``."""
    status, title = KINDS[kind]
    document = Problem(
        type=PREFIX + kind,
        title=title,
        status=status,
        detail=reason,
        reason=reason,
        errors=[ProblemError(pointer=error.pointer, detail=error.detail) for error in errors],
        request_id=request_id,
    )
    return Response(
        document.model_dump_json(exclude_none=True),
        status_code=status,
        media_type="application/problem+json",
        headers={"Cache-Control": "no-store", "X-Request-Id": request_id, **(headers or {})},
    )


def problem_of(error: Exception, request_id: str) -> Response:
    """The answer to an error; logs it when nobody foresaw it."""
    if isinstance(error, InvalidBodyError):
        body = "request" if isinstance(error, InvalidRequestError) else "application"
        return problem(f"invalid-{body}", _first_of(error.errors), request_id, error.errors)
    if isinstance(error, RequestValidationError):
        return _invalid_request(error, request_id)
    if isinstance(error, HTTPException):
        return _of_status(error, request_id)
    if isinstance(error, StoreUnavailableError):
        _LOG.error("request %s: %s", request_id, error)  # the operator's sentence, not the caller's
        sentence = _PERHAPS_STORED if isinstance(error, CommitUnknownError) else _NOT_STORED
        return problem(_AWAY, sentence, request_id, headers=_RETRY)
    if kind := _kind_of(error):
        if kind == _INTERNAL:
            _LOG.error("request %s: %s", request_id, error)  # nobody but the operator can mend it
        soon = _SOON if isinstance(error, InFlightError | KeyTakenError) else None
        return problem(kind, str(error), request_id, headers=_RETRY if kind == _AWAY else soon)
    _LOG.error("request %s failed: %s", request_id, _trace(error))
    return problem(_INTERNAL, _GENERIC, request_id)


def _kind_of(error: Exception) -> str | None:
    """The kind of an error whose own sentence is the caller's."""
    if isinstance(error, ContentError):
        return error.kind
    return next((kind for raised, kind in _BY_ERROR.items() if isinstance(error, raised)), None)


def request_id_of(scope: Scope) -> str:
    """The id the door gave the request (``web.door``)."""
    state = scope.get("state") or {}
    return str(state.get("request_id", UNKNOWN_REQUEST))


def install(app: FastAPI) -> None:
    """Make every failure of this application a problem document.

    Call it after other ``add_middleware``: what is added later stands outside and is not covered.
    """

    def answer(request: Request, error: Exception) -> Response:
        return problem_of(error, request_id_of(request.scope))

    app.add_exception_handler(HTTPException, answer)
    app.add_exception_handler(RequestValidationError, answer)
    app.add_middleware(_LastResort)


class _LastResort:
    """Answers what nothing further in has answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:  # noqa: BLE001 - the one broad catch: nobody may see an unforeseen error
            response = problem_of(error, request_id_of(scope))
            if started:
                # Too late for another answer: break the connection, or a cut-off answer would look whole.
                raise ConnectionAbortedError(f"answer to {request_id_of(scope)} broke off") from None
            await response(scope, receive, send)


def _of_status(error: HTTPException, request_id: str) -> Response:
    kind = _BY_STATUS.get(
        error.status_code, _INTERNAL if error.status_code >= _SERVER_ERROR else "invalid-request"
    )
    if kind == _INTERNAL:
        return problem(kind, _GENERIC, request_id, headers=error.headers)
    said = error.detail if error.detail != HTTPStatus(error.status_code).phrase else f"{KINDS[kind].title}."
    return problem(kind, str(said), request_id, headers=error.headers)


def _first_of(errors: Sequence[FieldError]) -> str:
    """The first error as a sentence, in the words of the edge (``edge/src/problem.ts``)."""
    first = errors[0]
    subject = "the body" if not first.pointer and not first.detail.startswith("the body") else first.pointer
    sentence = f"{subject} {first.detail}".strip()
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{sentence[0].upper()}{sentence[1:]}{more}."


def _invalid_request(error: RequestValidationError, request_id: str) -> Response:
    errors = tuple(_field_error(found["loc"], found["msg"]) for found in error.errors())
    return problem("invalid-request", f"The request is not valid: {errors[0].detail}.", request_id, errors)


def _field_error(location: Iterable[str | int], message: str) -> FieldError:
    place, *path = location
    words = message[:1].lower() + message[1:]
    if place == "body":
        return FieldError("".join("/" + _escaped(str(step)) for step in path), words)
    return FieldError("", f"{place} parameter {'.'.join(map(str, path))}: {words}")


def _escaped(token: str) -> str:
    """A reference token of RFC 6901 section 3."""
    return token.replace("~", "~0").replace("/", "~1")


def _trace(error: BaseException) -> str:
    """Types and places of an error and of what caused it: no message, no value."""
    places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    own = f"{type(error).__module__}.{type(error).__qualname__} at {' > '.join(places) or 'no frame'}"
    earlier = error.__cause__ or error.__context__
    return f"{own}, after {_trace(earlier)}" if earlier else own
