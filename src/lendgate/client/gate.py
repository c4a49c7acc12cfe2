"""The clients: typed calls to the gate, sync and async."""

from __future__ import annotations

import uuid
from types import TracebackType
from typing import Self

import httpx

from lendgate.client.calls import JSON, Body, encode, read
from lendgate.client.documents import AsyncDocuments, Documents
from lendgate.client.inspections import AsyncInspections, Inspections
from lendgate.client.intake import AsyncIntake, Intake
from lendgate.client.line import AsyncLine, Line
from lendgate.client.support import AsyncSupport, Support
from lendgate.schema import Review, Validated


def _review_headers(wait: float, idempotency_key: str | None) -> dict[str, str]:
    return {
        "content-type": "application/json",
        "prefer": f"wait={wait:g}",
        "idempotency-key": idempotency_key or str(uuid.uuid4()),
    }


class LendgateClient:
    """Synchronous calls to one gate as one broker. Close it, or use it in a ``with`` block."""

    def __init__(
        self, base_url: str, token: str, *, timeout: float = 30, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._line = Line(base_url, token, timeout, transport)
        self.base_url = self._line.base_url
        self.support = Support(self._line)
        self.intake = Intake(self._line)
        self.documents = Documents(self._line)
        self.inspections = Inspections(self._line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._line.close()

    def validate(self, application: Body) -> Validated:
        """The gate alone: authentication, limits, schema, completeness. Costs no review."""
        return read(self._line.send("POST", "/validate", JSON, encode(application)), Validated)

    def review(self, application: Body, *, wait: float = 20, idempotency_key: str | None = None) -> Review:
        """Send an application for review; returns when it is done or after ``wait`` seconds."""
        headers = _review_headers(wait, idempotency_key)
        return read(self._line.send("POST", "/lending-review", headers, encode(application)), Review)

    def get_review(self, review_id: str) -> Review:
        """The present state of a review of this broker's."""
        return read(self._line.send("GET", f"/lending-review/{review_id}", {}, None), Review)


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
        self._line = AsyncLine(base_url, token, timeout, transport)
        self.base_url = self._line.base_url
        self.support = AsyncSupport(self._line)
        self.intake = AsyncIntake(self._line)
        self.documents = AsyncDocuments(self._line)
        self.inspections = AsyncInspections(self._line)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._line.aclose()

    async def validate(self, application: Body) -> Validated:
        """The gate alone: authentication, limits, schema, completeness. Costs no review."""
        return read(await self._line.send("POST", "/validate", JSON, encode(application)), Validated)

    async def review(
        self, application: Body, *, wait: float = 20, idempotency_key: str | None = None
    ) -> Review:
        """Send an application for review; returns when it is done or after ``wait`` seconds."""
        headers = _review_headers(wait, idempotency_key)
        return read(await self._line.send("POST", "/lending-review", headers, encode(application)), Review)

    async def get_review(self, review_id: str) -> Review:
        """The present state of a review of this broker's."""
        return read(await self._line.send("GET", f"/lending-review/{review_id}", {}, None), Review)
