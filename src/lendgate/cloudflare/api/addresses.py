"""How requests find the Worker: its workers.dev name, custom domains and routes.

Law: an address that belongs to something else is never taken without ``take_over``. (In CI wrangler
overrides existing domains and DNS records without asking; this does not.)
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from lendgate.cloudflare.api import operations
from lendgate.cloudflare.api.answers import DnsRecord, Domain, Zone, ZoneRoute, read
from lendgate.cloudflare.api.client import CloudflareApi, once
from lendgate.cloudflare.api.failures import RefusedError, StoppedError
from lendgate.cloudflare.api.operations import Operation


@dataclass(frozen=True, slots=True)
class PlacedRoute:
    """A route as a zone has it; ``worker`` is the Worker it leads to, if any."""

    zone_id: str
    id: str
    pattern: str
    worker: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """An address wanted for the Worker that something else holds."""

    address: str
    holder: str
    domain_id: str | None = None
    zone_id: str | None = None
    dns_record_ids: tuple[str, ...] = ()
    route: PlacedRoute | None = None

    def __str__(self) -> str:
        return f"{self.address} is held by {self.holder}"


async def domains_of(api: CloudflareApi, worker: str) -> list[Domain]:
    """The custom domains attached to a Worker."""
    return await _domains(api, {"service": worker})


async def domain_holder(api: CloudflareApi, hostname: str, worker: str) -> Held | None:
    """What else holds a hostname: another Worker, or DNS records; ``None`` when it is free or ours.

    A token that may not read DNS is no reason to stop: attaching the domain is refused then (100117).
    """
    for domain in await _domains(api, {"hostname": hostname}):
        if domain.service == worker:
            return None
        return Held(hostname, f"the Worker {domain.service}", domain_id=domain.id)
    zone = await find_zone(api, hostname)
    records = await _dns(api, zone.id, hostname)
    if not records:
        return None
    listed = ", ".join(f"{record.type} {record.content}".strip() for record in records)
    ids = tuple(record.id for record in records)
    return Held(hostname, f"DNS: {listed}", zone_id=zone.id, dns_record_ids=ids)


async def find_zone(api: CloudflareApi, hostname: str) -> Zone:
    """The zone a hostname is in: the longest of its parents that is a zone of this token's.

    Raises:
        StoppedError: none is.
    """
    labels = hostname.split(".")
    for start in range(len(labels) - 1):
        name = ".".join(labels[start:])
        for zone in read(
            list[Zone],
            operations.LIST_ZONES,
            await api.call(operations.LIST_ZONES, query={"name": name}),
        ):
            return zone
    raise StoppedError(
        f"no zone for {hostname} is visible to this token. Add the domain to the Cloudflare account, or "
        f'give the token "{operations.LIST_ZONES.permission}" on that zone.'
    )


async def routes_in(api: CloudflareApi, zone_id: str) -> list[PlacedRoute]:
    """All routes of a zone, whoever they lead to."""
    result = await api.call(operations.LIST_ROUTES, path={"zone_id": zone_id})
    found = read(list[ZoneRoute], operations.LIST_ROUTES, result)
    return [PlacedRoute(zone_id, route.id, route.pattern, route.script) for route in found]


async def attach_domain(api: CloudflareApi, hostname: str, worker: str) -> None:
    """Attach a custom domain; Cloudflare makes its DNS record and certificate."""
    body: dict[str, JsonValue] = {"hostname": hostname, "service": worker}
    zone = await find_zone(api, hostname)
    await api.call(operations.PUT_DOMAIN, json=body | {"zone_id": zone.id})


async def detach_domain(api: CloudflareApi, domain_id: str) -> None:
    """Detach a custom domain; one that is gone already is no error."""
    await _unless_gone(api, operations.DELETE_DOMAIN, {"domain_id": domain_id})


async def add_route(api: CloudflareApi, zone_id: str, pattern: str, worker: str) -> None:
    """Lead a pattern to the Worker; after an unclear end the zone is read before it is added again."""
    body: dict[str, JsonValue] = {"pattern": pattern, "script": worker}

    async def add() -> bool:
        await api.call(operations.POST_ROUTE, path={"zone_id": zone_id}, json=body)
        return True

    async def look() -> bool | None:
        there = await routes_in(api, zone_id)
        return True if any(r.pattern == pattern and r.worker == worker for r in there) else None

    await once(add, look, clock=api.clock)


async def remove_route(api: CloudflareApi, route: PlacedRoute) -> None:
    """Remove a route; one that is gone already is no error."""
    await _unless_gone(api, operations.DELETE_ROUTE, {"zone_id": route.zone_id, "route_id": route.id})


async def release(api: CloudflareApi, held: Held, worker: str) -> None:
    """Take an address from its holder: only after the operator said so."""
    if held.domain_id:
        await detach_domain(api, held.domain_id)
    for record_id in held.dns_record_ids:
        path = {"zone_id": held.zone_id or "", "dns_record_id": record_id}
        await _unless_gone(api, operations.DELETE_DNS, path)
    if held.route:
        body: dict[str, JsonValue] = {"pattern": held.route.pattern, "script": worker}
        path = {"zone_id": held.route.zone_id, "route_id": held.route.id}
        await api.call(operations.PUT_ROUTE, path=path, json=body)


async def _unless_gone(api: CloudflareApi, operation: Operation, path: dict[str, str]) -> None:
    try:
        await api.call(operation, path=path)
    except RefusedError as error:
        if not error.absent:
            raise


async def _domains(api: CloudflareApi, query: dict[str, str]) -> list[Domain]:
    return read(list[Domain], operations.LIST_DOMAINS, await api.call(operations.LIST_DOMAINS, query=query))


async def _dns(api: CloudflareApi, zone_id: str, hostname: str) -> list[DnsRecord]:
    try:
        result = await api.call(
            operations.LIST_DNS, path={"zone_id": zone_id}, query={"name.exact": hostname}
        )
    except RefusedError as error:
        if error.unauthorized:
            return []
        raise
    records = read(list[DnsRecord], operations.LIST_DNS, result)
    return [record for record in records if record.type in {"A", "AAAA", "CNAME"}]
