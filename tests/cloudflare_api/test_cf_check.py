"""Asking the gate: which version, how often, and what each answer means."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from lendgate.cloudflare.check import Asked, Gate, ask, gate_url
from tests.cloudflare_api.lab import BROKER, CODE, NAME, FastClock, Lab, make_desired

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"routes": [{"pattern": "g.lender.example", "custom_domain": True}]}, "https://g.lender.example"),
        ({"routes": ["api.lender.example/*"]}, "https://api.lender.example"),
        ({"routes": ["https://api.lender.example/*"]}, "https://api.lender.example"),
        ({"routes": ["api.lender.example/v1/*"], "workers_dev": False}, None),
        ({"routes": ["*.lender.example/*"], "workers_dev": False}, None),
        ({}, f"https://{NAME}.acme.workers.dev"),
        ({"workers_dev": False}, None),
    ],
)
def test_where_to_ask(changes: dict[str, Any], url: str | None) -> None:
    """An address is used only when every path of its host leads to the Worker."""
    assert gate_url(make_desired(**changes), "acme") == url


def test_no_workers_dev_name() -> None:
    """Without an account name there is no workers.dev address."""
    assert gate_url(make_desired(), None) is None


async def test_nowhere_to_ask() -> None:
    """A Worker without an address is not asked, and that is said."""
    async with httpx.AsyncClient() as http:
        checked = await ask(http, Gate(None, NAME), Asked(), FastClock().clock())
    assert (checked.verdict, checked.signed) == ("not asked", False)
    assert "custom domain" in checked.do


@pytest.mark.parametrize(
    ("gate", "token", "verdict", "words"),
    [
        ({}, BROKER, "works", "accepts its signature"),
        ({}, None, "works", "the signature was not tried"),
        ({}, "wrong", "works", "refused LENDGATE_TOKEN"),
        ({"origin_keys": set()}, BROKER, "fails", "refuses the Worker's signature"),
        ({"origin_up": False}, BROKER, "fails", "its origin does not answer"),
        ({"broken_versions": {1}}, BROKER, "fails", "answered 500"),
    ],
)
async def test_answers(lab: Lab, gate: dict[str, Any], token: str | None, verdict: str, words: str) -> None:
    """Each state of gate and origin is told apart, and only the full round trip counts as signed."""
    await lab.deploy()
    for name, value in gate.items():
        setattr(lab.app.gate, name, value)
    async with lab.worker() as worker:
        checked = await lab.check(worker, token)(lab.script.versions[0].id)
    assert checked.verdict == verdict
    assert words in checked.says
    assert checked.signed == (words == "accepts its signature")
    assert checked.do or checked.signed


async def test_a_version_that_is_not_there_yet(lab: Lab) -> None:
    """An answer of the old version is no answer of the new one; asking again finds it."""
    await lab.deploy()
    lab.app.gate.ignores_override = 2
    deployed = await lab.deploy(make_desired(CODE + b"//2"))
    assert deployed is not None
    assert deployed.checked.signed
    assert lab.time.waits == [1.0, 2.0]


async def test_a_version_that_never_answers(lab: Lab) -> None:
    """After fifteen seconds the answer is no, and the version gets no traffic."""
    await lab.deploy()
    lab.app.gate.ignores_override = 99
    deployed = await lab.deploy(make_desired(CODE + b"//2"))
    assert deployed is not None
    assert "answered as 0.1.0+" in deployed.checked.says
    assert sum(lab.time.waits) == 15
    assert lab.shares == {1: 100, 2: 0}


async def test_unreachable_gate() -> None:
    """An address where nothing listens is told as such."""
    async with httpx.AsyncClient() as http:
        gate = Gate("http://127.0.0.1:1", NAME)
        checked = await ask(http, gate, Asked(), FastClock().clock(), tries=1)
    assert "cannot be reached (ConnectError)" in checked.says


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"type": "urn:lendgate:problem:gate-misconfigured", "reason": "JWKS must be set"},
            "JWKS must be set",
        ),
        ({"type": "urn:lendgate:problem:rate-limited", "reason": "later"}, "answered 503 later"),
    ],
)
async def test_a_gate_that_refuses(body: dict[str, str], words: str) -> None:
    """A gate that says why it does not work is quoted."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(503, json=body))
    async with httpx.AsyncClient(transport=transport) as http:
        checked = await ask(http, Gate("https://g.example", NAME), Asked(), FastClock().clock(), tries=1)
    assert checked.verdict == "fails"
    assert words in checked.says


def test_token_is_not_shown() -> None:
    """The broker's token is not in a representation."""
    assert BROKER not in repr(Gate("https://g.example", NAME, BROKER))
