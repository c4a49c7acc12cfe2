"""Whatever fails, and wherever: the end is right, or the message says exactly where things stand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from copy import deepcopy

import pytest

from lendgate.cloudflare.api.failures import CloudflareError, RefusedError, StoppedError, UnclearError
from lendgate.cloudflare.deploy import Wish
from lendgate.cloudflare.desired import Desired
from lendgate.cloudflare.standin.app import Fault, Recorded
from lendgate.cloudflare.standin.scripts import post_deployment
from lendgate.cloudflare.standin.state import State
from tests.cloudflare_api.lab import CODE, NAME, Lab, first_wish, make_desired

pytestmark = pytest.mark.anyio

CHANGED = CODE.replace(b"one", b"two")
ROUTES = [
    {"pattern": "gate.lender.example", "custom_domain": True},
    {"pattern": "api.lender.example/*", "zone_name": "lender.example"},
]
TWO_CLASSES = {name: {"type": "durable-object", "storage": "sqlite"} for name in ("BrokerLimiter", "Audit")}
FIRST = make_desired(routes=ROUTES)
UPDATE = make_desired(CHANGED, routes=ROUTES)
LIFECYCLE = make_desired(CHANGED + b"export class Audit {}", routes=ROUTES, exports=TWO_CLASSES)

KINDS = {
    "first": ["cut after", "refuse"],
    "update": ["cut after", "cut", "refuse", "refuse after"],
    "canary": ["cut after"],
    "durable objects": ["cut after", "refuse"],
}
Step = tuple[Desired, Wish, dict[int, float], int]
SCENARIOS: dict[str, Step] = {
    "first": (FIRST, first_wish(), {1: 100}, 1),
    "update": (UPDATE, Wish(), {2: 100}, 2),
    "canary": (UPDATE, Wish(percent=10), {1: 90, 2: 10}, 2),
    "durable objects": (LIFECYCLE, Wish(), {2: 100}, 2),
}


async def _each_call(lab: Lab, scenario: str, run: Callable[[int], Awaitable[None]]) -> None:
    """Run with every call of the scenario's command in turn, each time from the same state."""
    if scenario != "first":
        await lab.deploy(FIRST)
    start = lab.state
    lab.app.state, lab.app.recorded = deepcopy(start), []
    await lab.deploy(*SCENARIOS[scenario][:2])
    calls = len(lab.app.recorded)
    assert calls >= 10
    for call in range(calls):
        lab.app.state, lab.app.recorded = deepcopy(start), []
        await run(call)


def _right(lab: Lab, step: Step, call: int) -> None:
    _, _, shares, versions = step
    assert list(lab.state.scripts) == [NAME], call
    assert len(lab.script.versions) == versions, call
    assert lab.shares == shares, call
    assert [domain["hostname"] for domain in lab.state.domains.values()] == ["gate.lender.example"], call
    assert [len(routes) for routes in lab.state.routes.values()] == [1], call
    assert lab.script.tags == [f"cf:service={NAME}"], call


@pytest.mark.parametrize(
    ("scenario", "kind"), [(scenario, kind) for scenario, kinds in KINDS.items() for kind in kinds]
)
async def test_one_failing_call_is_healed_within_the_command(lab: Lab, scenario: str, kind: str) -> None:
    """Any single call may fail, acted on or not: the command itself comes to the right end."""

    async def run(call: int) -> None:
        step = SCENARIOS[scenario]
        lab.app.faults = [Fault(kind, call=call)]  # type: ignore[arg-type]  # parametrised
        await lab.deploy(step[0], step[1])
        _right(lab, step, call)

    await _each_call(lab, scenario, run)


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_command_that_died_after_any_call_is_finished_by_the_next(lab: Lab, scenario: str) -> None:
    """The network goes away after one call was acted on; the same command, run again, ends right."""

    async def run(call: int) -> None:
        step = SCENARIOS[scenario]
        lab.app.faults = [Fault("cut after", call=call), Fault("cut", since=call + 1, times=10_000)]
        with suppress(CloudflareError):
            await lab.deploy(step[0], step[1])
        lab.app.faults = []
        await lab.deploy(step[0], step[1] if scenario != "first" or not lab.state.scripts else Wish())
        _right(lab, step, call)
        assert not (await lab.plan(step[0])).changes or scenario == "canary", call

    await _each_call(lab, scenario, run)


async def test_a_real_timeout_is_an_unclear_end(lab: Lab) -> None:
    """No answer within the client's patience: the version is looked up instead of uploaded twice."""
    await lab.deploy()
    lab.timeout = 0.2
    lab.app.faults = [Fault("hang after", method="POST", path="/versions$")]

    await lab.deploy(make_desired(CHANGED))

    assert len(lab.script.versions) == 2
    assert lab.shares == {2: 100}


async def test_unclear_to_the_end_says_so(lab: Lab) -> None:
    """When nothing can be found out the message says that it is open and what to do."""
    await lab.deploy()
    lab.app.faults = [Fault("cut", method="POST", path="/versions$", times=100)]

    with pytest.raises(UnclearError, match=r"or did and was not told so.*Run the same command again"):
        await lab.deploy(make_desired(CHANGED))

    assert lab.shares == {1: 100}


async def test_rate_limit_is_waited_out(lab: Lab) -> None:
    """429 is waited for as long as Cloudflare asks, also for a call that must not happen twice."""
    await lab.deploy()
    lab.app.faults = [
        Fault("refuse", "POST", "/versions$", status=429, code=971, headers={"retry-after": "17"})
    ]

    await lab.deploy(make_desired(CHANGED))

    assert 17.0 in lab.time.waits
    assert len(lab.script.versions) == 2


async def test_concurrent_change_is_looked_at_again(lab: Lab) -> None:
    """10035 (modified concurrently) is followed by a look and a second try."""
    await lab.deploy()
    lab.app.faults = [Fault("refuse", "POST", "/versions$", status=409, code=10035)]

    await lab.deploy(make_desired(CHANGED))

    assert lab.shares == {2: 100}


async def test_somebody_elses_split_is_left_alone(lab: Lab) -> None:
    """Another deployer changed the traffic meanwhile: theirs stays, and they are named."""
    await lab.deploy()
    await lab.deploy(make_desired(CHANGED))
    lab.app.before = _once("POST", "/versions", lambda: _other_deployer(lab.state))

    with pytest.raises(StoppedError, match=r"somebody else \(deployer@lender.example\)"):
        await lab.deploy(make_desired(CODE.replace(b"one", b"three")))

    assert lab.shares == {1: 100}


async def test_invalid_code_is_told_in_cloudflares_words(lab: Lab) -> None:
    """What Cloudflare says about the code reaches the operator, with its code."""
    lab.app.faults = [
        Fault("refuse", "PUT", status=400, code=10021, message="Uncaught SyntaxError at gate.js:7")
    ]

    with pytest.raises(RefusedError, match=r"SyntaxError at gate.js:7 \[code 10021\]"):
        await lab.deploy()

    assert lab.state.scripts == {}


async def test_missing_secret_is_refused_before_anything_is_sent(lab: Lab) -> None:
    """A Worker that cannot work is not made."""
    with pytest.raises(StoppedError, match=r"needs ORIGIN_SIGNING_KEY.*Nothing was changed"):
        await lab.deploy(wish=Wish())

    assert {request.method for request in lab.app.recorded} == {"GET"}


def _once(method: str, ending: str, act: Callable[[], None]) -> Callable[[Recorded], None]:
    left = [act]

    def before(request: Recorded) -> None:
        if left and request.method == method and request.path.endswith(ending):
            left.pop()()

    return before


def _other_deployer(state: State) -> None:
    first = state.scripts[NAME].versions[0].id
    body = {"strategy": "percentage", "versions": [{"version_id": first, "percentage": 100}]}
    post_deployment(state, NAME, body, force=True)  # type: ignore[arg-type]  # JSON


async def test_an_old_upload_is_not_taken_for_the_new_one(lab: Lab) -> None:
    """Content that was deployed long ago is uploaded again when it comes back, also after a cut."""
    both = make_desired(CODE + b"export class Audit {}", exports=TWO_CLASSES)
    gone = {**TWO_CLASSES, "Audit": {"type": "durable-object", "state": "deleted"}}
    await lab.deploy()
    await lab.deploy(both)
    await lab.deploy(make_desired(exports=gone), Wish(allow_destructive=True))
    lab.app.faults = [Fault("cut", "PUT", f"/{NAME}$")]

    await lab.deploy(both)

    assert lab.state.classes(NAME) == {"BrokerLimiter", "Audit"}
    assert lab.shares == {4: 100}
