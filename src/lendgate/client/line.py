"""The line to one gate as one broker: what goes out and comes back, before anybody reads a shape.

Law: a gate that does not answer is a ``GateUnavailableError`` that says where it was looked for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

import httpx

from lendgate.client.calls import address, authorities, refuse_oversize, token_headers, unreachable


class Line:
    """Synchronous requests."""

    def __init__(
        self, base_url: str, token: str, timeout: float, transport: httpx.BaseTransport | None
    ) -> None:
        self.base_url = address(base_url)
        self._http = httpx.Client(
            base_url=self.base_url,
            headers=token_headers(token),
            timeout=timeout,
            transport=transport,
            verify=authorities(),
        )

    def close(self) -> None:
        self._http.close()

    def send(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes | None
    ) -> httpx.Response:
        """One request and its whole answer."""
        refuse_oversize(content)
        try:
            return self._http.request(method, path, headers=headers, content=content)
        except httpx.TransportError as cause:
            raise unreachable(self.base_url, cause) from None

    def put(self, path: str, headers: Mapping[str, str], content: bytes) -> httpx.Response:
        """One document's bytes; the gate judges their size by its own limit for documents."""
        try:
            return self._http.put(path, headers=headers, content=content)
        except httpx.TransportError as cause:
            raise unreachable(self.base_url, cause) from None

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str], content: bytes) -> Iterator[httpx.Response]:
        """One POST whose answer is read as it comes; an answer that is no success is whole."""
        refuse_oversize(content)
        try:
            with self._http.stream("POST", path, headers=headers, content=content) as response:
                if not response.is_success:
                    response.read()
                yield response
        except httpx.TransportError as cause:
            raise unreachable(self.base_url, cause) from None


class AsyncLine:
    """Asynchronous twin of ``Line``."""

    def __init__(
        self, base_url: str, token: str, timeout: float, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self.base_url = address(base_url)
        self._http = httpx.AsyncClient(
            base_url=self.base_url,
            headers=token_headers(token),
            timeout=timeout,
            transport=transport,
            verify=authorities(),
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    async def send(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes | None
    ) -> httpx.Response:
        """See ``Line.send``."""
        refuse_oversize(content)
        try:
            return await self._http.request(method, path, headers=headers, content=content)
        except httpx.TransportError as cause:
            raise unreachable(self.base_url, cause) from None

    async def put(self, path: str, headers: Mapping[str, str], content: bytes) -> httpx.Response:
        """See ``Line.put``."""
        try:
            return await self._http.put(path, headers=headers, content=content)
        except httpx.TransportError as cause:
            raise unreachable(self.base_url, cause) from None

    @asynccontextmanager
    async def stream(
        self, path: str, headers: Mapping[str, str], content: bytes
    ) -> AsyncIterator[httpx.Response]:
        """See ``Line.stream``."""
        refuse_oversize(content)
        try:
            async with self._http.stream("POST", path, headers=headers, content=content) as response:
                if not response.is_success:
                    await response.aread()
                yield response
        except httpx.TransportError as cause:
            raise unreachable(self.base_url, cause) from None
