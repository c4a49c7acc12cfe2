"""Requests to addresses that somebody else chose: webhooks.

Law: the name is looked up once, every address it has is judged (``addresses``), and the connection goes to
one that was judged: what the name means a moment later does not matter. No redirect is followed, no proxy
or cookie is used, the answer is not read, and everything together has one deadline. TLS is verified for the
name, not for the address.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import httpx

from lendgate.errors import LendgateError
from lendgate.workflow.addresses import is_public

_DEADLINE_SECONDS: Final = 15.0
_PORTS: Final = (443, 8443)
_MAX_URL: Final = 2_000
_TRIED: Final = 2
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Addresses of a name, as text; raises OSError when it has none."""


class AddressError(LendgateError):
    """A URL that no webhook may go to; says why."""


class UnreachableError(LendgateError):
    """Nobody answered; says how in one word: name, connection, timeout."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system for a name's addresses."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def checked_url(url: str, *, allow_private: bool = False) -> httpx.URL:
    """A URL that a webhook may be sent to, as far as the URL itself can tell.

    Raises:
        AddressError: it is not https, carries a password or a fragment, or names another port.
    """
    if len(url) > _MAX_URL:
        raise AddressError(f"the URL is longer than {_MAX_URL} characters")
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as cause:
        raise AddressError(f"not a URL: {cause}") from cause
    if parsed.scheme != "https" and not (allow_private and parsed.scheme == "http"):
        raise AddressError("the URL must begin with https://")
    if not parsed.host or parsed.userinfo or parsed.fragment:
        raise AddressError("the URL must name a host, and neither a user nor a fragment")
    if _port(parsed) not in _PORTS and not allow_private:
        raise AddressError(f"the port must be one of {', '.join(map(str, _PORTS))}")
    return parsed


class Outbound:
    """Sends to vetted addresses; close it (``contextlib.aclosing``)."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        resolve: Resolve = resolve,
        deadline: float = _DEADLINE_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``allow_private`` is for tests and networks without an outside: then any address will do."""
        self.allow_private = allow_private
        self._resolve = resolve
        self._deadline = deadline
        self._http = httpx.AsyncClient(
            verify=tls or httpx.create_ssl_context(),
            trust_env=False,
            follow_redirects=False,
            timeout=deadline,
            # A connection is to one address for one request: none is kept for whoever comes next.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def aclose(self) -> None:
        """Close the client."""
        await self._http.aclose()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send a body; the status of the answer.

        Raises:
            AddressError: the URL, or an address behind its name, is none a webhook may go to.
            UnreachableError: nobody answered in time, or the connection failed.
        """
        target = checked_url(url, allow_private=self.allow_private)
        try:
            async with asyncio.timeout(self._deadline):
                addresses = await self._addresses(target)
                return await self._first_that_connects(target, addresses, body, headers)
        except (TimeoutError, httpx.TimeoutException) as cause:
            raise UnreachableError("timeout") from cause
        except httpx.HTTPError as cause:
            raise UnreachableError("connection") from cause

    async def _addresses(self, target: httpx.URL) -> Sequence[str]:
        try:
            found = await self._resolve(target.host, _port(target))
        except OSError as cause:
            raise UnreachableError("name") from cause
        if not found:
            raise UnreachableError("name")
        if not self.allow_private and not all(map(is_public, found)):
            raise AddressError("the name leads to an address that is not public")
        return found

    async def _first_that_connects(
        self, target: httpx.URL, addresses: Sequence[str], body: bytes, headers: Mapping[str, str]
    ) -> int:
        *first, last = addresses[:_TRIED]
        for address in first:
            with suppress(httpx.ConnectError):
                return await self._send(target, address, body, headers)
        return await self._send(target, last, body, headers)

    async def _send(self, target: httpx.URL, address: str, body: bytes, headers: Mapping[str, str]) -> int:
        request = self._http.build_request(
            "POST",
            target.copy_with(host=address),
            content=body,
            headers={**headers, "host": target.netloc.decode("ascii")},
            extensions={"sni_hostname": target.raw_host.decode("ascii")},
        )
        response = await self._http.send(request, stream=True)
        await response.aclose()
        return response.status_code


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)
