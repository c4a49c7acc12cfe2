"""A deploy, step by step: first by one upload that makes the Worker, later by a version and its traffic.

Law: nothing is changed before everything that can be refused was refused. A new version first stands in
the deployment with 0 percent, is asked whether it works, and only then gets traffic. Each step looks at
what is there before it acts, so a deploy that was cut off anywhere is finished by running it again: never
a second version of the same content, never somebody else's split overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lendgate.cloudflare.actual import Actual, Live
from lendgate.cloudflare.api.addresses import (
    add_route,
    attach_domain,
    detach_domain,
    release,
    remove_route,
)
from lendgate.cloudflare.api.answers import Share, VersionDetail
from lendgate.cloudflare.api.client import once
from lendgate.cloudflare.api.failures import StoppedError
from lendgate.cloudflare.api.worker import Worker
from lendgate.cloudflare.check import Check, Checked
from lendgate.cloudflare.desired import Desired
from lendgate.cloudflare.plan import SETTINGS, Change, Plan
from lendgate.cloudflare.traffic import ALL_TRAFFIC, Say, Traffic, share_of, taking
from lendgate.cloudflare.upload import make_form


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asked for beyond the files."""

    percent: float = ALL_TRAFFIC
    """The new version's part of the traffic."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """New values, by name."""
    fingerprint: Mapping[str, str] | None = None
    """See ``make_form``."""
    message: str = "lendgate edge deploy"
    take_over: bool = False
    allow_destructive: bool = False


@dataclass(frozen=True, slots=True)
class Deployed:
    """How a deploy ended."""

    version_id: str
    shares: tuple[Share, ...]
    checked: Checked
    changed: bool

    @property
    def ok(self) -> bool:
        """The version was not found wanting."""
        return self.checked.verdict != "fails"


class Deploy:
    """One deploy of ``desired`` over ``actual``; ``fingerprint_key`` is explained at ``make_form``."""

    def __init__(
        self,
        worker: Worker,
        desired: Desired,
        actual: Actual,
        plan: Plan,
        wish: Wish,
        *,
        check: Check,
        say: Say,
        fingerprint_key: str,
    ) -> None:
        self._worker = worker
        self._desired = desired
        self._actual = actual
        self._plan = plan
        self._wish = wish
        self._check = check
        self._say = say
        self._form = make_form(
            desired,
            secrets=wish.secrets,
            kept=actual.live.kept if actual.live else None,
            message=wish.message,
            fingerprint_key=fingerprint_key,
            fingerprint=wish.fingerprint,
        )

    async def run(self) -> Deployed:
        """Do what the plan says.

        Raises:
            StoppedError: refused before anything was changed, or stopped at a safe place; says which.
            CloudflareError: Cloudflare refused or could not be reached; the same command goes on from there.
        """
        self._refuse()
        live = self._actual.live
        if live is None or live.baseline is None or self._plan.needs_put:
            return await self._by_put(live)
        if not self._plan.needs_version:
            await self._around()
            checked = await self._check(live.baseline.id)
            return Deployed(live.baseline.id, live.shares, checked, bool(self._plan.changes))
        return await self._by_version(live, live.baseline)

    def _refuse(self) -> None:
        live = self._actual.live
        missing = sorted({*self._desired.secrets} - {*self._wish.secrets} - (live.secrets if live else set()))
        if missing:
            raise StoppedError(
                f"the Worker needs {', '.join(missing)}, which it does not have yet. Set each in the "
                "environment (NAME or NAME_FILE) and deploy again. Nothing was changed."
            )
        if self._actual.held and not self._wish.take_over:
            held = "; ".join(str(held) for held in self._actual.held)
            raise StoppedError(
                f"{held}. Deploying would take it away. Choose another address in wrangler.jsonc, or deploy "
                "with --take-over. Nothing was changed."
            )
        if self._plan.destructive and not self._wish.allow_destructive:
            lost = "; ".join(str(change) for change in self._plan.destructive)
            raise StoppedError(
                f"this would lose something for good: {lost}. Mend wrangler.jsonc, or deploy with "
                "--allow-destructive. Nothing was changed."
            )
        if self._plan.needs_put and self._wish.percent < ALL_TRAFFIC:
            raise StoppedError(
                "a new Worker, or a change of its Durable Objects, cannot be tried on a part of the "
                "traffic. Deploy at 100 percent. Nothing was changed."
            )

    async def _by_put(self, live: Live | None) -> Deployed:
        if live and len(taking(live.shares)) > 1:
            raise _canary(live.shares)
        floor = live.newest() + 1 if live else 0

        async def put() -> str:
            await self._worker.put(self._form.parts())
            return await self._deployed()

        version_id = await once(put, lambda: self._find(floor), clock=self._worker.api.clock)
        self._say(f"uploaded version {version_id} and gave it all traffic")
        await self._around()
        checked = await self._check(version_id)
        return Deployed(version_id, (share_of(version_id, ALL_TRAFFIC),), checked, changed=True)

    async def _by_version(self, live: Live, baseline: VersionDetail) -> Deployed:
        found = await self._find(baseline.number)
        others = [share for share in taking(live.shares) if share.version_id not in {baseline.id, found}]
        if others:
            raise _canary(live.shares)
        version_id = found or await self._upload(baseline.number)
        await self._around()
        traffic = Traffic(self._worker, live.deployment, self._wish.message, self._say)
        checked = await traffic.try_out(version_id, self._wish.percent, baseline.id, self._check)
        return Deployed(version_id, traffic.shares, checked, changed=True)

    async def _upload(self, floor: int) -> str:
        version_id = await once(
            lambda: self._worker.upload(self._form.parts()),
            lambda: self._find(floor),
            clock=self._worker.api.clock,
        )
        self._say(f"uploaded version {version_id}")
        return version_id

    async def _find(self, floor: int) -> str | None:
        return await find_version(self._worker, self._form.tag, floor)

    async def _deployed(self) -> str:
        deployments = await self._worker.deployments()
        if not deployments or not deployments[0].versions:
            raise StoppedError(
                "Cloudflare took the upload and shows no deployment. Run `lendgate edge status`."
            )
        return deployments[0].versions[0].version_id

    async def _around(self) -> None:
        """Everything that is not part of a version."""
        desired, worker, live = self._desired, self._worker, self._actual.live
        if self._plan.needs(SETTINGS):
            others = [tag for tag in (live.settings.tags if live else []) if tag not in desired.tags]
            await worker.set_script_settings(desired.observability, [*others, *desired.tags])
            self._say("set observability and tags")
        if self._plan.needs(frozenset(("workers.dev",))):
            await worker.set_subdomain(enabled=desired.workers_dev, previews=desired.preview_urls)
            self._say(f"turned workers.dev {'on' if desired.workers_dev else 'off'}")
        for held in self._actual.held:
            await release(worker.api, held, worker.name)
            self._say(f"took over: {held}")
        await self._addresses()

    async def _addresses(self) -> None:
        taken = {held.address for held in self._actual.held if held.route}
        for change in self._plan.changes:
            if change.part in {"domain", "route"} and change.name not in taken:
                await self._address(change)
                self._say(str(change))

    async def _address(self, change: Change) -> None:
        api, actual, worker = self._worker.api, self._actual, self._worker.name
        match change.part, change.action:
            case "domain", "add":
                await attach_domain(api, change.name, worker)
            case "domain", _:
                await detach_domain(api, actual.domain(change.name).id)
            case _, "add":
                await add_route(api, actual.zone(change.name), change.name, worker)
            case _:
                await remove_route(api, actual.route(change.name))


async def find_version(worker: Worker, tag: str, floor: int) -> str | None:
    """The newest version with this tag and a number of at least ``floor``."""
    for version in await worker.versions():
        if version.annotations.tag == tag and version.number >= floor:
            return version.id
    return None


def _canary(shares: Sequence[Share]) -> StoppedError:
    now = ", ".join(f"{share.version_id} {share.percentage:g} %" for share in shares)
    return StoppedError(
        f"a canary is in progress ({now}) and a deployment holds two versions at most. Finish it with "
        "`lendgate edge promote` or `lendgate edge rollback` first. No traffic was changed."
    )
