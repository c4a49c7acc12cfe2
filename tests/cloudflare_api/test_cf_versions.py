"""Choosing versions, promoting and going back: the refusals, the limits, and what is explained."""

from __future__ import annotations

import pytest

from lendgate.cloudflare.api.answers import Version
from lendgate.cloudflare.api.failures import RefusedError, StoppedError
from lendgate.cloudflare.deploy import Wish
from lendgate.cloudflare.versions import choose, list_versions, promote, rollback
from tests.cloudflare_api.lab import CODE, NAME, SECRET, Lab, make_desired, variables

pytestmark = pytest.mark.anyio
CHANGED = CODE.replace(b"one", b"two")
VERSIONS = [
    Version(id="aaaa1111-0000-4000-8000-000000000002", number=2),
    Version(id="aaaa2222-0000-4000-8000-000000000001", number=1),
]


@pytest.mark.parametrize("name", ["2", "aaaa1", "AAAA1111-0000-4000-8000-000000000002"])
def test_chosen(name: str) -> None:
    """A version is meant by its number, its id, or the beginning of one."""
    assert choose(VERSIONS, name).number == 2


@pytest.mark.parametrize(
    ("name", "words"),
    [("aaaa", "several"), ("bbbb", "no version"), ("aaa", "no version"), ("7", "no version")],
)
def test_not_chosen(name: str, words: str) -> None:
    """What means none or several is refused with where to look."""
    with pytest.raises(StoppedError, match=f"{words}.*lendgate edge versions"):
        choose(VERSIONS, name)


async def test_list(lab: Lab) -> None:
    """Newest first, each with its part of the traffic."""
    await lab.deploy()
    await lab.deploy(make_desired(CHANGED), Wish(percent=10))
    async with lab.worker() as worker:
        rows = await list_versions(worker)
    assert [(row.version.number, row.percentage) for row in rows] == [(2, 10), (1, 90)]


async def test_promote_by_steps(lab: Lab) -> None:
    """A canary grows; the other version gives up what it takes."""
    await lab.deploy()
    await lab.deploy(make_desired(CHANGED), Wish(percent=10))
    async with lab.worker() as worker:
        for percent in (50, 0, 25):
            await promote(worker, "2", percent, check=lab.check(worker), say=lab.said.append)
            assert lab.shares == {1: 100 - percent, 2: percent}


async def test_promote_asks_first(lab: Lab) -> None:
    """A version that does not work gets no more than it has."""
    await lab.deploy()
    await lab.deploy(make_desired(CHANGED), Wish(percent=10))
    lab.app.gate.broken_versions = {2}
    async with lab.worker() as worker:
        moved = await promote(worker, "2", 100, check=lab.check(worker), say=lab.said.append)
    assert moved.checked.verdict == "fails"
    assert lab.shares == {1: 90, 2: 10}


async def test_promote_needs_a_partner(lab: Lab) -> None:
    """The one version that has everything cannot share with nobody."""
    await lab.deploy()
    async with lab.worker() as worker:
        with pytest.raises(StoppedError, match="no other version to share with"):
            await promote(worker, "1", 50, check=lab.check(worker), say=lab.said.append)


async def test_promote_waits_for_the_canary(lab: Lab) -> None:
    """A third version cannot come in while two share."""
    await lab.deploy()
    await lab.deploy(make_desired(CHANGED))
    await lab.deploy(make_desired(CODE + b"//3"), Wish(percent=10))
    async with lab.worker() as worker:
        with pytest.raises(StoppedError, match="canary is in progress"):
            await promote(worker, "1", 100, check=lab.check(worker), say=lab.said.append)


async def test_rollback_past_a_changed_secret_is_explained(lab: Lab) -> None:
    """Cloudflare's 10220 is told with what it means and the option that accepts it."""
    lab.app.gate.origin_keys = {"edge-1", "edge-2"}
    await lab.deploy()
    await lab.deploy(
        make_desired(vars=variables(ORIGIN_SIGNING_KEY_ID="edge-2")),
        Wish(secrets={"ORIGIN_SIGNING_KEY": SECRET[::-1]}),
    )
    async with lab.worker() as worker:
        check = lab.check(worker)
        with pytest.raises(RefusedError, match=r"A secret was changed.*--accept-old-secrets"):
            await rollback(worker, None, accept_old_secrets=False, check=check, say=lab.said.append)
        moved = await rollback(worker, None, accept_old_secrets=True, check=check, say=lab.said.append)
    assert lab.shares == {1: 100}
    assert "that version signs with the key edge-1, not edge-2: the origin must accept edge-1" in moved.notes


async def test_rollback_to_a_named_version(lab: Lab) -> None:
    """Any version that can be deployed can be gone back to."""
    await lab.deploy()
    await lab.deploy(make_desired(CHANGED))
    await lab.deploy(make_desired(CODE + b"//3"))
    async with lab.worker() as worker:
        await rollback(worker, "1", accept_old_secrets=False, check=lab.check(worker), say=lab.said.append)
    assert lab.shares == {1: 100}


async def test_nothing_to_go_back_to(lab: Lab) -> None:
    """The first version has no earlier one; a Worker that is not there has none at all."""
    async with lab.worker() as worker:
        with pytest.raises(StoppedError, match=f"there is no Worker {NAME}"):
            await rollback(worker, None, accept_old_secrets=False, check=lab.check(worker), say=print)
    await lab.deploy()
    async with lab.worker() as worker:
        with pytest.raises(StoppedError, match="no earlier version"):
            await rollback(worker, None, accept_old_secrets=False, check=lab.check(worker), say=print)


async def test_rollback_is_harmless_twice(lab: Lab) -> None:
    """Going back to the version that has all traffic makes no new deployment."""
    await lab.deploy()
    await lab.deploy(make_desired(CHANGED))
    async with lab.worker() as worker:
        for _ in range(2):
            await rollback(
                worker, "1", accept_old_secrets=False, check=lab.check(worker), say=lab.said.append
            )
    assert lab.shares == {1: 100}
    assert len(lab.script.deployments) == 4
