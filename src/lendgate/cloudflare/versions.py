"""Versions of the Worker: which there are, moving traffic to one, going back to one.

Law: promoting asks the version first; going back does not wait for an answer. Neither touches what lies
outside a version: Durable Objects and their data, domains, observability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lendgate.cloudflare.api.answers import Deployment, Share, Version
from lendgate.cloudflare.api.failures import StoppedError
from lendgate.cloudflare.api.worker import Worker
from lendgate.cloudflare.check import Check, Checked
from lendgate.cloudflare.desired import SIGNING_KEY_ID
from lendgate.cloudflare.traffic import ALL_TRAFFIC, Say, Traffic, share_of, shown, taking

LIMITS: Final = (
    "Going back changes code, variables and secrets to those of that version. It does not undo what is "
    "outside a version: Durable Object data, domains, routes, observability. It is not possible across a "
    "change of Durable Object classes."
)
_SHORTEST_PREFIX: Final = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list of versions."""

    version: Version
    percentage: float | None
    """Its part of the traffic now; ``None`` when it is not in the deployment."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the traffic went."""

    shares: tuple[Share, ...]
    checked: Checked
    notes: tuple[str, ...] = ()


async def list_versions(worker: Worker) -> list[Row]:
    """The versions that can be deployed, newest first, with their traffic."""
    deployment = await _current(worker)
    percentages = {share.version_id: share.percentage for share in deployment.versions}
    return [Row(version, percentages.get(version.id)) for version in await worker.versions()]


async def promote(worker: Worker, name: str, percent: float, *, check: Check, say: Say) -> Moved:
    """Give a version ``percent`` of the traffic and leave the rest to the one that has most of it now.

    Raises:
        StoppedError: no such version, or two others share the traffic already.
    """
    deployment = await _current(worker)
    version = choose(await worker.versions(), name)
    others = [share for share in taking(deployment.versions) if share.version_id != version.id]
    if len(others) > 1:
        raise StoppedError(
            f"a canary is in progress ({shown(deployment.versions)}). Promote one of the two, or roll back "
            "first. No traffic was changed."
        )
    if percent < ALL_TRAFFIC and not others:
        raise StoppedError(
            f"{version.id} has all the traffic: there is no other version to share with. To go back to an "
            "earlier one use `lendgate edge rollback`. No traffic was changed."
        )
    baseline = others[0].version_id if others else version.id
    traffic = Traffic(worker, deployment, f"lendgate edge promote {percent:g}%", say)
    checked = await traffic.try_out(version.id, percent, baseline, check)
    return Moved(traffic.shares, checked)


async def rollback(
    worker: Worker, name: str | None, *, accept_old_secrets: bool, check: Check, say: Say
) -> Moved:
    """Give all traffic to a version, by default the one that had all of it before.

    Raises:
        StoppedError: nothing to go back to.
        RefusedError: Cloudflare refuses, for example because a secret has changed since (10220).
    """
    deployments = await worker.deployments() or []
    if not deployments:
        raise StoppedError(f"there is no Worker {worker.name}, or nothing was ever deployed to it.")
    versions = await worker.versions()
    target = choose(versions, name).id if name else _previous(deployments, versions)
    notes = await _key_note(worker, deployments[0], target)
    traffic = Traffic(worker, deployments[0], "lendgate edge rollback", say)
    await traffic.give([share_of(target, ALL_TRAFFIC)], force=accept_old_secrets)
    return Moved(traffic.shares, await check(target), (LIMITS, *notes))


def choose(versions: Sequence[Version], name: str) -> Version:
    """The version meant by an id, the beginning of one, or a number.

    Raises:
        StoppedError: none, or several.
    """
    if name.isdecimal():
        found = [version for version in versions if version.number == int(name)]
    elif len(name) >= _SHORTEST_PREFIX:
        found = [version for version in versions if version.id.startswith(name.lower())]
    else:
        found = []
    if len(found) == 1:
        return found[0]
    how_many = "several versions are" if found else "no version that can be deployed is"
    raise StoppedError(f"{how_many} called {name}. `lendgate edge versions` lists them.")


def _previous(deployments: Sequence[Deployment], versions: Sequence[Version]) -> str:
    """Who had all traffic last, before the present split; a canary is gone back from, too."""
    deployable = {version.id for version in versions}
    present = deployments[0].versions
    passed_over = {present[0].version_id} if len(present) == 1 else set()
    for deployment in deployments:
        for share in deployment.versions:
            full = share.percentage >= ALL_TRAFFIC
            if full and share.version_id in deployable - passed_over:
                return share.version_id
    raise StoppedError("there is no earlier version to go back to. `lendgate edge versions` lists them.")


async def _current(worker: Worker) -> Deployment:
    deployments = await worker.deployments()
    if not deployments:
        raise StoppedError(
            f"there is no Worker {worker.name}, or nothing was ever deployed to it: `lendgate edge deploy`."
        )
    return deployments[0]


async def _key_note(worker: Worker, present: Deployment, target: str) -> list[str]:
    """Going back also goes back to the signing key of that time: the origin must still accept it."""
    largest = max(present.versions, key=lambda share: share.percentage)
    now = (await worker.version(largest.version_id)).variable(SIGNING_KEY_ID)
    then = (await worker.version(target)).variable(SIGNING_KEY_ID)
    if now == then:
        return []
    return [f"that version signs with the key {then}, not {now}: the origin must accept {then}"]
