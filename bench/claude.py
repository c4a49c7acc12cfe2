"""What Claude adds: a whole review by the stand-in at 0 ms, beside a bare SDK call to the same stand-in.

Law: the stand-in runs in a process of its own and answers at once, so what is measured is this side. Bare
calls and reviews take turns in one loop, over one kept connection each; CPU time is this process's. Tokens
are counted as the stand-in counts them (four bytes a token); dollars are the price table's.

    python -m bench.claude
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import anthropic
from pydantic import SecretStr

from bench.applications import SMALL, WHOLE
from bench.figures import median, percentile
from lendgate.analysis.claude_reviewer import MAX_TOKENS, ClaudeReviewer, DraftMemo
from lendgate.analysis.reviewer import ChargedTo
from lendgate.analysis.rules import RulesReviewer
from lendgate.analysis.telling import system_of, told
from lendgate.bootstrap import rulebook_from
from lendgate.claude.deployment import Deployment
from lendgate.claude.ledger import Ceilings, MemoryLedger
from lendgate.claude.opening import connect, open_model
from lendgate.claude.output import schema_of
from lendgate.claude.port import ModelPort
from lendgate.claude.prompts import packaged_prompt
from lendgate.intake.parse import parse_application
from lendgate.schema import Application, Usage
from lendgate.settings import ServiceSettings
from lendgate.workflow.underwrite import Rulebook, laid_out, underwrite

MODELS: Final = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5")
_ROUNDS: Final = 9
_CALLS: Final = 40
_SERVE: Final = (
    "import sys; from lendgate.claude.standin.serve import serve; "
    "from lendgate.claude.standin import Options; serve(Options(), port=int(sys.argv[1]))"
)
_AMPLE: Final = Ceilings(Decimal(1_000_000), Decimal(1_000_000))
Call = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds of CPU and of waiting, in the middle (p50)."""

    cpu_ms: float
    p50_ms: float


@dataclass(frozen=True, slots=True)
class Cost:
    """One review by one model: tokens and US dollars, first with an empty cache, then with a warm one."""

    model: str
    first: Usage
    cached: Usage


@dataclass(frozen=True, slots=True)
class Found:
    """What one run found."""

    bare: Taken
    review: Taken
    rules: Taken
    costs: tuple[Cost, ...]

    @property
    def lines(self) -> list[str]:
        """For people."""
        added, cpu = self.review.p50_ms - self.bare.p50_ms, self.review.cpu_ms - self.bare.cpu_ms
        return [
            "Claude by the stand-in at 0 ms              CPU ms   p50 ms",
            *(
                f"  {name:40} {taken.cpu_ms:8.2f} {taken.p50_ms:8.2f}"
                for name, taken in (
                    ("bare SDK call", self.bare),
                    ("whole review, Claude", self.review),
                    ("whole review, rules", self.rules),
                )
            ),
            f"  a review adds {cpu:.2f} ms of CPU and {added:.2f} ms to a bare call",
            "a review by model (small application)       tokens in/cached/out   dollars",
            *(
                f"  {cost.model:22} {when:17} {used.input_tokens:6} {used.cached_tokens:6} "
                f"{used.output_tokens:6}   {used.cost_usd:.5f}"
                for cost in self.costs
                for when, used in (("nothing cached", cost.first), ("cached", cost.cached))
            ),
        ]


def measure() -> Found:
    """Everything; takes some ten seconds."""
    with _stand_in() as url:
        return asyncio.run(_measure(url))


async def _measure(url: str) -> Found:
    rulebook, today = rulebook_from(ServiceSettings(reviewer="rules")), datetime.now(UTC).date()
    large = parse_application(WHOLE).application
    costs = await _costs(url)  # first, as what follows warms the cache
    async with _model(url) as model, _sdk(url) as sdk:
        claude = ClaudeReviewer(model, MODELS[0], 60)

        async def bare() -> object:
            return await sdk.messages.create(**body)

        async def review() -> object:
            return await underwrite(large, today, rulebook, claude)

        async def rules() -> object:
            return await underwrite(large, today, rulebook, RulesReviewer())

        body = _body(large, today, rulebook)
        asked, reviewed, ruled = await _in_turns((bare, review, rules))
    return Found(asked, reviewed, ruled, costs)


async def _in_turns(calls: tuple[Call, ...]) -> list[Taken]:
    cpu: dict[Call, list[float]] = {call: [] for call in calls}
    waits: dict[Call, list[float]] = {call: [] for call in calls}
    for call in calls:
        await call()
    for _ in range(_ROUNDS):
        for call in calls:
            before = time.process_time()
            for _ in range(_CALLS):
                begun = time.perf_counter()
                await call()
                waits[call].append(time.perf_counter() - begun)
            cpu[call].append((time.process_time() - before) / _CALLS)
    return [Taken(median(cpu[call]) * 1e3, percentile(sorted(waits[call]), 0.5) * 1e3) for call in calls]


async def _costs(url: str) -> tuple[Cost, ...]:
    """A first and a second review by each model; a stand-in caches by model."""
    rulebook, today = rulebook_from(ServiceSettings(reviewer="rules")), datetime.now(UTC).date()
    small, found = parse_application(SMALL).application, []
    _, case = laid_out(small, today, rulebook)
    async with _model(url) as model:
        for name in MODELS:
            reviewer = ClaudeReviewer(model, name, 60)
            fresh = replace(case, charged_to=ChargedTo("bench", name))
            first, second = [(await reviewer.review(fresh)).usage for _ in range(2)]
            found.append(Cost(name, first, second))
    return tuple(found)


@asynccontextmanager
async def _model(url: str) -> AsyncIterator[ModelPort]:
    endpoint = connect(Deployment(base_url=url, api_key=SecretStr("simulated")))
    try:
        yield open_model(endpoint, ledger=MemoryLedger(), ceilings=lambda _tenant: _AMPLE)
    finally:
        await endpoint.close()


@asynccontextmanager
async def _sdk(url: str) -> AsyncIterator[anthropic.AsyncAnthropic]:
    client = anthropic.DefaultAioHttpClient()
    async with anthropic.AsyncAnthropic(
        api_key="simulated", base_url=url, max_retries=0, http_client=client, open_telemetry=False
    ) as sdk:
        yield sdk


def _body(application: Application, today: date, rulebook: Rulebook) -> dict[str, Any]:
    """The request of a review, as keyword arguments of the SDK."""
    prompt = packaged_prompt("review-memo")
    case = laid_out(application, today, rulebook)[1]
    schema = anthropic.transform_schema(schema_of(DraftMemo))
    return {
        "model": MODELS[0],
        "max_tokens": MAX_TOKENS,
        "system": [
            {"type": "text", "text": block.text, "cache_control": {"type": "ephemeral", "ttl": block.cache}}
            for block in system_of(prompt)
        ],
        "messages": [{"role": "user", "content": prompt.render(**told(case))}],
        "output_config": {"format": {"type": "json_schema", "schema": schema}},
    }


@contextmanager
def _stand_in() -> Iterator[str]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    with subprocess.Popen([sys.executable, "-c", _SERVE, str(port)]) as process:
        try:
            _await_port(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _await_port(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the stand-in did not start")


if __name__ == "__main__":
    found = measure()
    if "--json" in sys.argv:
        print(json.dumps(asdict(found), default=str))
    else:
        print("\n".join(found.lines))
