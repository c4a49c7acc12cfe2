"""What the Worker is: everything on Cloudflare that a plan compares, read and never changed.

Law: Cloudflare is the only state there is; nothing is kept on disk between runs. What takes traffic is
read from the deployment, and what it is made of from exactly that version.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lendgate.cloudflare.api.addresses import (
    Held,
    PlacedRoute,
    domain_holder,
    domains_of,
    find_zone,
    routes_in,
)
from lendgate.cloudflare.api.answers import (
    Deployment,
    Domain,
    Namespace,
    ScriptSettings,
    Share,
    Subdomain,
    Version,
    VersionDetail,
)
from lendgate.cloudflare.api.client import CloudflareApi
from lendgate.cloudflare.api.worker import Worker
from lendgate.cloudflare.desired import CODE_DIGEST, Binding, Desired, Route
from lendgate.cloudflare.upload import SECRET_TYPES, Kept


@dataclass(frozen=True, slots=True)
class Live:
    """A Worker that exists."""

    deployment: Deployment | None
    """``None`` when nothing was ever deployed."""
    baseline: VersionDetail | None
    """The version with the most traffic."""
    versions: tuple[Version, ...]
    """Newest first."""
    settings: ScriptSettings
    subdomain: Subdomain
    namespaces: tuple[Namespace, ...]

    @property
    def shares(self) -> tuple[Share, ...]:
        """Who takes how much traffic."""
        return tuple(self.deployment.versions) if self.deployment else ()

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """The bindings of the version with the most traffic; secrets without text."""
        return tuple(self.baseline.resources.bindings) if self.baseline else ()

    @property
    def secrets(self) -> frozenset[str]:
        """Names of its secrets."""
        return frozenset(str(b.get("name")) for b in self.bindings if b.get("type") in SECRET_TYPES)

    @property
    def code_digest(self) -> str | None:
        """The digest of its code, when Lendgate uploaded it."""
        return self.variable(CODE_DIGEST)

    @property
    def kept(self) -> Kept | None:
        """The version a new one inherits its secrets from."""
        return Kept(self.baseline.id, self.bindings) if self.baseline else None

    def variable(self, name: str) -> str | None:
        """The text of one of its variables."""
        return self.baseline.variable(name) if self.baseline else None

    def newest(self) -> int:
        """The number of the newest version that takes traffic, 0 without one."""
        taking = {share.version_id for share in self.shares}
        return max((version.number for version in self.versions if version.id in taking), default=0)


@dataclass(frozen=True, slots=True)
class Actual:
    """Everything a plan compares. ``live`` is ``None`` when there is no such Worker."""

    live: Live | None
    domains: tuple[Domain, ...] = ()
    routes: tuple[PlacedRoute, ...] = ()
    """Routes that lead to the Worker, in the zones that the wanted routes are in."""
    zones: tuple[tuple[str, str], ...] = ()
    """(pattern, zone id) of each wanted route."""
    held: tuple[Held, ...] = field(default=())
    """Wanted addresses that something else holds."""

    def zone(self, pattern: str) -> str:
        """The zone id of a wanted route."""
        return dict(self.zones)[pattern]

    def route(self, pattern: str) -> PlacedRoute:
        """The Worker's route with this pattern."""
        return next(route for route in self.routes if route.pattern == pattern)

    def domain(self, hostname: str) -> Domain:
        """The Worker's custom domain of this name."""
        return next(domain for domain in self.domains if domain.hostname == hostname)


async def read_live(worker: Worker) -> Live | None:
    """What takes traffic now, and what it is made of; ``None`` when there is no such Worker."""
    deployments = await worker.deployments()
    if deployments is None:
        return None
    deployment = deployments[0] if deployments else None
    largest = max(deployment.versions, key=lambda share: share.percentage) if deployment else None
    return Live(
        deployment=deployment,
        baseline=await worker.version(largest.version_id) if largest else None,
        versions=tuple(await worker.versions()),
        settings=await worker.script_settings(),
        subdomain=await worker.subdomain(),
        namespaces=tuple(await worker.namespaces()),
    )


async def read_actual(worker: Worker, desired: Desired) -> Actual:
    """Everything that a plan for ``desired`` compares."""
    live = await read_live(worker)
    domains = await domains_of(worker.api, worker.name)
    attached = {domain.hostname for domain in domains}
    held = [
        holder
        for hostname in desired.domains
        if hostname not in attached
        and (holder := await domain_holder(worker.api, hostname, worker.name)) is not None
    ]
    zones = [(route.pattern, await _zone_of(worker.api, route)) for route in desired.routes]
    placed = await _routes(worker.api, (zone_id for _, zone_id in zones))
    wanted = {pattern for pattern, _ in zones}
    held += [
        Held(route.pattern, f"the Worker {route.worker or '(none)'}", route=route)
        for route in placed
        if route.pattern in wanted and route.worker != worker.name
    ]
    ours = tuple(route for route in placed if route.worker == worker.name)
    return Actual(live, tuple(domains), ours, tuple(zones), tuple(held))


async def _zone_of(api: CloudflareApi, route: Route) -> str:
    return route.zone_id or (await find_zone(api, route.zone_name or route.hostname)).id


async def _routes(api: CloudflareApi, zone_ids: Iterable[str]) -> list[PlacedRoute]:
    found: list[PlacedRoute] = []
    for zone_id in dict.fromkeys(zone_ids):
        found += await routes_in(api, zone_id)
    return found
