"""Secrets of the Worker: which there are, and setting one.

Law: a value comes from the environment or standard input and goes to Cloudflare; it is shown to nobody,
kept nowhere, and never an argument. Cloudflare makes a version of a changed secret and deploys it at
once, so the signing key is not set here: changing it takes two parties (``keys``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from lendgate.cloudflare.actual import Live
from lendgate.cloudflare.api.credentials import read_secret
from lendgate.cloudflare.api.failures import CredentialsError, StoppedError
from lendgate.cloudflare.api.worker import Worker
from lendgate.cloudflare.desired import SIGNING_KEY, Desired

LONGEST: Final = 5120
"""Bytes Cloudflare takes for one variable or secret."""
SHORTEST: Final = 6
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class SecretState:
    """One secret, by name."""

    name: str
    on_worker: bool
    required: bool


async def list_secrets(worker: Worker, desired: Desired) -> list[SecretState]:
    """The secrets on the Worker and those that wrangler.jsonc requires."""
    there = await worker.secrets()
    names = sorted({*there, *desired.secrets})
    return [SecretState(name, name in there, name in desired.secrets) for name in names]


async def set_secret(worker: Worker, name: str, value: str) -> None:
    """Set one secret; Cloudflare deploys it at once.

    Raises:
        CredentialsError: the name or the value cannot be one.
        StoppedError: it is the signing key.
        RefusedError: for example 10215, when a canary is in progress.
    """
    if name == SIGNING_KEY:
        raise StoppedError(
            f"{SIGNING_KEY} changes together with its key id and the origin: use `lendgate edge keys rotate`"
        )
    if not _NAME.fullmatch(name):
        raise CredentialsError(f"{name!r} cannot be the name of a secret: use letters, digits and _")
    worker.api.scrub.learn(fit(name, value))
    await worker.put_secret(name, value)


def fit(name: str, value: str) -> str:
    """A secret's value, when it can be one.

    Raises:
        CredentialsError: too short to be a secret, or longer than Cloudflare takes.
    """
    if len(value) < SHORTEST:
        raise CredentialsError(f"the value of {name} is shorter than {SHORTEST} characters: not a secret")
    if len(value.encode()) > LONGEST:
        raise CredentialsError(f"the value of {name} is longer than {LONGEST} bytes: Cloudflare refuses it")
    return value


def supply(
    desired: Desired, live: Live | None, environ: Mapping[str, str], replaced: Iterable[str] = ()
) -> dict[str, str]:
    """New values for a deploy: what the Worker lacks and the environment has, and what is to be replaced.

    Raises:
        CredentialsError: a secret to be replaced has no value in the environment.
    """
    there = live.secrets if live else frozenset()
    values: dict[str, str] = {}
    for name in replaced:
        value = read_secret(name, environ)
        if value is None:
            raise CredentialsError(f"{name} is to be replaced and not set: set {name} or {name}_FILE")
        values[name] = fit(name, value)
    for name in desired.secrets:
        value = read_secret(name, environ) if name not in there and name not in values else None
        if value is not None:
            values[name] = fit(name, value)
    return values
