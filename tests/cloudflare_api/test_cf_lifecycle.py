"""A Worker's whole life against the stand-in: every step does its work once and is harmless to repeat."""

from __future__ import annotations

import pytest

from lendgate.cloudflare.actual import read_actual
from lendgate.cloudflare.api.failures import StoppedError
from lendgate.cloudflare.delete import count_loss, delete
from lendgate.cloudflare.deploy import Wish
from lendgate.cloudflare.versions import promote, rollback
from tests.cloudflare_api.lab import CODE, SECRET, Lab, make_desired, variables

pytestmark = pytest.mark.anyio
CHANGED = CODE.replace(b"one", b"two")


async def test_first_deploy_makes_the_worker(lab: Lab) -> None:
    """The first deploy is one upload that takes all traffic and is asked whether it works."""
    deployed = await lab.deploy()

    assert deployed is not None
    assert deployed.ok
    assert deployed.checked.signed
    assert lab.shares == {1: 100}
    assert lab.calls("PUT", "/scripts/lendgate-gate") == 1
    assert lab.script.workers_dev


async def test_second_deploy_has_nothing_to_do(lab: Lab) -> None:
    """Deploying what is there already changes nothing."""
    await lab.deploy()

    assert not (await lab.plan()).changes
    assert await lab.deploy() is None
    assert len(lab.script.versions) == 1


async def test_changed_code_shows_in_the_plan(lab: Lab) -> None:
    """Another bundle is a change of the code and of nothing else."""
    await lab.deploy()

    plan = await lab.plan(make_desired(CHANGED))

    assert [(change.action, change.part) for change in plan.changes] == [("change", "code")]
    assert not plan.needs_put


async def test_later_deploy_tries_before_it_gives_traffic(lab: Lab) -> None:
    """A later deploy is a version that first stands at 0 percent and then takes all traffic."""
    await lab.deploy()

    await lab.deploy(make_desired(CHANGED))

    assert lab.shares == {2: 100}
    splits = [list(deployment.shares.values()) for deployment in lab.script.deployments]
    assert splits == [[100], [100, 0], [100]]


async def test_later_version_keeps_the_secret(lab: Lab) -> None:
    """A version that is given no secrets has those of the version before it."""
    await lab.deploy()

    await lab.deploy(make_desired(CHANGED))

    assert lab.script.versions[1].text("ORIGIN_SIGNING_KEY") == SECRET


async def test_canary_takes_its_part(lab: Lab) -> None:
    """With a percentage the old version keeps the rest, also when the command is repeated."""
    await lab.deploy()

    await lab.deploy(make_desired(CHANGED), Wish(percent=10))
    await lab.deploy(make_desired(CHANGED), Wish(percent=10))

    assert lab.shares == {1: 90, 2: 10}
    assert len(lab.script.versions) == 2


async def test_broken_version_gets_no_traffic(lab: Lab) -> None:
    """A version that does not answer stays at 0 percent, and the old one serves on."""
    await lab.deploy()
    lab.app.gate.broken_versions = {2}

    deployed = await lab.deploy(make_desired(CHANGED))

    assert deployed is not None
    assert not deployed.ok
    assert lab.shares == {1: 100, 2: 0}


async def test_mended_version_is_used_again(lab: Lab) -> None:
    """After the cause was mended the same command promotes the version that is there."""
    await lab.deploy()
    lab.app.gate.broken_versions = {2}
    await lab.deploy(make_desired(CHANGED))
    lab.app.gate.broken_versions = set()

    await lab.deploy(make_desired(CHANGED))

    assert lab.shares == {2: 100}
    assert len(lab.script.versions) == 2


async def test_third_version_waits_for_the_canary(lab: Lab) -> None:
    """While two versions share the traffic another deploy is refused before it changes any."""
    await lab.deploy()
    await lab.deploy(make_desired(CHANGED), Wish(percent=10))

    with pytest.raises(StoppedError, match="canary is in progress"):
        await lab.deploy(make_desired(CODE.replace(b"one", b"three")))

    assert lab.shares == {1: 90, 2: 10}


async def test_returning_to_old_code_makes_a_new_version(lab: Lab) -> None:
    """Content that was deployed once and replaced is uploaded anew: an old version has old secrets."""
    await lab.deploy()
    await lab.deploy(make_desired(CHANGED))

    await lab.deploy(make_desired(CODE))

    assert lab.shares == {3: 100}


async def test_promote_and_roll_back(lab: Lab) -> None:
    """A canary is promoted to everything; going back gives all traffic to who had it before."""
    await lab.deploy()
    await lab.deploy(make_desired(CHANGED), Wish(percent=10))
    canary = lab.script.versions[1].id

    async with lab.worker() as worker:
        check = lab.check(worker)
        for _ in range(2):
            await promote(worker, canary, 100, check=check, say=lab.said.append)
        assert lab.shares == {2: 100}
        moved = await rollback(worker, None, accept_old_secrets=False, check=check, say=lab.said.append)

    assert lab.shares == {1: 100}
    assert any("Durable Object data" in note for note in moved.notes)


async def test_rollback_leaves_a_canary(lab: Lab) -> None:
    """While a canary runs, going back drops it and keeps the version that had all traffic."""
    await lab.deploy()
    await lab.deploy(make_desired(CHANGED), Wish(percent=10))

    async with lab.worker() as worker:
        check = lab.check(worker)
        await rollback(worker, None, accept_old_secrets=False, check=check, say=lab.said.append)

    assert lab.shares == {1: 100}


async def test_changed_variable_is_one_version(lab: Lab) -> None:
    """A variable is part of a version; the plan shows both values."""
    await lab.deploy()
    desired = make_desired(vars=variables(ORIGIN_URL="https://origin.example"))

    plan = await lab.plan(desired)
    await lab.deploy(desired)

    assert [str(change) for change in plan.changes] == ["~ variable ORIGIN_URL: https://origin.example"]
    assert lab.script.versions[1].text("ORIGIN_URL") == "https://origin.example"
    assert lab.shares == {2: 100}


async def test_new_durable_object_class_goes_by_upload(lab: Lab) -> None:
    """A change of Durable Object classes cannot be in a version: it is uploaded and deployed at once."""
    await lab.deploy()
    both = {name: {"type": "durable-object", "storage": "sqlite"} for name in ("BrokerLimiter", "Audit")}
    desired = make_desired(CODE + b"export class Audit {}\n", exports=both)

    with pytest.raises(StoppedError, match="cannot be tried on a part"):
        await lab.deploy(desired, Wish(percent=10))
    await lab.deploy(desired)

    assert lab.state.classes("lendgate-gate") == {"BrokerLimiter", "Audit"}
    assert lab.shares == {2: 100}
    assert not (await lab.plan(desired)).changes


async def test_dropping_a_durable_object_class_needs_a_word(lab: Lab) -> None:
    """Data is only thrown away when the operator says so."""
    await lab.deploy()
    gone = make_desired(
        exports={"BrokerLimiter": {"type": "durable-object", "state": "deleted"}}, durable_objects={}
    )

    with pytest.raises(StoppedError, match="--allow-destructive"):
        await lab.deploy(gone)
    await lab.deploy(gone, Wish(allow_destructive=True))

    assert lab.state.classes("lendgate-gate") == set()


async def test_delete_names_what_is_lost_and_repeats(lab: Lab) -> None:
    """Deleting takes everything that leads to the Worker, and a second time finds nothing."""
    desired = make_desired(routes=[{"pattern": "gate.lender.example", "custom_domain": True}])
    await lab.deploy(desired)
    lab.state.used_by.append("reports")

    async with lab.worker() as worker:
        loss = await count_loss(worker, actual := await read_actual(worker, desired))
        await delete(worker, actual, lab.said.append)
        again = await count_loss(worker, await read_actual(worker, desired))

    assert any("ORIGIN_SIGNING_KEY" in line for line in loss.lines())
    assert any("BrokerLimiter" in line for line in loss.lines())
    assert "the Worker reports uses this Worker and would break" in loss.lines()
    assert "the custom domain gate.lender.example: requests to it end" in loss.lines()
    assert again.nothing
    assert lab.state.scripts == {}
    assert lab.state.domains == {}
