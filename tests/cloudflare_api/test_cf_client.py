"""The client of Cloudflare's API: what it repeats, what it waits for, and how it tells a refusal."""

from __future__ import annotations

import socket

import pytest

from lendgate.cloudflare.api import operations
from lendgate.cloudflare.api.answers import Versions, read
from lendgate.cloudflare.api.client import CloudflareApi, once
from lendgate.cloudflare.api.credentials import Credentials
from lendgate.cloudflare.api.failures import (
    CloudflareError,
    RefusedError,
    UnclearError,
    UnreachableError,
)
from lendgate.cloudflare.api.scrub import Scrub
from lendgate.cloudflare.standin.app import Fault
from lendgate.cloudflare.standin.state import Token
from tests.cloudflare_api.lab import ACCOUNT, NAME, SECRET, TOKEN, FastClock, Lab

pytestmark = pytest.mark.anyio
SCRIPT = {"script_name": NAME}


async def test_reading_is_repeated(lab: Lab) -> None:
    """A read that meets an internal error of Cloudflare is tried again, later each time."""
    lab.app.faults = [Fault("refuse", code=10013, times=2)]

    async with lab.worker() as worker:
        result = await worker.api.call(operations.LIST_ACCOUNTS)

    assert result == [{"id": ACCOUNT, "name": "Lender"}]
    assert lab.time.waits == [2.0, 4.0]


async def test_reading_gives_up(lab: Lab) -> None:
    """After four attempts the refusal is told."""
    lab.app.faults = [Fault("refuse", code=10013, times=100)]

    async with lab.worker() as worker:
        with pytest.raises(RefusedError, match="An internal error of Cloudflare"):
            await worker.api.call(operations.LIST_ACCOUNTS)

    assert len(lab.app.recorded) == 4


@pytest.mark.parametrize("kind", ["cut", "cut after", "refuse"])
async def test_what_must_not_happen_twice_is_not_repeated(lab: Lab, kind: str) -> None:
    """A call with effects and an unclear end goes back to the caller, who looks first."""
    lab.app.faults = [Fault(kind)]  # type: ignore[arg-type]  # parametrised

    async with lab.worker() as worker:
        with pytest.raises(UnclearError):
            await worker.api.call(operations.START_TAIL, path=SCRIPT)

    assert len(lab.app.recorded) == 1


async def test_retry_after_as_a_date(lab: Lab) -> None:
    """Retry-After may be a date; the wait is until then."""
    headers = {"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT"}
    lab.app.faults = [Fault("refuse", status=429, code=971, headers=headers)]
    lab.time.seconds = 1_795_348_800.0  # Sun, 22 Nov 2026 12:00:00 GMT

    async with lab.worker() as worker:
        await worker.api.call(operations.LIST_ACCOUNTS)

    assert lab.time.waits == [30.0]


async def test_retry_after_is_capped(lab: Lab) -> None:
    """Nobody is kept waiting for more than a minute by one header."""
    lab.app.faults = [Fault("refuse", status=429, code=971, headers={"retry-after": "3600"})]

    async with lab.worker() as worker:
        await worker.api.call(operations.LIST_ACCOUNTS)

    assert lab.time.waits == [60.0]


async def test_rate_limit_that_stays(lab: Lab) -> None:
    """A limit that does not go away says to wait."""
    lab.app.faults = [Fault("refuse", status=429, code=971, times=100)]

    async with lab.worker() as worker:
        with pytest.raises(RefusedError, match="Too many requests in five minutes"):
            await worker.api.call(operations.LIST_ACCOUNTS)


async def test_code_10000_names_both_causes(lab: Lab) -> None:
    """Cloudflare's one answer for two causes is told as such, with the permission's dashboard name."""
    lab.state.tokens[TOKEN] = Token(account_id=ACCOUNT, may=frozenset())

    async with lab.worker() as worker:
        with pytest.raises(RefusedError) as refused:
            await worker.api.call(operations.READ_SETTINGS, path=SCRIPT)

    assert "a bad token and for a missing permission" in str(refused.value)
    assert '"Account > Workers Scripts > Read"' in str(refused.value)
    assert "lendgate edge doctor" in str(refused.value)


async def test_echoed_secret_is_not_in_the_error(lab: Lab) -> None:
    """Whatever Cloudflare writes into an error, no known secret comes through."""
    message = f"binding text {SECRET} under Bearer {TOKEN} is wrong"
    lab.app.faults = [Fault("refuse", status=400, code=10021, message=message)]

    async with lab.worker() as worker:
        worker.api.scrub.learn(SECRET)
        with pytest.raises(RefusedError) as refused:
            await worker.api.call(operations.LIST_ACCOUNTS)

    assert SECRET not in str(refused.value)
    assert TOKEN not in str(refused.value)
    assert "binding text [secret]" in str(refused.value)


async def test_nothing_listens() -> None:
    """Where nothing could be sent, that is what is said."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{unused.getsockname()[1]}"
        clock = FastClock()
        async with CloudflareApi(
            Credentials(ACCOUNT, TOKEN, base), clock=clock.clock(), scrub=Scrub()
        ) as api:
            with pytest.raises(UnreachableError, match="Nothing was sent"):
                await api.call(operations.POST_VERSION, path=SCRIPT)
    assert len(clock.waits) == 3


async def test_absent_worker(lab: Lab) -> None:
    """A Worker that is not there is told with what makes it."""
    async with lab.worker() as worker:
        with pytest.raises(RefusedError, match="`lendgate edge deploy` makes it") as refused:
            await worker.api.call(operations.READ_SETTINGS, path=SCRIPT)
    assert refused.value.absent


def test_answer_of_another_shape() -> None:
    """An answer that is not what is known stops the command and says where it differs."""
    with pytest.raises(CloudflareError, match=r"list the Worker's versions.*unknown shape at items\.0\.id"):
        read(Versions, operations.LIST_VERSIONS, {"items": [{"number": 1}]})


async def test_token_is_not_in_the_clients_words(lab: Lab) -> None:
    """Neither the credentials' nor the client's representation shows the token."""
    async with lab.worker() as worker:
        assert TOKEN not in repr(lab.credentials())
        assert TOKEN not in repr(worker.api)


async def test_once_looks_before_it_repeats() -> None:
    """What was done after all is found and not done again."""
    done: list[str] = []

    async def do() -> str:
        done.append("done")
        raise UnclearError(operations.POST_VERSION, "no answer")

    async def look() -> str | None:
        return done[0] if done else None

    assert await once(do, look, clock=FastClock().clock()) == "done"
    assert done == ["done"]


async def test_once_gives_up_unclear() -> None:
    """What can neither be done nor found is told as unclear after four attempts."""
    tries: list[int] = []

    async def do() -> str:
        tries.append(1)
        raise UnclearError(operations.POST_VERSION, "no answer")

    async def look() -> str | None:
        return None

    with pytest.raises(UnclearError):
        await once(do, look, clock=FastClock().clock())
    assert len(tries) == 4
