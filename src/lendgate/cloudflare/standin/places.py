"""The stand-in's addresses: workers.dev, custom domains, zones, routes, DNS."""

from __future__ import annotations

import uuid

from pydantic import JsonValue

from lendgate.cloudflare.standin.state import RefusalError, State


def account_subdomain(state: State) -> JsonValue:
    """The account's name under workers.dev."""
    if state.subdomain is None:
        raise RefusalError(404, 10007, "There is no workers.dev subdomain registered.")
    return {"subdomain": state.subdomain}


def list_domains(state: State, query: dict[str, str]) -> JsonValue:
    """Custom domains, filtered."""
    return [
        domain
        for domain in state.domains.values()
        if all(domain.get(key) == value for key, value in query.items())
    ]


def put_domain(state: State, body: JsonValue) -> JsonValue:
    """Attach a custom domain; an existing holder is not overridden."""
    asked = body if isinstance(body, dict) else {}
    hostname, service = str(asked["hostname"]), str(asked["service"])
    state.script(service)
    names = {zone_id: name for name, zone_id in state.zones.items()}
    zone = names.get(str(asked.get("zone_id")), "")
    if not zone or not f".{hostname}".endswith(f".{zone}"):
        raise RefusalError(400, 100112, "The hostname is not in this zone.")
    for domain in state.domains.values():
        if domain["hostname"] == hostname:
            if domain["service"] != service:
                raise RefusalError(409, 100116, "Hostname already has an origin attached.")
            return domain
    if any(record["name"] == hostname for record in state.dns.values()):
        raise RefusalError(409, 100117, "Hostname already has externally managed DNS records.")
    made: dict[str, JsonValue] = {
        "id": uuid.uuid4().hex,
        "hostname": hostname,
        "service": service,
        "environment": "production",
        "cert_id": str(uuid.uuid4()),
        "zone_id": asked["zone_id"],
        "zone_name": zone,
    }
    state.domains[str(made["id"])] = made
    return made


def delete_domain(state: State, domain_id: str) -> JsonValue:
    """Detach."""
    if state.domains.pop(domain_id, None) is None:
        raise RefusalError(404, 100114, "The domain does not exist.")
    return {"id": domain_id}


def list_zones(state: State, query: dict[str, str]) -> JsonValue:
    """Zones by exact name."""
    name = query.get("name")
    return [{"id": zone_id, "name": zone} for zone, zone_id in state.zones.items() if zone == name]


def list_routes(state: State, zone_id: str) -> JsonValue:
    """Routes of a zone."""
    return list(state.routes.get(zone_id, {}).values())


def post_route(state: State, zone_id: str, body: JsonValue) -> JsonValue:
    """Add a route."""
    asked = body if isinstance(body, dict) else {}
    routes = state.routes.setdefault(zone_id, {})
    if any(route["pattern"] == asked["pattern"] for route in routes.values()):
        raise RefusalError(409, 10020, "A route with the same pattern already exists.")
    route: dict[str, JsonValue] = {"id": uuid.uuid4().hex, **asked}
    routes[str(route["id"])] = route
    return route


def put_route(state: State, zone_id: str, route_id: str, body: JsonValue) -> JsonValue:
    """Change a route."""
    asked = body if isinstance(body, dict) else {}
    state.routes[zone_id][route_id] = {"id": route_id, **asked}
    return state.routes[zone_id][route_id]


def delete_route(state: State, zone_id: str, route_id: str) -> JsonValue:
    """Remove a route."""
    if state.routes.get(zone_id, {}).pop(route_id, None) is None:
        raise RefusalError(404, 10009, "The route does not exist.")
    return {"id": route_id}


def list_dns(state: State, query: dict[str, str]) -> JsonValue:
    """DNS records of one name."""
    return [record for record in state.dns.values() if record["name"] == query.get("name.exact")]


def delete_dns(state: State, record_id: str) -> JsonValue:
    """Delete a record."""
    if state.dns.pop(record_id, None) is None:
        raise RefusalError(404, 81044, "Record does not exist.")
    return {"id": record_id}
