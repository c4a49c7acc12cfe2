"""What the Worker should be: ``wrangler.jsonc`` and the built bundle, as Cloudflare's API speaks of them.

Law: pure. The file is read as wrangler reads it (``wrangler`` merges the environment); what wrangler
would deploy and Lendgate cannot is refused by name, never left out in silence. The bindings come in
wrangler's own order and shape, so that a form made from this equals the one wrangler makes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from lendgate.cloudflare.wrangler import merge_environment, parse_jsonc
from lendgate.cloudflare.wrangler_file import Bucket, ServiceBinding, WranglerFile, read_file
from lendgate.errors import SettingsError

Binding = Mapping[str, JsonValue]

CODE_DIGEST: Final = "EDGE_CODE_SHA256"
"""The binding that carries the digest of the uploaded code: how Lendgate recognises its own code again."""
SIGNING_KEY: Final = "ORIGIN_SIGNING_KEY"
SIGNING_KEY_ID: Final = "ORIGIN_SIGNING_KEY_ID"
SIGNING_ALG: Final = "ORIGIN_SIGNING_ALG"
OF_THE_KEY: Final = frozenset({SIGNING_KEY_ID, SIGNING_ALG})
"""Variables that say what the signing key is: on a Worker that has a key they stay with it."""
EDGE_VERSION: Final = "EDGE_VERSION"
"""The variable that the gate repeats in its answers; an upload adds ``+<mark>`` to it (SemVer build data)."""
JAVASCRIPT: Final = "application/javascript+module"


@dataclass(frozen=True, slots=True)
class Module:
    """One file of the upload."""

    name: str
    content: bytes = field(repr=False)
    content_type: str = JAVASCRIPT


@dataclass(frozen=True, slots=True)
class Route:
    """A URL pattern in a zone that should lead to the Worker; the zone by name, by id, or by its hostname."""

    pattern: str
    zone_name: str | None = None
    zone_id: str | None = None

    @property
    def hostname(self) -> str:
        """The pattern's hostname, without a leading wildcard."""
        return hostname_of(self.pattern)


@dataclass(frozen=True, slots=True)
class Desired:
    """One environment of the Worker, as it should be."""

    worker: str
    """Its name on Cloudflare: ``<service>`` or ``<service>-<environment>``."""
    service: str
    environment: str | None
    modules: tuple[Module, ...]
    """The first one is the main module."""
    bindings: tuple[Binding, ...]
    """Without secrets, in the shape of the API."""
    secrets: tuple[str, ...]
    """Names of the secrets it cannot run without."""
    compatibility_date: str
    compatibility_flags: tuple[str, ...]
    exports: Mapping[str, JsonValue]
    """Durable Object classes and their life cycle, by class name."""
    observability: Mapping[str, JsonValue]
    limits: Mapping[str, JsonValue] | None
    workers_dev: bool
    preview_urls: bool
    domains: tuple[str, ...]
    routes: tuple[Route, ...]

    @property
    def code_digest(self) -> str:
        """SHA-256 over the modules' names and digests, in hexadecimal."""
        listed = [[module.name, hashlib.sha256(module.content).hexdigest()] for module in self.modules]
        return hashlib.sha256(canonical(listed)).hexdigest()

    def variable(self, name: str) -> str | None:
        """The text of one of its variables."""
        for binding in self.bindings:
            if binding["name"] == name and binding["type"] == "plain_text":
                return str(binding["text"])
        return None

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags by which wrangler recognises a service and its environments."""
        environment = (f"cf:environment={self.environment}",) if self.environment else ()
        return (f"cf:service={self.service}", *environment)


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spaces: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hostname_of(pattern: str) -> str:
    """The hostname in a route pattern: ``https://*.api.example/v1/*`` is under ``api.example``."""
    return (
        pattern.rsplit("://", maxsplit=1)[-1].split("/", maxsplit=1)[0].removeprefix("*.").removeprefix("*")
    )


def read_desired(text: str, environment: str | None, modules: tuple[Module, ...]) -> Desired:
    """One environment of a ``wrangler.jsonc``, with the code to run.

    Raises:
        SettingsError: not a wrangler file, no such environment, or something that Lendgate does not deploy.
    """
    document = parse_jsonc(text)
    merged = merge_environment(document, environment)
    service, worker = document.get("name"), merged.get("name")
    if not isinstance(service, str) or not isinstance(worker, str):
        raise SettingsError("wrangler.jsonc: 'name' must be a text that is not empty")
    file = read_file(merged)
    routes = file.addresses
    return Desired(
        worker=worker,
        service=service,
        environment=environment,
        modules=modules,
        bindings=tuple(_bindings(file)),
        secrets=tuple(file.secrets.required),
        compatibility_date=file.compatibility_date,
        compatibility_flags=tuple(file.compatibility_flags),
        exports=_exports(file),
        observability=file.observability or {"enabled": False},
        limits=file.limits,
        # wrangler's own default: on, unless the Worker has an address of its own.
        workers_dev=file.workers_dev if file.workers_dev is not None else not routes,
        preview_urls=file.preview_urls,
        domains=tuple(route.pattern for route in routes if route.custom_domain),
        routes=tuple(
            Route(route.pattern, route.zone_name, route.zone_id)
            for route in routes
            if not route.custom_domain
        ),
    )


def _exports(file: WranglerFile) -> dict[str, JsonValue]:
    bound = {binding.class_name for binding in file.durable_objects.bindings}
    missing = sorted(bound - file.exports.keys())
    if missing:
        raise SettingsError(f"wrangler.jsonc: 'exports' does not declare {', '.join(missing)}")
    return dict(file.exports)


def _bindings(file: WranglerFile) -> list[dict[str, JsonValue]]:
    found: list[dict[str, JsonValue]] = [_variable(name, value) for name, value in file.vars.items()]
    found += [
        {"name": item.name, "type": "durable_object_namespace", "class_name": item.class_name}
        for item in file.durable_objects.bindings
    ]
    found += [_bucket(item) for item in file.r2_buckets]
    found += [
        {
            "name": item.name,
            "type": "ratelimit",
            "namespace_id": item.namespace_id,
            "simple": {"limit": item.simple.limit, "period": item.simple.period},
        }
        for item in file.ratelimits
    ]
    found += [
        {"name": item.binding, "type": "vpc_service", "service_id": item.service_id}
        for item in file.vpc_services
    ]
    found += [_service(item) for item in file.services]
    if file.version_metadata:
        found.append({"name": file.version_metadata.binding, "type": "version_metadata"})
    _refuse_twice([str(binding["name"]) for binding in found] + file.secrets.required)
    return found


def _variable(name: str, value: JsonValue) -> dict[str, JsonValue]:
    if isinstance(value, str):
        return {"name": name, "type": "plain_text", "text": value}
    return {"name": name, "type": "json", "json": value}


def _service(item: ServiceBinding) -> dict[str, JsonValue]:
    entrypoint: dict[str, JsonValue] = {"entrypoint": item.entrypoint} if item.entrypoint else {}
    return {"name": item.binding, "type": "service", "service": item.service} | entrypoint


def _bucket(item: Bucket) -> dict[str, JsonValue]:
    place: dict[str, JsonValue] = {"jurisdiction": item.jurisdiction} if item.jurisdiction else {}
    return {"name": item.binding, "type": "r2_bucket", "bucket_name": item.bucket_name} | place


def _refuse_twice(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1 or name == CODE_DIGEST})
    if twice:
        raise SettingsError(
            f"wrangler.jsonc binds a name twice, or one that Lendgate sets: {', '.join(twice)}"
        )
