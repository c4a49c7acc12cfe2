"""What a model was paid for is kept first: asked again, it is not paid again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import psycopg
import pytest
from pydantic import BaseModel

from lendgate.claude.errors import ModelOverloadedError
from lendgate.claude.port import Finished, ModelReply, ModelRequest, SystemBlock, TextDelta, Turn, Usage
from lendgate.claude.scripted import ScriptedModel
from lendgate.store.database import Database, StoreUnavailableError
from lendgate.workflow.pace import Pace, PacedModel
from lendgate.workflow.paid import SavedModel, fingerprint
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


class Shape(BaseModel):
    """A shape of a reply."""

    risk: str


REPLY = ModelReply(
    text='{"risk": "low \\u0000 ✓"}',
    parsed=Shape(risk="low \u0000 ✓"),
    stop_reason="end_turn",
    usage=Usage(input_tokens=120, output_tokens=30, cache_read_tokens=7),
    model="standin-1",
    request_id="req_1",
    prompt_hash="a" * 64,
    request_hash="b" * 64,
    inference_geo="us",
    cost=Decimal("0.0123456789"),
)


@pytest.fixture
def request_() -> ModelRequest:
    """A question about a review nobody asked about before."""
    return ModelRequest(
        purpose="memo",
        model="standin-1",
        system=(SystemBlock("You write memos.", "1h"),),
        messages=(Turn("user", "facts"),),
        max_tokens=500,
        tenant="acme",
        subject=str(uuid4()),
        deadline_seconds=5,
        prompt_hash="a" * 64,
        output=Shape,
    )


BLOCKED = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%model_reply%'"
KEPT = "SELECT 1 FROM lendgate.model_reply WHERE subject = %s"


def saved(database: Database, model: ScriptedModel) -> SavedModel:
    return SavedModel(model, database, lambda: datetime.now(UTC))


async def test_a_reply_is_paid_for_once(database: Database, request_: ModelRequest) -> None:
    """The second time, by another process, the very same reply comes from the store."""
    model = ScriptedModel([REPLY])
    assert await saved(database, model).complete(request_) == REPLY
    assert await saved(database, model).complete(request_) == REPLY
    assert len(model.asked) == 1


async def test_a_failed_call_is_not_kept(database: Database, request_: ModelRequest) -> None:
    """It is made again, and what comes then is kept."""
    model = ScriptedModel([ModelOverloadedError("529"), REPLY])
    with pytest.raises(ModelOverloadedError):
        await saved(database, model).complete(request_)
    assert await saved(database, model).complete(request_) == REPLY
    assert await saved(database, model).complete(request_) == REPLY
    assert len(model.asked) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "another-review"},
        {"tenant": "another"},
        {"model": "standin-2"},
        {"messages": (Turn("user", "other facts"),)},
        {"system": (SystemBlock("You write poems.", "1h"),)},
        {"prompt_hash": "c" * 64},
        {"output": None},
        {"max_tokens": 501},
        {"effort": "high"},
        {"purpose": "summary"},
    ],
)
async def test_another_question_is_asked(
    change: dict[str, object], database: Database, request_: ModelRequest
) -> None:
    """Whatever differs in what is sent, or about whom."""
    model = ScriptedModel([REPLY])
    await saved(database, model).complete(request_)
    await saved(database, model).complete(replace(request_, **change))  # type: ignore[arg-type]  # rows of the table
    assert len(model.asked) == 2


def test_how_long_one_may_wait_is_not_part_of_the_question(request_: ModelRequest) -> None:
    """A review taken up again has less time, and the same question."""
    assert fingerprint(request_) == fingerprint(replace(request_, deadline_seconds=1))


async def test_of_two_replies_to_one_question_everybody_uses_the_first(
    database: Database, request_: ModelRequest
) -> None:
    """Two workers at once may both pay; what is kept first is what both go on with."""
    late = ScriptedModel([replace(REPLY, text='{"risk": "high"}', parsed=Shape(risk="high"))], seconds=0.05)
    first, second = await asyncio.gather(
        saved(database, ScriptedModel([REPLY])).complete(request_), saved(database, late).complete(request_)
    )
    assert first == second == REPLY


async def test_whoever_gives_up_after_paying_has_paid_for_something(
    database: Database, request_: ModelRequest, superuser_url: str
) -> None:
    """A call cancelled while its reply is being kept still leaves the reply."""
    model = ScriptedModel([REPLY])
    with (
        psycopg.connect(superuser_url) as blocker,
        psycopg.connect(superuser_url, autocommit=True) as watcher,
    ):
        blocker.execute("LOCK TABLE lendgate.model_reply IN SHARE MODE")  # reading goes on, writing waits
        call = asyncio.create_task(saved(database, model).complete(request_))
        await until(lambda: bool(watcher.execute(BLOCKED).fetchone()))
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        blocker.commit()
        await until(lambda: bool(watcher.execute(KEPT, (request_.subject,)).fetchone()))
    assert await saved(database, model).complete(request_) == REPLY
    assert len(model.asked) == 1


async def test_a_turn_at_the_model_lasts_until_what_it_paid_for_is_kept(
    database: Database, request_: ModelRequest, superuser_url: str
) -> None:
    """A process that dies has never more unkept replies than it may have calls under way."""
    model = ScriptedModel([REPLY])
    paced = PacedModel(saved(database, model), Pace(1), asyncio.get_running_loop().time)
    with (
        psycopg.connect(superuser_url) as blocker,
        psycopg.connect(superuser_url, autocommit=True) as watcher,
    ):
        blocker.execute("LOCK TABLE lendgate.model_reply IN SHARE MODE")
        first = asyncio.create_task(paced.complete(request_))
        await until(lambda: bool(watcher.execute(BLOCKED).fetchone()))
        second = asyncio.create_task(paced.complete(replace(request_, subject=str(uuid4()))))
        await asyncio.wait({second}, timeout=0.2)
        assert len(model.asked) == 1
        blocker.commit()
        assert await first == await second == REPLY
    assert len(model.asked) == 2


async def test_a_store_that_is_away_is_asked_before_the_model_is(
    service_url: str, request_: ModelRequest
) -> None:
    """Nothing is paid for while it cannot be looked up."""
    model = ScriptedModel([REPLY])
    with pytest.raises(StoreUnavailableError):
        await saved(Database(service_url, size=1), model).complete(request_)
    assert model.asked == []


async def test_a_stream_is_kept_before_its_end_is_told(database: Database, request_: ModelRequest) -> None:
    """The first time as it comes, the second time in one piece."""
    model = ScriptedModel([REPLY])
    first = [event async for event in saved(database, model).stream(request_)]
    again = [event async for event in saved(database, model).stream(request_)]
    assert first[-1] == Finished(REPLY)
    assert again == [TextDelta(REPLY.text), Finished(REPLY)]
    assert await saved(database, model).complete(request_) == REPLY
    assert len(model.asked) == 1
