"""What the stand-in remembers: an account with its tokens, Workers, zones and addresses."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

Binding = dict[str, JsonValue]

EVERYTHING: Final = frozenset(
    ("scripts:read", "scripts:edit", "tail", "routes", "zone", "dns", "vpc", "tokens", "accounts")
)


class RefusalError(Exception):
    """What the API answers instead of a result: a status and one entry of ``errors``."""

    def __init__(self, status: int, code: int, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(message)


@dataclass(slots=True)
class Token:
    """A token and what it may do."""

    id: str = "token-1"
    account_id: str = ""
    may: frozenset[str] = EVERYTHING
    status: str = "active"
    owned_by_account: bool = False


@dataclass(slots=True)
class Version:
    """An uploaded version; ``bindings`` hold the secrets' texts, which no answer shows."""

    id: str
    number: int
    bindings: list[Binding]
    modules: dict[str, bytes]
    metadata: dict[str, JsonValue]
    secret_epoch: int
    triggered_by: str
    created_on: str

    @property
    def annotations(self) -> dict[str, JsonValue]:
        """The notes given at the upload."""
        given = self.metadata.get("annotations")
        return {**(given if isinstance(given, dict) else {}), "workers/triggered_by": self.triggered_by}

    @property
    def exports(self) -> dict[str, JsonValue]:
        """Declared Durable Object classes."""
        declared = self.metadata.get("exports")
        return declared if isinstance(declared, dict) else {}

    def text(self, name: str) -> str | None:
        """The text of a variable or a secret."""
        for binding in self.bindings:
            if binding.get("name") == name and "text" in binding:
                return str(binding["text"])
        return None


@dataclass(slots=True)
class Deployment:
    """A split of the traffic."""

    id: str
    shares: dict[str, float]
    created_on: str
    annotations: dict[str, JsonValue]
    author_email: str


@dataclass(slots=True)
class Script:
    """A Worker."""

    name: str
    tag: str = field(default_factory=lambda: uuid.uuid4().hex)
    versions: list[Version] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    """Newest first."""
    observability: JsonValue = None
    tags: JsonValue = None
    workers_dev: bool = False
    previews: bool = False
    tails: list[str] = field(default_factory=list)
    secret_epoch: int = 0

    def version(self, version_id: str) -> Version:
        """A version by id."""
        for version in self.versions:
            if version.id == version_id:
                return version
        raise RefusalError(404, 10221, "The requested version could not be found")


@dataclass(slots=True)
class Namespace:
    """A Durable Object namespace."""

    script: str
    class_name: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(slots=True)
class State:
    """One account; ``now`` counts what happened, so everything has its own time."""

    account_id: str
    subdomain: str | None = "acme"
    tokens: dict[str, Token] = field(default_factory=dict)
    scripts: dict[str, Script] = field(default_factory=dict)
    namespaces: list[Namespace] = field(default_factory=list)
    domains: dict[str, dict[str, JsonValue]] = field(default_factory=dict)
    """By id."""
    zones: dict[str, str] = field(default_factory=dict)
    """Zone id by name."""
    routes: dict[str, dict[str, dict[str, JsonValue]]] = field(default_factory=dict)
    """By zone id and route id."""
    dns: dict[str, dict[str, JsonValue]] = field(default_factory=dict)
    """By record id."""
    vpc_services: set[str] = field(default_factory=set)
    used_by: list[str] = field(default_factory=list)
    """Names of other Workers that are bound to any of these."""
    tail_url: str = "ws://127.0.0.1:1/tail"
    ticks: int = 0

    def now(self) -> str:
        """The next moment, RFC 3339."""
        self.ticks += 1
        return f"2026-11-22T{self.ticks // 3600:02}:{self.ticks // 60 % 60:02}:{self.ticks % 60:02}Z"

    def script(self, name: str) -> Script:
        """A Worker by name."""
        if name not in self.scripts:
            raise RefusalError(404, 10007, "This Worker does not exist on your account.")
        return self.scripts[name]

    def classes(self, script: str) -> set[str]:
        """Durable Object classes that a Worker has namespaces for."""
        return {namespace.class_name for namespace in self.namespaces if namespace.script == script}
