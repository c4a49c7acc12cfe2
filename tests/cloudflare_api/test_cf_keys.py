"""Rotating the signing key: never a moment in which a request would be refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from lendgate.cloudflare.actual import read_actual
from lendgate.cloudflare.api.failures import CredentialsError, StoppedError
from lendgate.cloudflare.deploy import Wish
from lendgate.cloudflare.keys import (
    NewKey,
    Rotation,
    first_key,
    for_origin,
    new_ed25519,
    private_texts,
    public_key,
    rotate,
    shared_key,
)
from lendgate.cloudflare.plan import make_plan
from lendgate.cloudflare.standin.app import Fault
from tests.cloudflare_api.lab import BROKER, CODE, SECRET, TOKEN, Lab, make_desired, variables

pytestmark = pytest.mark.anyio
OTHER = base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()


async def _rotate(
    lab: Lab, new: NewKey, *, token: str | None = BROKER, without_proof: bool = False, **desired: Any
) -> Rotation:
    async with lab.worker() as worker:
        wanted = make_desired(**desired)
        actual = await read_actual(worker, wanted)
        assert actual.live
        return await rotate(
            worker,
            wanted,
            actual.live,
            make_plan(wanted, actual),
            new,
            check=lab.check(worker, token),
            say=lab.said.append,
            fingerprint_key=TOKEN,
            without_proof=without_proof,
        )


async def test_ed25519_waits_for_the_origin_then_switches(lab: Lab) -> None:
    """The new key stands ready without traffic until the origin accepts it; then it takes all of it."""
    await lab.deploy()

    waiting = await _rotate(lab, new_ed25519("edge-2"))
    assert waiting.stage == "waiting"
    assert lab.shares == {1: 100, 2: 0}
    again = await _rotate(lab, new_ed25519("edge-2"))
    assert again.version_id == waiting.version_id
    assert again.for_origin == waiting.for_origin

    lab.app.gate.origin_keys.add("edge-2")
    done = await _rotate(lab, new_ed25519("edge-2"))

    assert (done.stage, done.old_key_id) == ("done", "edge-1")
    assert lab.shares == {2: 100}
    assert len(lab.script.versions) == 2
    assert (await _rotate(lab, new_ed25519("edge-2"))).stage == "was done"


async def test_every_split_on_the_way_is_accepted(lab: Lab) -> None:
    """At no time does a version with traffic sign with a key the origin does not accept."""
    await lab.deploy()
    await _rotate(lab, new_ed25519("edge-2"))
    lab.app.gate.origin_keys.add("edge-2")
    await _rotate(lab, new_ed25519("edge-2"))

    for deployment in lab.script.deployments[1:]:
        keys = {
            lab.script.version(version_id).text("ORIGIN_SIGNING_KEY_ID")
            for version_id, share in deployment.shares.items()
            if share
        }
        assert keys == {"edge-1"}


async def test_private_half_is_at_cloudflare_only(lab: Lab) -> None:
    """The version holds the private key of the public half that the operator is told."""
    await lab.deploy()
    rotation = await _rotate(lab, new_ed25519("edge-2"))

    secret = json.loads(lab.script.versions[1].text("ORIGIN_SIGNING_KEY") or "")
    told = json.loads(rotation.for_origin)["edge-2"]
    assert secret.keys() == {"kty", "crv", "x", "d"}
    assert told == {"alg": "ed25519", "key": secret["x"]}
    assert OKPKey.import_key(secret).is_private
    assert secret["d"] not in "".join(lab.said) + repr(rotation)


async def test_hmac_key_of_the_operator(lab: Lab) -> None:
    """A shared secret that the origin has already is switched to in one run."""
    await lab.deploy()
    lab.app.gate.origin_keys.add("edge-2")

    rotation = await _rotate(lab, shared_key("edge-2", OTHER))

    assert rotation.stage == "done"
    assert lab.script.versions[1].text("ORIGIN_SIGNING_KEY") == OTHER
    assert OTHER not in "".join(lab.said) + repr(rotation)


async def test_without_a_token_nothing_is_switched(lab: Lab) -> None:
    """Readiness is no proof: without a signed round trip the switch needs the operator's word."""
    await lab.deploy()
    lab.app.gate.origin_keys.add("edge-2")
    new = shared_key("edge-2", OTHER)

    assert (await _rotate(lab, new, token=None)).stage == "waiting"
    assert lab.shares == {1: 100, 2: 0}
    assert (await _rotate(lab, new, token=None, without_proof=True)).stage == "done"
    assert lab.shares == {2: 100}


async def test_refused_signature_is_stronger_than_a_word(lab: Lab) -> None:
    """--without-proof does not switch to a key that was seen to be refused."""
    await lab.deploy()
    rotation = await _rotate(lab, shared_key("edge-2", OTHER), without_proof=True)
    assert rotation.stage == "waiting"
    assert "refuses the Worker's signature" in rotation.checked.says


async def test_deploy_after_a_rotation_keeps_the_key(lab: Lab) -> None:
    """A deploy of a file that still names the old key leaves the rotated key and its id in place."""
    await lab.deploy()
    lab.app.gate.origin_keys = {"edge-2"}
    await _rotate(lab, shared_key("edge-2", OTHER))

    deployed = await lab.deploy(make_desired(CODE + b"//2"))

    assert deployed is not None
    assert deployed.checked.signed
    assert lab.script.versions[2].text("ORIGIN_SIGNING_KEY_ID") == "edge-2"
    assert lab.script.versions[2].text("ORIGIN_SIGNING_KEY") == OTHER


async def test_abandoned_rotation_does_not_leak_into_a_deploy(lab: Lab) -> None:
    """A version uploaded later inherits from what is deployed, not from a key that waits."""
    await lab.deploy()
    await _rotate(lab, new_ed25519("edge-2"))

    await lab.deploy(make_desired(CODE + b"//2"))

    assert lab.shares == {3: 100}
    assert lab.script.versions[2].text("ORIGIN_SIGNING_KEY") == SECRET


async def test_cut_upload_is_found_again(lab: Lab) -> None:
    """An upload whose answer was lost is not made a second time, and its public half is still told."""
    await lab.deploy()
    lab.app.faults = [Fault("cut after", "POST", "/versions$")]

    rotation = await _rotate(lab, new_ed25519("edge-2"))

    secret = json.loads(lab.script.versions[1].text("ORIGIN_SIGNING_KEY") or "")
    assert len(lab.script.versions) == 2
    assert json.loads(rotation.for_origin)["edge-2"]["key"] == secret["x"]


async def test_refused_while_out_of_step(lab: Lab) -> None:
    """A rotation changes the key alone: other changes are deployed first."""
    await lab.deploy()
    with pytest.raises(StoppedError, match="Run `lendgate edge deploy` first"):
        await _rotate(lab, new_ed25519("edge-2"), vars=variables(ORIGIN_URL="https://o.example"))


async def test_refused_during_a_canary(lab: Lab) -> None:
    """While two versions share the traffic there is no place for a third."""
    await lab.deploy()
    await lab.deploy(make_desired(CODE + b"//2"), Wish(percent=10))
    with pytest.raises(StoppedError, match="canary is in progress"):
        await _rotate(lab, new_ed25519("edge-2"))


async def test_first_deploy_makes_an_ed25519_key(lab: Lab) -> None:
    """A Worker whose file says Ed25519 and that is given no key gets one made here."""
    desired = make_desired(vars=variables(ORIGIN_SIGNING_ALG="ed25519"))
    key = first_key(desired, None, {})
    assert key is not None
    await lab.deploy(desired, Wish(secrets={"ORIGIN_SIGNING_KEY": key.secret}, message=key.message))

    async with lab.worker() as worker:
        actual = await read_actual(worker, desired)
        assert actual.live
        assert public_key(actual.live.versions, "edge-1") == key.public
        assert public_key(actual.live.versions, "edge-9") is None
        assert first_key(desired, actual.live, {}) is None


def test_no_first_key_where_one_is_given_or_shared() -> None:
    """No pair is made beside a supplied key, nor for a shared secret, which the origin must know."""
    desired = make_desired(vars=variables(ORIGIN_SIGNING_ALG="ed25519"))
    assert first_key(desired, None, {"ORIGIN_SIGNING_KEY": "x"}) is None
    assert first_key(make_desired(), None, {}) is None


@given(st.binary(min_size=0, max_size=64))
def test_shared_keys_have_32_bytes(raw: bytes) -> None:
    """Exactly base64url of 32 bytes is a key; nothing else is, and no error shows it."""
    text = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    if len(raw) == 32:
        assert shared_key("k", text).secret == text
    else:
        with pytest.raises(CredentialsError, match="base64url of 32 random bytes"):
            shared_key("k", text)


@pytest.mark.parametrize("key_id", ["", "a b", "x" * 65, 'a"b'])
def test_key_ids(key_id: str) -> None:
    """An id that the signature could not carry is refused."""
    with pytest.raises(CredentialsError, match="a key id has"):
        new_ed25519(key_id)


def test_what_must_be_hidden() -> None:
    """Of a private JWK the private member alone must be hidden, too."""
    key = new_ed25519("edge-2")
    assert private_texts(key.secret) == (key.secret, json.loads(key.secret)["d"])
    assert private_texts("plain") == ("plain",)
    assert key.secret not in repr(key)
    assert json.loads(for_origin("k", "hmac-sha256", None))["k"]["key"] == "<the same secret>"
