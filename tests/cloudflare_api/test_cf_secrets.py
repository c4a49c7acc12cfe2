"""Secrets by name: listed, set from where nobody sees them, and never the signing key alone."""

from __future__ import annotations

import pytest

from lendgate.cloudflare.actual import read_live
from lendgate.cloudflare.api.failures import CredentialsError, RefusedError, StoppedError
from lendgate.cloudflare.deploy import Wish
from lendgate.cloudflare.secrets import SecretState, list_secrets, set_secret, supply
from lendgate.cloudflare.standin.app import Fault
from tests.cloudflare_api.lab import CODE, NAME, SECRET, Lab, make_desired

pytestmark = pytest.mark.anyio
BOTH = make_desired(secrets={"required": ["ORIGIN_SIGNING_KEY", "JWKS_TOKEN"]})


async def test_list(lab: Lab) -> None:
    """What is there and what is required, by name."""
    await lab.deploy()
    async with lab.worker() as worker:
        assert await list_secrets(worker, BOTH) == [
            SecretState("JWKS_TOKEN", on_worker=False, required=True),
            SecretState("ORIGIN_SIGNING_KEY", on_worker=True, required=True),
        ]


async def test_set_deploys_a_version(lab: Lab) -> None:
    """Cloudflare makes a version of the newest one and gives it all traffic."""
    await lab.deploy()
    async with lab.worker() as worker:
        await set_secret(worker, "JWKS_TOKEN", "a secret value")
    assert lab.shares == {2: 100}
    assert lab.script.versions[1].text("JWKS_TOKEN") == "a secret value"
    assert lab.script.versions[1].text("ORIGIN_SIGNING_KEY") == SECRET


async def test_set_during_a_canary_is_explained(lab: Lab) -> None:
    """Cloudflare's 10215 is told with what to do first."""
    await lab.deploy()
    lab.app.gate.broken_versions = {2}
    await lab.deploy(make_desired(CODE + b"//2"))
    lab.script.deployments.insert(0, lab.script.deployments[-1])
    async with lab.worker() as worker:
        with pytest.raises(RefusedError, match="Promote it or roll back first"):
            await set_secret(worker, "JWKS_TOKEN", "a secret value")


async def test_value_is_not_in_an_error(lab: Lab) -> None:
    """A value that Cloudflare echoes back does not come through."""
    await lab.deploy()
    lab.app.faults = [Fault("refuse", "PUT", status=400, code=10021, message="bad value hunter2-hunter2")]
    async with lab.worker() as worker:
        with pytest.raises(RefusedError) as refused:
            await set_secret(worker, "JWKS_TOKEN", "hunter2-hunter2")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ORIGIN_SIGNING_KEY", "long enough", "lendgate edge keys rotate"),
        ("NOT A NAME", "long enough", "cannot be the name of a secret"),
        ("SHORT", "12345", "shorter than 6 characters"),
        ("LONG", "x" * 5121, "longer than 5120 bytes"),
    ],
)
async def test_refused_before_sending(lab: Lab, name: str, value: str, words: str) -> None:
    """What cannot be right is refused here, and the value is not in the words."""
    async with lab.worker() as worker:
        with pytest.raises((StoppedError, CredentialsError), match=words) as refused:
            await set_secret(worker, name, value)
    assert value not in str(refused.value)
    assert lab.app.recorded == []


async def test_supply(lab: Lab) -> None:
    """A deploy takes what the Worker lacks from the environment, and replaces only what is named."""
    environ = {"ORIGIN_SIGNING_KEY": SECRET, "JWKS_TOKEN": "another secret"}
    assert supply(BOTH, None, environ) == environ
    assert supply(BOTH, None, {}) == {}
    await lab.deploy()
    async with lab.worker() as worker:
        live = await read_live(worker)
    assert supply(BOTH, live, environ) == {"JWKS_TOKEN": "another secret"}
    assert supply(BOTH, live, environ, ["ORIGIN_SIGNING_KEY"]) == environ
    with pytest.raises(CredentialsError, match="MISSING is to be replaced and not set"):
        supply(BOTH, live, environ, ["MISSING"])


async def test_missing_secret_comes_with_the_next_deploy(lab: Lab) -> None:
    """A secret added to the file is a version of its own, beside the kept ones."""
    await lab.deploy()
    await lab.deploy(BOTH, Wish(secrets={"JWKS_TOKEN": "another secret"}))
    assert lab.shares == {2: 100}
    version = lab.state.scripts[NAME].versions[1]
    assert version.text("JWKS_TOKEN") == "another secret"
    assert version.text("ORIGIN_SIGNING_KEY") == SECRET


async def test_replacing_a_secret_twice_is_one_version(lab: Lab) -> None:
    """The same command with the same value finds its own version again."""
    await lab.deploy()
    wish = Wish(secrets={"ORIGIN_SIGNING_KEY": SECRET[::-1]})
    await lab.deploy(wish=wish)
    await lab.deploy(wish=wish)
    assert lab.shares == {2: 100}
    assert len(lab.script.versions) == 2
