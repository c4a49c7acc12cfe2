"""The SDK: typed calls to the gate, sync and async.

Law: carries no server code; speaks only ``lendgate.schema``. A refusal is a value of the gate
(``RefusedError`` with the problem document); a gate that cannot be reached, or answers outside the
contract, is a ``GateUnavailableError``: nothing was accepted, unless an Idempotency-Key says otherwise.
"""

from __future__ import annotations

import json
import re
import ssl
import uuid
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from lendgate.errors import GateUnavailableError, LendgateError, SettingsError
from lendgate.schema import Application, Problem, Review, Validated
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


def _headers(token: str) -> dict[str, str]:
    if not re.fullmatch(r"[!-~]+", token.strip(), re.ASCII):
        raise SettingsError("the token is empty or holds characters that no token has: mint or copy it again")
    return {"authorization": f"Bearer {token.strip()}", "accept": "application/json"}


def _review_headers(wait: float, idempotency_key: str | None) -> dict[str, str]:
    return {
        "content-type": "application/json",
        "prefer": f"wait={wait:g}",
        "idempotency-key": idempotency_key or str(uuid.uuid4()),
    }


def _read(response: httpx.Response, shape: type[Shape]) -> Shape:
    try:
        if response.is_success:
            return shape.model_validate_json(response.content)
        if response.headers.get("content-type", "").startswith("application/problem+json"):
            said = response.headers.get("retry-after", "")
            retry_after = int(said) if re.fullmatch(r"[0-9]{1,9}", said, re.ASCII) else None
            raise RefusedError(Problem.model_validate_json(response.content), retry_after)
    except ValidationError as cause:
        raise GateUnavailableError(
            f"{response.request.url} answered {response.status_code} in a shape this SDK does not know; "
            "update lendgate or check WORKER_BASE_URL"
        ) from cause
    raise GateUnavailableError(
        f"{response.request.url} answered {response.status_code} without a problem document; "
        "check that WORKER_BASE_URL names the Lendgate gate"
    )


def _refuse_oversize(content: bytes | None) -> None:
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


def _unreachable(base_url: str, cause: httpx.TransportError) -> GateUnavailableError:
    kind = "did not answer in time" if isinstance(cause, httpx.TimeoutException) else "cannot be reached"
    return GateUnavailableError(f"the gate at {base_url} {kind}; is it running (`lendgate serve`)?")


def _address(base_url: str) -> str:
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
def _authorities() -> ssl.SSLContext:
    """The certificate authorities httpx trusts, read once: 40 ms that each client would spend anew."""
    return httpx.create_ssl_context()


_JSON = {"content-type": "application/json"}


class LendgateClient:
    """Synchronous calls to one gate as one broker. Close it, or use it in a ``with`` block."""

    def __init__(
        self, base_url: str, token: str, *, timeout: float = 30, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.base_url = _address(base_url)
        self._http = httpx.Client(
            base_url=self.base_url,
            headers=_headers(token),
            timeout=timeout,
            transport=transport,
            verify=_authorities(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def validate(self, application: Body) -> Validated:
        """The gate alone: authentication, limits, schema, completeness. Costs no review."""
        return _read(self._send("POST", "/validate", _JSON, encode(application)), Validated)

    def review(self, application: Body, *, wait: float = 20, idempotency_key: str | None = None) -> Review:
        """Send an application for review; returns when it is done or after ``wait`` seconds."""
        headers = _review_headers(wait, idempotency_key)
        return _read(self._send("POST", "/lending-review", headers, encode(application)), Review)

    def get_review(self, review_id: str) -> Review:
        """The present state of a review of this broker's."""
        return _read(self._send("GET", f"/lending-review/{review_id}", {}, None), Review)

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes | None
    ) -> httpx.Response:
        _refuse_oversize(content)
        try:
            return self._http.request(method, path, headers=headers, content=content)
        except httpx.TransportError as cause:
            raise _unreachable(self.base_url, cause) from None


class AsyncLendgateClient:
    """Asynchronous twin of ``LendgateClient``."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        timeout: float = 30,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.base_url = _address(base_url)
        self._http = httpx.AsyncClient(
            base_url=self.base_url,
            headers=_headers(token),
            timeout=timeout,
            transport=transport,
            verify=_authorities(),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._http.aclose()

    async def validate(self, application: Body) -> Validated:
        """The gate alone: authentication, limits, schema, completeness. Costs no review."""
        return _read(await self._send("POST", "/validate", _JSON, encode(application)), Validated)

    async def review(
        self, application: Body, *, wait: float = 20, idempotency_key: str | None = None
    ) -> Review:
        """Send an application for review; returns when it is done or after ``wait`` seconds."""
        headers = _review_headers(wait, idempotency_key)
        return _read(await self._send("POST", "/lending-review", headers, encode(application)), Review)

    async def get_review(self, review_id: str) -> Review:
        """The present state of a review of this broker's."""
        return _read(await self._send("GET", f"/lending-review/{review_id}", {}, None), Review)

    async def _send(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes | None
    ) -> httpx.Response:
        _refuse_oversize(content)
        try:
            return await self._http.request(method, path, headers=headers, content=content)
        except httpx.TransportError as cause:
            raise _unreachable(self.base_url, cause) from None
