"""A laboratory for these tests: the stand-in on loopback, a clock that never waits, and short ways to act."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import httpx

from lendgate.cloudflare.actual import read_actual
from lendgate.cloudflare.api.client import CloudflareApi, tls
from lendgate.cloudflare.api.credentials import Credentials
from lendgate.cloudflare.api.pace import Clock
from lendgate.cloudflare.api.scrub import Scrub
from lendgate.cloudflare.api.worker import Worker
from lendgate.cloudflare.check import Asked, Checked, Gate, ask
from lendgate.cloudflare.deploy import Deploy, Deployed, Wish
from lendgate.cloudflare.desired import EDGE_VERSION, Desired, Module, read_desired
from lendgate.cloudflare.plan import Plan, make_plan
from lendgate.cloudflare.standin.app import StandIn
from lendgate.cloudflare.standin.state import Script, State, Token

ACCOUNT: Final = "0123456789abcdef0123456789abcdef"
TOKEN: Final = "cf-token-2f9d1c"
BROKER: Final = "broker-token"
SECRET: Final = "c2hhcmVkLXNlY3JldC1vZi10aGlydHktdHdvLWJ5dGU"
"""base64url of 32 bytes: the first signing key, and the canary that must never be seen."""
ZONE: Final = "zone0123456789abcdef0123456789ab"
NAME: Final = "lendgate-gate"
CODE: Final = b"export class BrokerLimiter {}\nexport default { fetch() { return new Response('one'); } };\n"

WRANGLER: Final[dict[str, Any]] = {
    "name": NAME,
    "main": "dist/gate.js",
    "no_bundle": True,
    "compatibility_date": "2026-10-23",
    "workers_dev": True,
    "observability": {"enabled": True, "head_sampling_rate": 1, "redact_query_string": True},
    "exports": {"BrokerLimiter": {"type": "durable-object", "storage": "sqlite"}},
    "durable_objects": {"bindings": [{"name": "LIMITER", "class_name": "BrokerLimiter"}]},
    "ratelimits": [{"name": "SHIELD", "namespace_id": "4201", "simple": {"limit": 600, "period": 10}}],
    "secrets": {"required": ["ORIGIN_SIGNING_KEY"]},
    "vars": {
        "EDGE_VERSION": "0.1.0",
        "LIMITS": {"request": {"per_minute": 600}},
        "ORIGIN_URL": "",
        "ORIGIN_SIGNING_KEY_ID": "edge-1",
        "ORIGIN_SIGNING_ALG": "hmac-sha256",
    },
}


class FastClock:
    """A clock on which waiting takes no time; ``waits`` are the seconds that were asked for."""

    def __init__(self) -> None:
        self.seconds = 1_795_348_800.0
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.seconds, lambda: self.seconds, self.sleep, lambda: 0.5)


@dataclass
class Lab:
    """One account on the stand-in, and an operator with a checkout."""

    url: str
    app: StandIn
    time: FastClock = field(default_factory=FastClock)
    said: list[str] = field(default_factory=list)
    timeout: float = 5.0
    attempts: int = 4

    @property
    def state(self) -> State:
        return self.app.state

    @property
    def script(self) -> Script:
        return self.state.scripts[NAME]

    @property
    def shares(self) -> dict[int, float]:
        """The split of the traffic, by number of the version."""
        if not self.script.deployments:
            return {}
        split = self.script.deployments[0].shares
        return {self.script.version(version_id).number: share for version_id, share in split.items()}

    @property
    def gate_url(self) -> str:
        return f"{self.url}/edge/{NAME}"

    def credentials(self, token: str = TOKEN, account: str = ACCOUNT) -> Credentials:
        return Credentials(account, token, f"{self.url}/client/v4")

    @asynccontextmanager
    async def worker(self, credentials: Credentials | None = None) -> AsyncIterator[Worker]:
        api = CloudflareApi(
            credentials or self.credentials(),
            clock=self.time.clock(),
            scrub=Scrub(),
            timeout=httpx.Timeout(self.timeout),
            attempts=self.attempts,
        )
        async with api:
            yield Worker(api, NAME)

    def check(self, worker: Worker, token: str | None = BROKER) -> Callable[[str], Awaitable[Checked]]:
        async def asked(version_id: str) -> Checked:
            version = await worker.version(version_id)
            async with httpx.AsyncClient(verify=tls()) as http:
                gate = Gate(self.gate_url, NAME, token)
                return await ask(
                    http, gate, Asked(version_id, version.variable(EDGE_VERSION)), self.time.clock()
                )

        return asked

    async def plan(self, desired: Desired | None = None) -> Plan:
        async with self.worker() as worker:
            wanted = desired or make_desired()
            return make_plan(wanted, await read_actual(worker, wanted))

    async def deploy(self, desired: Desired | None = None, wish: Wish | None = None) -> Deployed | None:
        """What ``lendgate edge deploy`` does; ``None`` when there is nothing to do."""
        wanted, asked = desired or make_desired(), wish or first_wish()
        async with self.worker() as worker:
            actual = await read_actual(worker, wanted)
            if actual.live and "ORIGIN_SIGNING_KEY" in actual.live.secrets and wish is None:
                asked = replace(asked, secrets={})
            plan = make_plan(wanted, actual, new_secrets=asked.secrets)
            if not plan.changes:
                return None
            run = Deploy(
                worker,
                wanted,
                actual,
                plan,
                asked,
                check=self.check(worker),
                say=self.said.append,
                fingerprint_key=TOKEN,
            )
            return await run.run()

    def calls(self, method: str, ending: str) -> int:
        """How many requests of a kind reached the API."""
        return sum(
            1 for request in self.app.recorded if request.method == method and request.path.endswith(ending)
        )


def first_wish() -> Wish:
    """What a first deploy is given."""
    return Wish(secrets={"ORIGIN_SIGNING_KEY": SECRET})


def wrangler_text(**changes: Any) -> str:
    """The test's wrangler.jsonc, with top-level keys replaced; ``None`` takes one out."""
    merged = {**WRANGLER, **changes}
    return json.dumps({key: value for key, value in merged.items() if value is not None})


def variables(**changes: str) -> dict[str, Any]:
    """``vars`` with some replaced."""
    return {**WRANGLER["vars"], **changes}


def make_desired(code: bytes = CODE, environment: str | None = None, **changes: Any) -> Desired:
    """What the checkout says, with top-level keys of wrangler.jsonc replaced."""
    return read_desired(wrangler_text(**changes), environment, (Module("gate.js", code),))


def new_state() -> State:
    """An empty account whose token may do everything."""
    return State(
        account_id=ACCOUNT, tokens={TOKEN: Token(account_id=ACCOUNT)}, zones={"lender.example": ZONE}
    )


def write_checkout(directory: Path, code: bytes = CODE, **changes: Any) -> Path:
    """A built Worker and its wrangler.jsonc on disk, as a command reads them."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "gate.js").write_bytes(code)
    digest = hashlib.sha256(code).hexdigest()
    (directory / "gate.js.sha256").write_text(f"{digest}  gate.js\n", encoding="ascii")
    (directory / "wrangler.jsonc").write_text(wrangler_text(**changes), encoding="utf-8")
    return directory
