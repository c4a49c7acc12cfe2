"""The one door to Cloudflare's API: a small ``httpx`` client.

Law: it sends only what ``operations`` lists, keeps the budget of calls, waits out 429, repeats only what
may be repeated, and turns every answer into a result or one of the errors of ``failures``. A call that
must not happen twice is repeated only when it surely never arrived; otherwise ``UnclearError`` tells the
caller to look first (see ``once``).
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Final, Self, TypeVar

import httpx
from pydantic import BaseModel, JsonValue, ValidationError

from lendgate.cloudflare.api.credentials import Credentials
from lendgate.cloudflare.api.failures import Fault, RefusedError, UnclearError, UnreachableError
from lendgate.cloudflare.api.operations import Operation
from lendgate.cloudflare.api.pace import Bucket, Clock
from lendgate.cloudflare.api.scrub import Scrub

ATTEMPTS: Final = 4
LONGEST_WAIT: Final = 60.0
TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0)
_RATE_LIMITED: Final = frozenset({971, 10429})
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

Part = tuple[str, tuple[str | None, bytes] | tuple[str | None, bytes, str]]
"""One part of a multipart form, in ``httpx``'s shape: name, (filename, content[, content type])."""
T = TypeVar("T")


@cache
def tls() -> ssl.SSLContext:
    """Trust in the public authorities; made once, because reading them takes longer than a call."""
    return httpx.create_ssl_context()


class _Entry(BaseModel):
    code: int = 0
    message: str = ""


class _Envelope(BaseModel):
    success: bool
    errors: list[_Entry] | None = None
    result: JsonValue = None


@dataclass(frozen=True, slots=True)
class Call:
    """One request, ready to be sent as often as is allowed."""

    operation: Operation
    path: Mapping[str, str]
    query: Mapping[str, str]
    json: JsonValue
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Again:
    """This attempt did not succeed and may be followed by another."""

    error: RefusedError | UnclearError | UnreachableError
    after: float | None = None
    """Seconds Cloudflare asked to wait."""


@dataclass(frozen=True, slots=True)
class _Done:
    result: JsonValue


class CloudflareApi:
    """Calls Cloudflare for one account. Open with ``async with``."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        clock: Clock,
        scrub: Scrub,
        timeout: httpx.Timeout = TIMEOUT,
        attempts: int = ATTEMPTS,
    ) -> None:
        scrub.learn(credentials.token)
        self.clock = clock
        self.scrub = scrub
        self._account_id = credentials.account_id
        self._attempts = attempts
        self._bucket = Bucket(clock)
        self._http = httpx.AsyncClient(
            base_url=credentials.base,
            headers={"Authorization": f"Bearer {credentials.token}", "User-Agent": "lendgate"},
            timeout=timeout,
            verify=tls(),
        )
        self.server_date: float | None = None
        """Unix seconds of the last answer's ``Date``: what Cloudflare thinks the time is."""

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        json: JsonValue = None,
        parts: tuple[Part, ...] = (),
    ) -> JsonValue:
        """Send one operation and return its ``result``.

        Raises:
            RefusedError: Cloudflare answered no.
            UnreachableError: nothing was sent.
            UnclearError: sent, and nobody knows whether it was acted on.
        """
        call = Call(operation, path or {}, query or {}, json, parts)
        attempt = 0
        while True:
            outcome = await self._attempt(call)
            if isinstance(outcome, _Done):
                return outcome.result
            attempt += 1
            if attempt >= self._attempts:
                raise outcome.error
            await self.clock.sleep(self._pause(attempt, outcome.after))

    def _pause(self, attempt: int, asked: float | None) -> float:
        if asked is not None:
            return min(asked, LONGEST_WAIT)
        return min(2.0**attempt * (0.5 + self.clock.jitter()), LONGEST_WAIT)

    async def _attempt(self, call: Call) -> _Done | _Again:
        await self._bucket.take()
        try:
            response = await self._http.send(self._request(call))
        except _NOT_SENT as cause:
            return _Again(UnreachableError(call.operation, type(cause).__name__))
        except httpx.TransportError as cause:
            unclear = UnclearError(call.operation, f"the connection ended early ({type(cause).__name__})")
            return self._repeat(call, unclear, cause)
        self.server_date = _date(response)
        return self._judge(call, response)

    def _request(self, call: Call) -> httpx.Request:
        path = call.operation.path.format(account_id=self._account_id, **call.path)
        return self._http.build_request(
            call.operation.method,
            path,
            params=dict(call.query) or None,
            json=call.json,
            files=list(call.parts) or None,
        )

    def _judge(self, call: Call, response: httpx.Response) -> _Done | _Again:
        try:
            envelope = _Envelope.model_validate_json(response.content)
        except ValidationError:
            envelope = _Envelope(success=False)
        if envelope.success and response.is_success:
            return _Done(envelope.result)
        refused = RefusedError(call.operation, response.status_code, self._faults(envelope))
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS or refused.codes & _RATE_LIMITED:
            return _Again(refused, self._retry_after(response))
        if not refused.passing:
            raise refused
        if call.operation.repeatable:
            return _Again(refused, self._retry_after(response))
        raise UnclearError(call.operation, str(refused)) from refused

    def _repeat(self, call: Call, error: UnclearError, cause: Exception) -> _Again:
        if call.operation.repeatable:
            return _Again(error)
        raise error from cause

    def _faults(self, envelope: _Envelope) -> tuple[Fault, ...]:
        return tuple(Fault(entry.code, self.scrub(entry.message)) for entry in envelope.errors or ())

    def _retry_after(self, response: httpx.Response) -> float | None:
        """RFC 9110 10.2.3: seconds, or a date."""
        text = response.headers.get("retry-after", "")
        if text.isdecimal():
            return float(text)
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - self.clock.now())
        except ValueError:
            return None


def _date(response: httpx.Response) -> float | None:
    try:
        return parsedate_to_datetime(response.headers.get("date", "")).timestamp()
    except ValueError:
        return None


async def once(
    do: Callable[[], Awaitable[T]],
    look: Callable[[], Awaitable[T | None]],
    *,
    clock: Clock,
    attempts: int = ATTEMPTS,
) -> T:
    """Do what must not be done twice: after an unclear end, look whether it was done before repeating.

    Raises:
        UnclearError: still unclear after ``attempts``.
    """
    for attempt in range(1, attempts + 1):
        try:
            return await do()
        except UnclearError:
            found = await look()
            if found is not None:
                return found
            if attempt == attempts:
                raise
            await clock.sleep(min(2.0**attempt, LONGEST_WAIT))
    raise AssertionError("unreachable: the loop returns or raises")
