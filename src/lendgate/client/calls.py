"""What every call has in common: bodies out, answers in, and what their failures are called.

Law: a refusal is a value of the gate (``RefusedError``); whatever is no answer of a gate is a
``GateUnavailableError``.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from lendgate.errors import GateUnavailableError, LendgateError, SettingsError
from lendgate.schema import Application, Problem
from lendgate.schema.base import plain_number
from lendgate.schema.problem import KINDS, PREFIX

MAX_BODY_BYTES: Final = 262_144
"""What the gate takes at the most (``edge/src/bound.ts``)."""
Body = Mapping[str, Any] | Application | bytes
Shape = TypeVar("Shape", bound=BaseModel)


class RefusedError(LendgateError):
    """The gate or the service said no, and why; ``retry_after`` is in seconds, where it was said."""

    def __init__(self, problem: Problem, retry_after: int | None = None) -> None:
        self.problem = problem
        self.retry_after = retry_after
        super().__init__(problem.reason)


def encode(application: Body) -> bytes:
    """An application as the bytes to send; bytes go as they are, and the gate judges what they hold."""
    if isinstance(application, bytes):
        return application
    return json.dumps(application, default=_plain).encode()


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def token_headers(token: str) -> dict[str, str]:
    """The headers of every call; a ``SettingsError`` for what is no token."""
    if not re.fullmatch(r"[!-~]+", token.strip(), re.ASCII):
        raise SettingsError("the token is empty or holds characters that no token has: mint or copy it again")
    return {"authorization": f"Bearer {token.strip()}", "accept": "application/json"}


def read(response: httpx.Response, shape: type[Shape]) -> Shape:
    """An answer in its shape.

    Raises:
        RefusedError: it is a problem document.
        GateUnavailableError: it is no answer of a gate's.
    """
    _refuse(response)
    try:
        return shape.model_validate_json(response.content)
    except ValidationError as cause:
        raise _unknown_shape(response) from cause


def read_file(response: httpx.Response) -> bytes:
    """An answer that is a file to be saved, byte for byte.

    Raises:
        RefusedError: it is a problem document.
        GateUnavailableError: it is no answer of a gate's.
    """
    _refuse(response)
    # A page that somebody on the way put in its place must not be taken for the file.
    if not response.headers.get("content-disposition", "").startswith("attachment;"):
        raise _unknown_shape(response)
    return response.content


def _refuse(response: httpx.Response) -> None:
    if response.is_success:
        return
    try:
        if response.headers.get("content-type", "").startswith("application/problem+json"):
            said = response.headers.get("retry-after", "")
            retry_after = int(said) if re.fullmatch(r"[0-9]{1,9}", said, re.ASCII) else None
            raise RefusedError(Problem.model_validate_json(response.content), retry_after)
    except ValidationError as cause:
        raise _unknown_shape(response) from cause
    raise GateUnavailableError(
        f"{response.request.url} answered {response.status_code} without a problem document; "
        "check that WORKER_BASE_URL names the Lendgate gate"
    )


def _unknown_shape(response: httpx.Response) -> GateUnavailableError:
    return GateUnavailableError(
        f"{response.request.url} answered {response.status_code} in a shape this SDK does not know; "
        "update lendgate or check WORKER_BASE_URL"
    )


def refuse_oversize(content: bytes | None) -> None:
    """The gate's own answer, given here: it answers and hangs up before such a body is sent to its end."""
    if content is None or len(content) <= MAX_BODY_BYTES:
        return
    reason = f"The body may be at most {MAX_BODY_BYTES} bytes."
    kind = KINDS["too-large"]
    problem = Problem(
        type=f"{PREFIX}too-large",
        title=kind.title,
        status=kind.status,
        detail=reason,
        reason=reason,
        request_id="not-sent",
    )
    raise RefusedError(problem)


def unreachable(base_url: str, cause: httpx.TransportError) -> GateUnavailableError:
    """The error for a gate that did not answer."""
    kind = "did not answer in time" if isinstance(cause, httpx.TimeoutException) else "cannot be reached"
    return GateUnavailableError(f"the gate at {base_url} {kind}; is it running (`lendgate serve`)?")


def address(base_url: str) -> str:
    """Where the gate is, without a slash at the end; a ``SettingsError`` for what is no address."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError(
            f"{base_url!r} is not the address of a gate; WORKER_BASE_URL looks like https://gate.example.com"
        )
    return base_url.rstrip("/")


@cache
def authorities() -> ssl.SSLContext:
    """The certificate authorities httpx trusts, read once: 40 ms that each client would spend anew."""
    return httpx.create_ssl_context()


JSON: Final = {"content-type": "application/json"}
