"""``lendgate usage`` and ``lendgate claude``: what was spent, and a stand-in for people who build on this."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from lendgate.claude.ledger import Ceilings, Claim, Reservation
from lendgate.claude.standin import Options
from lendgate.cli import app
from lendgate.store.database import Database
from lendgate.store.spend import PostgresLedger
from lendgate.store.usage import usage_since
from tests.analysis.cases import CASES
from tests.analysis.standins import reviewer_on, standing_in

TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "LENDGATE_MODEL_BASE_URL", "LENDGATE_MODEL_SERVER"):
        monkeypatch.delenv(name, raising=False)


async def spend(database: Database) -> Decimal:
    """Two reviews by the stand-in, booked to the tenant of the cases; gives what they cost."""
    async with standing_in(Options(), PostgresLedger(database)) as (model, _):
        reviewer = reviewer_on(model)
        results = [await reviewer.review(CASES["steady"]) for _ in range(2)]
    return sum((result.usage.cost_usd for result in results), Decimal(0))


@pytest.mark.anyio
async def test_what_models_cost_is_summed_by_day_purpose_and_model(
    database: Database, service_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tokens, the cached share, and what is only set aside; as JSON and as a table."""
    cost = await spend(database)
    until = datetime.now(UTC) + timedelta(minutes=1)
    claim = Claim("in-process", "s1", "explain-risk", "claude-sonnet-5-5", Decimal("0.5"), until)
    held = await PostgresLedger(database).reserve(claim, Ceilings(Decimal(10), Decimal(10)))
    assert isinstance(held, Reservation)
    async with database.tenant("in-process") as tx:
        lines = await usage_since(tx, TODAY)
    assert [(line.purpose, line.calls, line.open_calls) for line in lines] == [
        ("explain-risk", 1, 1),
        ("memo", 2, 0),
    ]
    assert lines[1].cost_usd == cost
    assert 0.2 < lines[1].cached_share < 0.5
    monkeypatch.setenv("LENDGATE_DATABASE_URL", service_url)
    shown = await asyncio.to_thread(_run, "usage", "--tenant", "in-process", "--json")
    assert [line["purpose"] for line in json.loads(shown)["usage"]] == ["explain-risk", "memo"]
    assert Decimal(json.loads(shown)["left_today_usd"]) == Decimal(100) - cost - Decimal("0.5")
    assert "memo" in await asyncio.to_thread(_run, "usage", "--tenant", "in-process")
    other = await asyncio.to_thread(_run, "usage", "--tenant", "nobody", "--json")
    assert json.loads(other)["usage"] == []


def test_without_a_model_the_check_says_that_rules_review() -> None:
    """No server is asked."""
    assert json.loads(_run("claude", "check", "--json")) == {"reviewer": "rules", "warnings": []}


@pytest.mark.parametrize(
    "options", [("--character", "grumpy"), ("--script", "earthquake*2"), ("--port", "70000")]
)
def test_a_stand_in_that_cannot_be_is_wrong_usage(options: tuple[str, str]) -> None:
    """Exit 2, before anything listens."""
    assert CliRunner().invoke(app, ["claude", "standin", *options]).exit_code == 2


def _run(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout
