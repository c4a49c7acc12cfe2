"""One request to the origin, signed by the doctor: it must be what the origin's own check accepts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from lendgate.cli.edge_probe import origin_finding, signing_key
from lendgate.cloudflare.findings import Finding
from lendgate.cloudflare.keys import for_origin, new_ed25519
from lendgate.errors import SettingsError, UnsignedRequestError
from lendgate.web.signature import verify
from lendgate.web.signature_base import SignedRequest
from lendgate.web.signature_keys import verify_keys_from_json
from tests.cloudflare_api.lab import SECRET

pytestmark = pytest.mark.anyio
URL = "https://origin.example"
SHARED = f'{{"edge-1": {{"alg": "hmac-sha256", "key": "{SECRET}"}}}}'
Answer = Callable[[httpx.Request], httpx.Response]


def _origin(keys: str, now: datetime | None = None) -> Answer:
    """An origin with these keys: 404 to what the real signature check lets in, 401 to the rest."""

    def answer(request: httpx.Request) -> httpx.Response:
        parts = urlsplit(str(request.url))
        headers = tuple((name.lower(), value) for name, value in request.headers.multi_items())
        signed = SignedRequest(request.method, parts.path, parts.query, headers, request.content)
        try:
            verify(signed, verify_keys_from_json(keys), now or datetime.now(UTC), timedelta(seconds=60))
        except UnsignedRequestError as refusal:
            return httpx.Response(401, json={"reason": str(refusal)})
        return httpx.Response(404, json={}, headers={"content-type": "application/problem+json"})

    return answer


async def _find(answer: Answer, algorithm: str = "hmac-sha256", **environ: str) -> Finding:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        return await origin_finding(http, URL, "edge-1", algorithm, environ)


async def test_shared_key_is_accepted() -> None:
    """What the doctor signs with the shared secret passes the origin's own check."""
    finding = await _find(_origin(SHARED), ORIGIN_SIGNING_KEY=SECRET)
    assert (finding.verdict, finding.says) == ("ok", f"{URL} accepts signatures of the key edge-1")


async def test_ed25519_key_is_accepted() -> None:
    """The entry that a new key pair gives for the origin verifies what its private half signs."""
    key = new_ed25519("edge-1")
    keys = for_origin(key.key_id, key.algorithm, key.public)
    assert (await _find(_origin(keys), "ed25519", ORIGIN_SIGNING_KEY=key.secret)).verdict == "ok"


async def test_unknown_key() -> None:
    """A key the origin does not hold is told with where it belongs."""
    finding = await _find(_origin(SHARED.replace("edge-1", "edge-0")), ORIGIN_SIGNING_KEY=SECRET)
    assert finding.verdict == "problem"
    assert "LENDGATE_EDGE_KEYS" in finding.do


async def test_wrong_clock() -> None:
    """A signature refused for its time is the clock's fault, not the key's."""
    late = datetime.now(UTC) - timedelta(minutes=5)
    finding = await _find(_origin(SHARED, late), ORIGIN_SIGNING_KEY=SECRET)
    assert finding.verdict == "problem"
    assert "clock" in finding.do


@pytest.mark.parametrize(
    ("status", "verdict", "words"),
    [(200, "unknown", "signatures were not tried"), (502, "problem", "/livez answers 502")],
)
async def test_without_the_key(status: int, verdict: str, words: str) -> None:
    """Without the secret only reachability is judged."""
    finding = await _find(lambda _request: httpx.Response(status))
    assert finding.verdict == verdict
    assert words in finding.says


async def test_unreachable() -> None:
    """An origin that cannot be reached from here may be private; that is said."""

    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    finding = await _find(refuse)
    assert finding.verdict == "problem"
    assert "private origin" in finding.do


@pytest.mark.parametrize(("status", "words"), [(500, "answers 500"), (404, "answers 404")])
async def test_something_else_answers(status: int, words: str) -> None:
    """An answer that is not the service's own is no proof of anything."""
    finding = await _find(lambda _request: httpx.Response(status), ORIGIN_SIGNING_KEY=SECRET)
    assert finding.verdict == "problem"
    assert words in finding.says


@pytest.mark.parametrize(
    ("algorithm", "secret"), [("hmac-sha256", "short"), ("ed25519", "{}"), ("ed25519", "not json")]
)
def test_secret_of_another_kind(algorithm: str, secret: str) -> None:
    """A secret that does not fit the algorithm is told without being shown."""
    with pytest.raises(SettingsError) as refused:
        signing_key(algorithm, secret)
    assert secret not in str(refused.value)
