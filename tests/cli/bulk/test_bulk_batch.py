"""``--batch``: half the price, the same verification, and paid for once wherever it is killed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp

from lendgate.bootstrap import rulebook_from
from lendgate.claude.anthropic_batches import AnthropicBatches
from lendgate.claude.batch import BatchState, BatchTill, Result
from lendgate.claude.deployment import Deployment
from lendgate.claude.errors import ModelError, ModelUnavailableError
from lendgate.claude.ledger import Ceilings, MemoryLedger, Reservation, Spent
from lendgate.claude.port import ModelRequest, Usage
from lendgate.claude.prices import packaged_prices
from lendgate.claude.standin import Options, app
from lendgate.claude.standin.in_process import Transport
from lendgate.cli.bulk.batch_part import Asking
from lendgate.cli.bulk.batching import Batching
from lendgate.cli.bulk.journal import ResumeError, begin
from lendgate.cli.bulk.reviewing import Numbered
from lendgate.cli.bulk.run import into
from lendgate.settings import ServiceSettings
from tests.analysis.test_claude_canaries import APPLICATION, CANARIES
from tests.support.command import lendgate, said

MODEL: Final = "claude-opus-5-5"
RULEBOOK: Final = rulebook_from(ServiceSettings(reviewer="rules"))
AMPLE: Final = Ceilings(Decimal(1_000), Decimal(10))
ROWS: Final[list[dict[str, Any]]] = [
    {"applicant_id": f"A{number}", "income": 95_000 + number, "debt_to_income": 0.31} for number in range(5)
]
ROWS[3] = {"applicant_id": "A3", "income": -1, "debt_to_income": 0.31}


class Killed(BaseException):
    """Stands for kill -9: nothing after it runs in this process."""


@dataclass
class Server:
    """A stand-in that outlives the processes that speak to it, and a ledger that does, too."""

    application: ASGIApp
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    ceilings: Ceilings = AMPLE
    sent: list[bytes] = field(default_factory=list)

    @asynccontextmanager
    async def port(self) -> Any:
        transport = Transport(self.application)
        deployment = Deployment(base_url="http://127.0.0.1", api_key=SecretStr("simulated"))
        port = AnthropicBatches(deployment, http_client=httpx2.AsyncClient(transport=transport))
        try:
            yield port
        finally:
            self.sent += transport.sent
            await port.close()

    async def batches(self) -> list[BatchState]:
        async with self.port() as port:
            found: list[BatchState] = await port.recent()
            return found


@dataclass
class Mortal:
    """A port that dies at one point: before or after ``call`` has reached the server."""

    inner: AnthropicBatches
    call: str
    after: bool

    async def create(self, requests: Mapping[str, ModelRequest]) -> str:
        made: str = await self._live("create", partial(self.inner.create, requests))
        return made

    async def state(self, batch_id: str) -> BatchState:
        state: BatchState = await self._live("state", partial(self.inner.state, batch_id))
        return state

    async def recent(self) -> list[BatchState]:
        return await self.inner.recent()

    async def results(self, batch_id: str, asked: Mapping[str, ModelRequest]) -> AsyncGenerator[Result, None]:
        async for result in self.inner.results(batch_id, asked):
            if self.call == "results" and self.after:
                raise Killed
            yield result

    async def _live(self, call: str, ask: Callable[[], Any]) -> Any:
        if call == self.call and not self.after:
            raise Killed
        answer = await ask()
        if call == self.call and self.after:
            raise Killed
        return answer


@dataclass
class MortalLedger(MemoryLedger):
    """A ledger whose process dies once after so many settlements."""

    die_after: int = 10_000

    async def settle(self, reservation: Reservation, spent: Spent) -> None:
        await super().settle(reservation, spent)
        self.die_after -= 1
        if self.die_after == 0:
            raise Killed


async def run(
    server: Server,
    directory: Path,
    *,
    port: Callable[[AnthropicBatches], Any] | None = None,
    at_a_time: int = 9,
) -> list[dict[str, Any]]:
    """One process: from where the journal stands to its end, or its death."""
    source, output = directory / "in.jsonl", directory / "out.jsonl"
    if not source.exists():
        source.write_text("\n".join(map(json.dumps, ROWS)))
    journal = begin(output, source, "batch", "p", resume=True)
    asking = Asking(RULEBOOK, "acme", journal.run, MODEL, None)
    till = BatchTill(server.ledger, packaged_prices(), lambda _tenant: server.ceilings)
    async with server.port() as endpoint:
        with into(output, journal) as keeper:
            batching = Batching(
                asking,
                port(endpoint) if port else endpoint,
                till,
                journal,
                keeper,
                utc,
                lambda _: None,
                at_a_time=at_a_time,
                pause=_at_once,
            )
            await batching.run(numbered(journal.rows))
    return [json.loads(line) for line in output.read_bytes().splitlines()]


def numbered(skip: int) -> Iterator[Numbered]:
    for line, row in enumerate(ROWS, 1):
        if line > skip:
            yield Numbered(line, partial(dict, row))


def utc() -> datetime:
    return datetime.now(UTC)


async def _at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.fixture
def server() -> Server:
    return Server(app(Options(batch_polls=2)))


pytestmark = pytest.mark.anyio


async def test_a_batch_is_the_same_review_at_half_the_price(server: Server, tmp_path: Path) -> None:
    """Verified memos in the input's order, refused rows among them, and the ledger at the batch's rate."""
    lines = await run(server, tmp_path)
    assert [line["line"] for line in lines] == [1, 2, 3, 4, 5]
    assert lines[3]["ok"] is False
    for line in lines[:3]:
        assert line["memo"]["reviewer"] == "claude"
        assert line["memo"]["simulated"]
        assert line["recommendation"]["outcome"]
    entries = [entry for entry in server.ledger.entries.values() if entry.spent]
    usage = [entry.spent.usage for entry in entries if entry.spent and entry.spent.usage]
    dearest = sum((at_full_price(each) for each in usage), Decimal(0))
    assert len(entries) == 4
    assert sum((entry.amount for entry in entries), Decimal(0)) == dearest / 2
    assert Decimal(str(lines[0]["usage"]["cost_usd"])) > 0


def at_full_price(usage: Usage) -> Decimal:
    return packaged_prices().cost(usage, model=MODEL, on=date.today(), geo="global")  # noqa: DTZ011 - a price's day


@pytest.mark.parametrize(
    ("call", "after"),
    [("create", False), ("create", True), ("state", False), ("state", True), ("results", True)],
)
async def test_killed_anywhere_it_is_paid_for_once(
    server: Server,
    tmp_path: Path,
    call: str,
    after: bool,  # noqa: FBT001 - a parameter of the case
) -> None:
    """One batch, one settlement a request, and the output of a run that was never killed."""
    with pytest.raises(Killed):
        await run(server, tmp_path, port=lambda inner: Mortal(inner, call, after))
    lines = await run(server, tmp_path)
    assert [line["line"] for line in lines] == [1, 2, 3, 4, 5]
    assert [line["memo"]["reviewer"] for line in lines if "memo" in line] == ["claude"] * 4
    assert len(await server.batches()) == 1
    assert [entry.state for entry in server.ledger.entries.values()] == ["settled"] * 4


@pytest.mark.parametrize("settled", [1, 3, 4])
async def test_killed_while_settling_it_settles_the_rest(tmp_path: Path, settled: int) -> None:
    """What was settled stays settled, and nothing is settled at another price."""
    server = Server(app(Options()), MortalLedger(die_after=settled))
    with pytest.raises(Killed):
        await run(server, tmp_path)
    await run(server, tmp_path)
    whole = Server(app(Options()))
    (tmp_path / "whole").mkdir()
    await run(whole, tmp_path / "whole")
    assert server.ledger.committed("acme") == whole.ledger.committed("acme")


async def test_another_batch_of_the_same_size_is_not_taken_for_ours(server: Server, tmp_path: Path) -> None:
    """Found by its names, not by its looks."""
    (tmp_path / "other").mkdir()
    await run(server, tmp_path / "other")
    with pytest.raises(Killed):
        await run(server, tmp_path, port=lambda inner: Mortal(inner, "create", after=False))
    lines = await run(server, tmp_path)
    assert len(lines) == 5
    assert len(await server.batches()) == 2


async def test_a_ceiling_holds_and_loses_nobody(server: Server, tmp_path: Path) -> None:
    """As many as there is money for at a time; what is given back pays for the next; the rest has rules."""
    asking = Asking(RULEBOOK, "acme", "r", MODEL, None)
    worst = await worst_case(server, asking)
    server.ceilings = Ceilings(worst * Decimal("1.5"), Decimal(10))
    lines = await run(server, tmp_path)
    assert [line["line"] for line in lines] == [1, 2, 3, 4, 5]
    assert len(await server.batches()) == 4
    assert server.ledger.committed("acme") <= server.ceilings.tenant_day
    (tmp_path / "none").mkdir()
    server.ceilings = Ceilings(server.ledger.committed("acme"), Decimal(10))
    lines = await run(server, tmp_path / "none")
    assert {line["memo"]["because"] for line in lines if "memo" in line} == {
        "the spending ceiling was reached"
    }
    assert len(await server.batches()) == 4


async def worst_case(server: Server, asking: Asking) -> Decimal:
    till = BatchTill(MemoryLedger(), packaged_prices(), lambda _tenant: server.ceilings)
    row = asking.row(next(numbered(0)), utc().date())
    assert not isinstance(row, dict)
    return (await till.reserve(row.request)).amount


async def test_invariant_f_no_canary_is_in_a_batch(server: Server) -> None:
    """A request's name is the run's and the line's; of the application only typed facts are sent."""
    asking = Asking(RULEBOOK, "acme", "run-1", MODEL, None)
    row = asking.row(Numbered(1, partial(dict, APPLICATION)), utc().date())
    assert not isinstance(row, dict)
    async with server.port() as port:
        await port.create({row.name: row.request})
    sent = b"".join(server.sent).decode().lower()
    assert "118350" in sent
    assert [canary for canary in CANARIES.values() if not canary.isdigit() and canary.lower() in sent] == []


async def test_sloppy_words_are_dropped_in_a_batch_too(tmp_path: Path) -> None:
    """The same verifier reads them."""
    lines = await run(Server(app(Options(character="sloppy"))), tmp_path)
    assert sum(line["memo"]["dropped_claims"] for line in lines if "memo" in line) > 0


async def test_what_did_not_run_costs_nothing_and_has_the_rules_memo(server: Server, tmp_path: Path) -> None:
    """A batch that somebody canceled."""

    class Canceling(Mortal):
        async def create(self, requests: Mapping[str, ModelRequest]) -> str:
            made = await self.inner.create(requests)
            await self.inner._client.messages.batches.cancel(made)
            return made

    lines = await run(server, tmp_path, port=lambda inner: Canceling(inner, "", after=False))
    assert {line["memo"]["because"] for line in lines if "memo" in line} == {"the model could not be reached"}
    assert server.ledger.committed("acme") == 0


@pytest.mark.parametrize(("billed", "batches"), [("no", 0), ("unknown", 0)])
async def test_a_batch_that_is_not_taken(server: Server, tmp_path: Path, billed: str, batches: int) -> None:
    """Refused for certain: the rules write, for nothing. Not known: it stops, and going on finds out."""

    class Refusing(Mortal):
        async def create(self, requests: Mapping[str, ModelRequest]) -> str:
            del requests
            raise ModelUnavailableError("away", billed=billed)  # type: ignore[arg-type] # of the cases above

    refusing = run(server, tmp_path, port=lambda inner: Refusing(inner, "", after=False))
    if billed == "no":
        assert [line["line"] for line in await refusing] == [1, 2, 3, 4, 5]
        assert server.ledger.committed("acme") == 0
    else:
        with pytest.raises(ResumeError, match="--resume finds out"):
            await refusing
        assert server.ledger.committed("acme") > 0
        assert len(await run(server, tmp_path)) == 5
    assert len(await server.batches()) == batches + (billed == "unknown")


async def test_what_passes_is_waited_out(server: Server, tmp_path: Path) -> None:
    """A server that is away while it is asked how the batch stands."""
    failures: list[ModelError] = [ModelUnavailableError("away"), ModelUnavailableError("away")]

    class Flaky(Mortal):
        async def state(self, batch_id: str) -> BatchState:
            if failures:
                raise failures.pop()
            return await self.inner.state(batch_id)

    assert len(await run(server, tmp_path, port=lambda inner: Flaky(inner, "", after=False))) == 5


def test_options_that_do_not_go_together(tmp_path: Path) -> None:
    """Exit 2, before anything is opened; exit 4 without a model."""
    (tmp_path / "in.jsonl").write_text(json.dumps(ROWS[0]))
    asked = ("review", str(tmp_path / "in.jsonl"), "--batch", "--data-dir", str(tmp_path))
    assert lendgate(*asked).exit_code == 2
    out = ("--out", str(tmp_path / "out.jsonl"))
    assert lendgate(*asked, *out, "--policy-only").exit_code == 2
    assert "name it with --out" in said(lendgate(*asked))
