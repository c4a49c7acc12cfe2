"""A new signing key between the Worker and the origin, without one refused request.

Law: the origin accepts two keys for a while and the Worker uses one. The Worker is switched only after
the origin was seen to accept the new key. An Ed25519 key is made here, in memory: its private half goes
to Cloudflare and nowhere else, its public half is no secret and is told to the origin's operator.

1. a version of the deployed code with the new key is uploaded and stands in the deployment with 0 percent
2. the operator adds the key to the origin's ``LENDGATE_EDGE_KEYS``, beside the old one
3. that version is asked for a signed round trip; while the origin refuses it, nothing changes
4. it gets all traffic; the old key may be taken from the origin when the last old signature has expired

Each run of the same command goes on from where the last one stood.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from joserfc.jwk import OKPKey

from lendgate.cloudflare.actual import Live
from lendgate.cloudflare.api.answers import Version
from lendgate.cloudflare.api.client import once
from lendgate.cloudflare.api.failures import CredentialsError, StoppedError
from lendgate.cloudflare.api.worker import Worker
from lendgate.cloudflare.check import Check, Checked
from lendgate.cloudflare.desired import SIGNING_ALG, SIGNING_KEY, SIGNING_KEY_ID, Binding, Desired
from lendgate.cloudflare.plan import Plan
from lendgate.cloudflare.traffic import ALL_TRAFFIC, Say, Traffic, share_of, taking
from lendgate.cloudflare.upload import Form, make_form

Algorithm = Literal["ed25519", "hmac-sha256"]
KEY_BYTES: Final = 32
OVERLAP_SECONDS: Final = 120
"""Signatures live 60 seconds, and a change takes some seconds to be everywhere."""
_KEY_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PUBLIC: Final = re.compile(r"ed25519 public key ([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A signing key that the Worker does not use yet."""

    key_id: str
    algorithm: Algorithm
    secret: str = field(repr=False)
    """What the Worker signs with: base64url of 32 bytes, or a private JWK."""
    public: str | None = None
    """Ed25519: base64url of the 32 bytes the origin verifies with."""

    @property
    def message(self) -> str:
        """The note on the version: how a later run knows the public half again."""
        public = f" ed25519 public key {self.public}" if self.public else ""
        return f"signing key {self.key_id}{public}"


@dataclass(frozen=True, slots=True)
class Rotation:
    """How far a rotation is."""

    stage: Literal["done", "waiting", "was done"]
    key_id: str
    old_key_id: str | None
    version_id: str
    checked: Checked
    for_origin: str = ""
    """What the origin's LENDGATE_EDGE_KEYS has to gain, as JSON without a secret."""


def private_texts(secret: str) -> tuple[str, ...]:
    """What must never be shown of a secret: the whole of it, and the private member where it is a JWK."""
    try:
        read = json.loads(secret)
    except ValueError:
        read = None
    inner = read.get("d") if isinstance(read, dict) else None
    return (secret, *([str(inner)] if inner else []))


def first_key(desired: Desired, live: Live | None, supplied: Mapping[str, str]) -> NewKey | None:
    """A key pair for a Worker that has none and is given none, when wrangler.jsonc says Ed25519."""
    there = live.secrets if live else frozenset()
    if SIGNING_KEY not in desired.secrets or SIGNING_KEY in there or SIGNING_KEY in supplied:
        return None
    if desired.variable(SIGNING_ALG) != "ed25519":
        return None
    return new_ed25519(desired.variable(SIGNING_KEY_ID) or "edge-1")


def public_key(versions: Sequence[Version], key_id: str | None) -> str | None:
    """The public half of an Ed25519 key, from the note on the version that brought it."""
    for version in versions:
        found = _PUBLIC.search(version.annotations.message)
        if found and f"signing key {key_id} " in version.annotations.message:
            return found[1]
    return None


def new_ed25519(key_id: str) -> NewKey:
    """A fresh key pair."""
    _check_id(key_id)
    key = OKPKey.generate_key("Ed25519")
    jwk = {name: str(value) for name, value in key.as_dict(private=True).items()}
    secret = json.dumps({name: jwk[name] for name in ("kty", "crv", "x", "d")}, separators=(",", ":"))
    return NewKey(key_id, "ed25519", secret, jwk["x"])


def shared_key(key_id: str, secret: str) -> NewKey:
    """An HMAC key that the operator made and gave to the origin already.

    Raises:
        CredentialsError: not base64url of 32 bytes; says how to make one.
    """
    _check_id(key_id)
    try:
        raw = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != KEY_BYTES or "=" in secret:
        raise CredentialsError(
            f"{SIGNING_KEY} must be base64url of {KEY_BYTES} random bytes without padding: "
            "`python -c 'import secrets; print(secrets.token_urlsafe(32))'` makes one"
        )
    return NewKey(key_id, "hmac-sha256", secret)


def fingerprint_of(new: NewKey) -> dict[str, str] | None:
    """What names the key in a version's tag: its id where every run makes a new pair, else its value."""
    return {SIGNING_KEY: new.key_id} if new.public else None


def for_origin(key_id: str, algorithm: Algorithm, public: str | None) -> str:
    """The entry for the origin's ``LENDGATE_EDGE_KEYS``, without a secret."""
    return json.dumps({key_id: {"alg": algorithm, "key": public or "<the same secret>"}})


async def rotate(
    worker: Worker,
    desired: Desired,
    live: Live,
    plan: Plan,
    new: NewKey,
    *,
    check: Check,
    say: Say,
    fingerprint_key: str,
    without_proof: bool,
) -> Rotation:
    """One run of a rotation; ``without_proof`` switches although no signed round trip was possible.

    Raises:
        StoppedError: the deployed Worker is not what is here, or a canary is in progress.
    """
    if live.baseline is None:
        raise StoppedError("nothing is deployed: `lendgate edge deploy` sets the first key.")
    old = live.variable(SIGNING_KEY_ID)
    if old == new.key_id:
        checked = await check(live.baseline.id)
        return Rotation("was done", new.key_id, None, live.baseline.id, checked)
    if plan.needs_version:
        raise StoppedError(
            "the deployed Worker is not what wrangler.jsonc and the bundle say, and a rotation changes the "
            "key alone. Run `lendgate edge deploy` first."
        )
    form = _form(desired, live, new, fingerprint_key)
    version_id, public = await _staged(worker, live.baseline.number + 1, form, new, say)
    if [share for share in taking(live.shares) if share.version_id not in {live.baseline.id, version_id}]:
        raise StoppedError("a canary is in progress: promote it or roll back first. Nothing was changed.")
    traffic = Traffic(worker, live.deployment, new.message, say)
    checked = await traffic.try_out(version_id, 0, live.baseline.id, check)
    proved = checked.signed or (without_proof and checked.verdict != "fails")
    if proved:
        await traffic.give([share_of(version_id, ALL_TRAFFIC)])
    return Rotation(
        stage="done" if proved else "waiting",
        key_id=new.key_id,
        old_key_id=old,
        version_id=version_id,
        checked=checked,
        for_origin=for_origin(new.key_id, new.algorithm, public),
    )


def _form(desired: Desired, live: Live, new: NewKey, fingerprint_key: str) -> Form:
    named: dict[str, Binding] = {
        SIGNING_KEY_ID: {"name": SIGNING_KEY_ID, "type": "plain_text", "text": new.key_id},
        SIGNING_ALG: {"name": SIGNING_ALG, "type": "plain_text", "text": new.algorithm},
    }
    others = [binding for binding in desired.bindings if binding["name"] not in named]
    return make_form(
        replace(desired, bindings=(*others, *named.values())),
        secrets={SIGNING_KEY: new.secret},
        kept=live.kept,
        message=new.message,
        fingerprint_key=fingerprint_key,
        fingerprint=fingerprint_of(new),
    )


async def _staged(worker: Worker, floor: int, form: Form, new: NewKey, say: Say) -> tuple[str, str | None]:
    """The version with the new key and its public half, from an earlier run or uploaded now."""

    async def look() -> tuple[str, str | None] | None:
        for version in await worker.versions():
            if version.annotations.tag == form.tag and version.number >= floor:
                public = _PUBLIC.search(version.annotations.message)
                return version.id, public[1] if public else None
        return None

    async def upload() -> tuple[str, str | None]:
        version_id = await worker.upload(form.parts())
        say(f"uploaded version {version_id} with the signing key {new.key_id}")
        return version_id, new.public

    staged = await look()
    if staged is not None:
        return staged
    return await once(upload, look, clock=worker.api.clock)


def _check_id(key_id: str) -> None:
    if not _KEY_ID.fullmatch(key_id):
        raise CredentialsError("a key id has 1 to 64 characters of A-Z a-z 0-9 . _ -")
