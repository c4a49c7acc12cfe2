"""The second door: verifies, claims the nonce once, and hands the whole request on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from lendgate.errors import UnsignedRequestError
from lendgate.web.replay import MemoryNonces, NonceLedgerFullError
from lendgate.web.signature import Verified
from lendgate.web.signature_base import SignedRequest
from lendgate.web.signed import OPEN, SignedDoor, caller
from tests.support.edge_hand import GOOD, EdgeHand, principal
from tests.support.service import EDGE

pytestmark = pytest.mark.anyio
AT = datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC)
HAND = EdgeHand(EDGE, at=AT)


@dataclass
class Inside:
    """What stands behind the door: remembers who came and what they brought."""

    callers: list[Verified | None] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        self.callers.append(scope["state"].get("caller"))
        self.messages += [await receive(), await receive()]


@dataclass
class Knocker:
    """Sends requests to one door, at one moment, with one ledger."""

    inside: Inside = field(default_factory=Inside)
    now: datetime = AT
    capacity: int = 10

    def __post_init__(self) -> None:
        ledger = MemoryNonces(lambda: self.now, self.capacity)
        self.door = SignedDoor(self.inside, {"edge-1": EDGE.key}, ledger, lambda: self.now)  # type: ignore[dict-item]  # an HMAC key verifies, too

    async def knock(self, request: SignedRequest, body: bytes | None = None) -> None:
        arriving = [{"type": "http.request", "body": request.body if body is None else body}]

        async def receive() -> Message:
            return arriving.pop(0) if arriving else {"type": "http.disconnect"}

        async def send(_message: Message) -> None:
            pytest.fail("the door answers nothing itself")

        await self.door(scope_of(request), receive, send)


def scope_of(request: SignedRequest) -> Scope:
    return {
        "type": "http",
        "method": request.method,
        "path": request.path,
        "raw_path": request.path.encode(),
        "query_string": request.query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in request.headers],
        "state": {"request_id": "door"},
    }


async def test_a_signed_request_passes_whole_with_who_asks() -> None:
    """The body once, then whatever else happens on the connection; the principal in the scope's state."""
    knocker = Knocker()
    await knocker.knock(HAND.post())
    assert [message["type"] for message in knocker.inside.messages] == ["http.request", "http.disconnect"]
    assert knocker.inside.messages[0]["body"] == GOOD
    (verified,) = knocker.inside.callers
    assert verified is not None
    assert verified.principal == HAND.caller


async def test_invariant_k_the_second_use_is_refused_inside_the_window() -> None:
    """A minute is long enough for a thief."""
    knocker, request = Knocker(), HAND.post()
    await knocker.knock(request)
    knocker.now = AT + timedelta(seconds=59)
    with pytest.raises(UnsignedRequestError, match="used already"):
        await knocker.knock(request)
    assert len(knocker.inside.callers) == 1


async def test_invariant_k_another_body_does_not_pass() -> None:
    """What the digest does not cover never reaches a route."""
    knocker = Knocker()
    with pytest.raises(UnsignedRequestError, match="digest"):
        await knocker.knock(HAND.post(), body=b"{}")
    assert knocker.inside.callers == []


async def test_a_full_ledger_refuses_rather_than_forgets() -> None:
    """Fail closed: what cannot be told from a replay is not let in."""
    knocker = Knocker(capacity=1)
    await knocker.knock(HAND.post())
    with pytest.raises(NonceLedgerFullError):
        await knocker.knock(HAND.post())


@pytest.mark.parametrize("path", sorted(OPEN))
async def test_open_paths_pass_unsigned_and_as_nobody(path: str) -> None:
    """Health and metrics, and nobody is behind the question."""
    knocker = Knocker()
    await knocker.knock(SignedRequest("GET", path, "", (), b""))
    assert knocker.inside.callers == [None]


async def test_the_scope_a_route_needs_is_asked_of_the_principal() -> None:
    """403 without it, the caller with it."""
    knocker = Knocker()
    await knocker.knock(EdgeHand(EDGE, principal("t", "b", "review:read"), AT).post())
    request = Request({"type": "http", "state": {"caller": knocker.inside.callers[0]}})
    assert caller(request, "review:read").principal.broker_id == "b"
    with pytest.raises(HTTPException) as refused:
        caller(request, "review:write")
    assert (refused.value.status_code, "review:write" in refused.value.detail) == (403, True)
