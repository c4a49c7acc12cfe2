"""Is what runs what is here? Drift, canaries and strangers."""

from __future__ import annotations

import pytest

from lendgate.cloudflare.actual import read_actual
from lendgate.cloudflare.deploy import Wish
from lendgate.cloudflare.desired import Desired
from lendgate.cloudflare.plan import make_plan
from lendgate.cloudflare.standin.forms import Upload
from lendgate.cloudflare.standin.scripts import put_script
from lendgate.cloudflare.status import Status, make_status
from tests.cloudflare_api.lab import CODE, NAME, Lab, make_desired

pytestmark = pytest.mark.anyio


async def _status(lab: Lab, desired: Desired | None = None) -> Status:
    wanted = desired or make_desired()
    async with lab.worker() as worker:
        actual = await read_actual(worker, wanted)
    return make_status(wanted, actual, make_plan(wanted, actual))


async def test_in_step(lab: Lab) -> None:
    """Right after a deploy everything agrees."""
    await lab.deploy()
    status = await _status(lab)
    assert (status.exists, status.in_step, status.ours) == (True, True, True)
    assert status.code_there == status.code_here
    assert status.key_id == "edge-1"
    assert status.deployed_by == "deployer@lender.example"


async def test_other_code(lab: Lab) -> None:
    """Another bundle is drift by the digest Lendgate bound itself."""
    await lab.deploy()
    status = await _status(lab, make_desired(CODE + b"//"))
    assert not status.in_step
    assert status.code_there != status.code_here


async def test_a_strangers_upload(lab: Lab) -> None:
    """A Worker another tool uploaded has no digest of ours and is called not ours."""
    await lab.deploy()
    put_script(
        lab.state,
        NAME,
        Upload({"main_module": "x.js", "bindings": [], "exports": {"BrokerLimiter": {}}}, {"x.js": CODE}),
    )
    status = await _status(lab)
    assert (status.ours, status.code_there, status.in_step) == (False, None, False)


async def test_canary_is_not_drift(lab: Lab) -> None:
    """While a canary of this code runs, the rest of the traffic is told as it is."""
    await lab.deploy()
    await lab.deploy(make_desired(CODE + b"//"), Wish(percent=10))
    status = await _status(lab)
    assert [share.percentage for share in status.shares] == [90, 10]
    assert any("canary" in note for note in status.plan.notes)


async def test_nothing_there(lab: Lab) -> None:
    """Without a Worker there is nothing to compare."""
    status = await _status(lab)
    assert (status.exists, status.in_step, status.code_there) == (False, False, None)
