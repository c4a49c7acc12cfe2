"""Which versions take how much traffic.

Law: a deployment holds one or two versions and 100 percent in all. A split is only replaced by whoever saw
it: when somebody else changed it meanwhile, theirs stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from lendgate.cloudflare.api.answers import Deployment, Share
from lendgate.cloudflare.api.client import once
from lendgate.cloudflare.api.failures import StoppedError
from lendgate.cloudflare.api.worker import Worker
from lendgate.cloudflare.check import Check, Checked

ALL_TRAFFIC: Final = 100.0
Say = Callable[[str], None]
"""Tells the operator one thing that was done."""


class Traffic:
    """Changes the split of one Worker; ``seen`` is the deployment its caller decided upon."""

    def __init__(self, worker: Worker, seen: Deployment | None, message: str, say: Say) -> None:
        self._worker = worker
        self._seen = seen.id if seen else None
        self._message = message
        self._say = say
        self.shares: tuple[Share, ...] = tuple(seen.versions) if seen else ()

    async def give(self, shares: Sequence[Share], *, force: bool = False) -> None:
        """Make this the split; does nothing when it is already.

        ``force`` accepts that secrets were changed after a version was made.

        Raises:
            StoppedError: the deployment is no longer the one that was seen.
        """
        there = await self._look(shares)
        if there is None:
            there = await once(
                lambda: self._worker.deploy(shares, self._message, force=force),
                lambda: self._look(shares),
                clock=self._worker.api.clock,
            )
        self._seen = there
        self.shares = tuple(shares)
        self._say("traffic: " + shown(shares))

    async def try_out(self, version_id: str, percent: float, baseline: str, check: Check) -> Checked:
        """Give a version its part of the traffic, unless it says that it does not work.

        It is asked while it stands in the deployment with no traffic (or what it has already).
        """
        if version_id not in {share.version_id for share in self.shares}:
            await self.give(split(version_id, 0, baseline))
        checked = await check(version_id)
        if checked.verdict != "fails":
            await self.give(split(version_id, percent, baseline))
        return checked

    async def _look(self, shares: Sequence[Share]) -> str | None:
        """The id of the deployment when it has this split already."""
        deployments = await self._worker.deployments()
        if not deployments:
            return None
        latest = deployments[0]
        if _as_map(latest.versions) == _as_map(shares):
            return latest.id
        if latest.id != self._seen:
            raise StoppedError(
                f"somebody else ({latest.author_email or latest.source or 'unknown'}) changed the traffic "
                f"at {latest.created_on or 'an unknown time'} while this ran. Their split was left as it "
                "is. Run `lendgate edge status`, then the command again."
            )
        return None


def shown(shares: Sequence[Share]) -> str:
    """A split for people."""
    return ", ".join(f"{share.version_id} {share.percentage:g} %" for share in shares)


def taking(shares: Sequence[Share]) -> list[Share]:
    """The versions that really take traffic."""
    return [share for share in shares if share.percentage > 0]


def share_of(version_id: str, percentage: float) -> Share:
    """A version's part."""
    return Share(version_id=version_id, percentage=percentage)


def split(version_id: str, percent: float, baseline: str) -> list[Share]:
    """``percent`` for a version and the rest for the baseline."""
    if percent >= ALL_TRAFFIC or version_id == baseline:
        return [share_of(version_id, ALL_TRAFFIC)]
    return [share_of(baseline, ALL_TRAFFIC - percent), share_of(version_id, percent)]


def _as_map(shares: Sequence[Share]) -> dict[str, float]:
    return {share.version_id: share.percentage for share in shares}
