"""Which call of the API does what in the stand-in, and which grant of the token it needs."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from pydantic import JsonValue

from lendgate.cloudflare.standin import places, scripts
from lendgate.cloudflare.standin.forms import Upload, read_upload
from lendgate.cloudflare.standin.state import RefusalError, State, Token


class Raw(Protocol):
    """The request's body, for handlers that read forms."""

    @property
    def content_type(self) -> str: ...

    @property
    def body(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Request:
    """What a handler is given."""

    state: State
    token: Token
    path: Mapping[str, str]
    query: dict[str, str]
    json: JsonValue
    raw: Raw

    @property
    def script(self) -> str:
        """The Worker's name in the path."""
        return self.path["script_name"]

    @property
    def upload(self) -> Upload:
        """The form of an upload."""
        return read_upload(self.raw.content_type, self.raw.body)


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint."""

    method: str
    pattern: re.Pattern[str]
    needs: str
    handle: Callable[[Request], JsonValue]


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The endpoint of a request and the variables of its path."""
    for route in ROUTES:
        match = route.pattern.fullmatch(path)
        if match and route.method == method:
            return route, match.groupdict()
    raise RefusalError(404, 7003, f"Could not route to {path}")


def _route(method: str, path: str, needs: str, handle: Callable[[Request], JsonValue]) -> Route:
    return Route(method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), needs, handle)


def _verify_user(request: Request) -> JsonValue:
    if request.token.owned_by_account:
        raise RefusalError(401, 1000, "Invalid API Token")
    return {"id": request.token.id, "status": request.token.status}


def _verify_account(request: Request) -> JsonValue:
    if not request.token.owned_by_account:
        raise RefusalError(401, 1000, "Invalid API Token")
    return {"id": request.token.id, "status": request.token.status}


_GROUPS: Final = {
    "scripts:read": "Workers Scripts Read",
    "scripts:edit": "Workers Scripts Write",
    "tail": "Workers Tail Read",
}


def _token(request: Request) -> JsonValue:
    names = [name for grant, name in _GROUPS.items() if grant in request.token.may]
    groups: list[JsonValue] = [{"id": name, "name": name} for name in names]
    policy: dict[str, JsonValue] = {"effect": "allow", "permission_groups": groups}
    return {"id": request.token.id, "policies": [policy]}


def _script_settings(request: Request) -> JsonValue:
    script = request.state.script(request.script)
    return {"observability": script.observability, "tags": script.tags, "logpush": False}


def _patch_script_settings(request: Request) -> JsonValue:
    script = request.state.script(request.script)
    body = request.json if isinstance(request.json, dict) else {}
    script.observability = body.get("observability", script.observability)
    script.tags = body.get("tags", script.tags)
    return _script_settings(request)


def _subdomain(request: Request) -> JsonValue:
    script = request.state.script(request.script)
    return {"enabled": script.workers_dev, "previews_enabled": script.previews}


def _post_subdomain(request: Request) -> JsonValue:
    script = request.state.script(request.script)
    body = request.json if isinstance(request.json, dict) else {}
    if request.state.subdomain is None and body.get("enabled"):
        raise RefusalError(400, 10063, "A workers.dev subdomain is required.")
    script.workers_dev, script.previews = bool(body.get("enabled")), bool(body.get("previews_enabled"))
    return _subdomain(request)


def _start_tail(request: Request) -> JsonValue:
    tail_id = uuid.uuid4().hex
    request.state.script(request.script).tails.append(tail_id)
    return {"id": tail_id, "url": request.state.tail_url, "expires_at": "2026-11-22T18:00:00Z"}


def _stop_tail(request: Request) -> JsonValue:
    request.state.script(request.script).tails.remove(request.path["id"])
    return None


def _list_tails(request: Request) -> JsonValue:
    return [{"id": tail_id} for tail_id in request.state.script(request.script).tails]


def _worker(request: Request) -> JsonValue:
    state = request.state
    script = state.script(request.path["worker_id"])
    workers: list[JsonValue] = [{"id": uuid.uuid4().hex, "name": name} for name in state.used_by]
    domains: list[JsonValue] = [d for d in state.domains.values() if d["service"] == script.name]
    references: dict[str, JsonValue] = {
        "workers": workers,
        "domains": domains,
        "durable_objects": [],
        "queues": [],
        "dispatch_namespace_outbounds": [],
    }
    return {"id": script.tag, "name": script.name, "references": references}


def _delete_script(request: Request) -> JsonValue:
    state = request.state
    state.script(request.script)
    if state.used_by and request.query.get("force") != "true":
        raise RefusalError(400, 10142, "The Worker is still referenced.")
    del state.scripts[request.script]
    state.namespaces = [n for n in state.namespaces if n.script != request.script]
    return None


def _namespaces(request: Request) -> JsonValue:
    return [
        {
            "id": namespace.id,
            "name": f"{namespace.script}_{namespace.class_name}",
            "script": namespace.script,
            "class": namespace.class_name,
            "use_sqlite": True,
        }
        for namespace in request.state.namespaces
    ]


def _vpc_service(request: Request) -> JsonValue:
    if request.path["service_id"] not in request.state.vpc_services:
        raise RefusalError(404, 10180, "The VPC service does not exist.")
    return {"service_id": request.path["service_id"], "name": "origin", "type": "http"}


_WORKERS: Final = "/accounts/{account_id}/workers"
_SCRIPT: Final = _WORKERS + "/scripts/{script_name}"
_ROUTES: Final = "/zones/{zone_id}/workers/routes"

ROUTES: Final = (
    _route("GET", "/user/tokens/verify", "", _verify_user),
    _route("GET", "/accounts/{account_id}/tokens/verify", "", _verify_account),
    _route("GET", "/user/tokens/{token_id}", "tokens", _token),
    _route("GET", "/accounts", "accounts", lambda r: [{"id": r.token.account_id, "name": "Lender"}]),
    _route("GET", _SCRIPT + "/settings", "scripts:read", lambda r: scripts.settings(r.state, r.script)),
    _route("GET", _SCRIPT + "/secrets", "scripts:read", lambda r: scripts.list_secrets(r.state, r.script)),
    _route(
        "PUT", _SCRIPT + "/secrets", "scripts:edit", lambda r: scripts.put_secret(r.state, r.script, r.json)
    ),
    _route("PUT", _SCRIPT, "scripts:edit", lambda r: scripts.put_script(r.state, r.script, r.upload)),
    _route("DELETE", _SCRIPT, "scripts:edit", _delete_script),
    _route("GET", _SCRIPT + "/versions", "scripts:read", lambda r: scripts.list_versions(r.state, r.script)),
    _route(
        "POST",
        _SCRIPT + "/versions",
        "scripts:edit",
        lambda r: scripts.post_version(r.state, r.script, r.upload),
    ),
    _route(
        "GET",
        _SCRIPT + "/versions/{version_id}",
        "scripts:read",
        lambda r: scripts.get_version(r.state, r.script, r.path["version_id"]),
    ),
    _route(
        "GET",
        _SCRIPT + "/deployments",
        "scripts:read",
        lambda r: scripts.list_deployments(r.state, r.script),
    ),
    _route(
        "POST",
        _SCRIPT + "/deployments",
        "scripts:edit",
        lambda r: scripts.post_deployment(r.state, r.script, r.json, force=r.query.get("force") == "true"),
    ),
    _route("GET", _SCRIPT + "/script-settings", "scripts:read", _script_settings),
    _route("PATCH", _SCRIPT + "/script-settings", "scripts:edit", _patch_script_settings),
    _route("GET", _SCRIPT + "/subdomain", "scripts:read", _subdomain),
    _route("POST", _SCRIPT + "/subdomain", "scripts:edit", _post_subdomain),
    _route("GET", _SCRIPT + "/tails", "tail", _list_tails),
    _route("POST", _SCRIPT + "/tails", "tail", _start_tail),
    _route("DELETE", _SCRIPT + "/tails/{id}", "tail", _stop_tail),
    _route("GET", _WORKERS + "/workers/{worker_id}", "scripts:read", _worker),
    _route("GET", _WORKERS + "/durable_objects/namespaces", "scripts:read", _namespaces),
    _route("GET", _WORKERS + "/subdomain", "scripts:read", lambda r: places.account_subdomain(r.state)),
    _route("GET", _WORKERS + "/domains", "scripts:read", lambda r: places.list_domains(r.state, r.query)),
    _route("PUT", _WORKERS + "/domains", "scripts:edit", lambda r: places.put_domain(r.state, r.json)),
    _route(
        "DELETE",
        _WORKERS + "/domains/{domain_id}",
        "scripts:edit",
        lambda r: places.delete_domain(r.state, r.path["domain_id"]),
    ),
    _route("GET", "/zones", "zone", lambda r: places.list_zones(r.state, r.query)),
    _route("GET", _ROUTES, "routes", lambda r: places.list_routes(r.state, r.path["zone_id"])),
    _route("POST", _ROUTES, "routes", lambda r: places.post_route(r.state, r.path["zone_id"], r.json)),
    _route(
        "PUT",
        _ROUTES + "/{route_id}",
        "routes",
        lambda r: places.put_route(r.state, r.path["zone_id"], r.path["route_id"], r.json),
    ),
    _route(
        "DELETE",
        _ROUTES + "/{route_id}",
        "routes",
        lambda r: places.delete_route(r.state, r.path["zone_id"], r.path["route_id"]),
    ),
    _route("GET", "/zones/{zone_id}/dns_records", "dns", lambda r: places.list_dns(r.state, r.query)),
    _route(
        "DELETE",
        "/zones/{zone_id}/dns_records/{dns_record_id}",
        "dns",
        lambda r: places.delete_dns(r.state, r.path["dns_record_id"]),
    ),
    _route(
        "GET",
        "/accounts/{account_id}/connectivity/directory/services/{service_id}",
        "vpc",
        _vpc_service,
    ),
)
