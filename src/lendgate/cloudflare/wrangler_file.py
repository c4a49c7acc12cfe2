"""The part of ``wrangler.jsonc`` that describes a deployed Worker, key by key.

Law: a key is deployed, or known to be about building only, or refused by name: nothing that wrangler
would deploy is left out in silence.
"""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from lendgate.errors import SettingsError

NOT_DEPLOYED: Final = frozenset(
    (
        *("$schema", "name", "main", "env", "account_id", "legacy_env"),
        *("build", "dev", "define", "alias", "rules", "no_bundle", "minify", "find_additional_modules"),
        *("base_dir", "preserve_file_names", "send_metrics", "upload_source_maps", "tsconfig"),
        *("jsx_factory", "jsx_fragment", "keep_names"),
    )
)
"""Keys that say how to build, name or develop the Worker; the bundle is built already."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ObjectBinding(_Part):
    """One of ``durable_objects.bindings``."""

    name: str
    class_name: str


class Objects(_Part):
    """``durable_objects``."""

    bindings: list[ObjectBinding] = []


class ServiceBinding(_Part):
    """One of ``services``: another Worker."""

    binding: str
    service: str
    entrypoint: str | None = None
    remote: bool = False
    """For `wrangler dev` only."""


class Bucket(_Part):
    """One of ``r2_buckets``."""

    binding: str
    bucket_name: str
    jurisdiction: str | None = None
    preview_bucket_name: str | None = None
    """For `wrangler dev` only."""
    remote: bool = False
    """For `wrangler dev` only."""


class VpcService(_Part):
    """One of ``vpc_services``: a private address behind a Cloudflare Tunnel."""

    binding: str
    service_id: str
    remote: bool = False
    """For `wrangler dev` only."""


class Simple(_Part):
    """Requests per ``period`` seconds (10 or 60), for each Cloudflare location."""

    limit: int
    period: int


class RateLimit(_Part):
    """One of ``ratelimits``."""

    name: str
    namespace_id: str
    simple: Simple


class NamedBinding(_Part):
    """``version_metadata``."""

    binding: str


class Secrets(_Part):
    """``secrets``: names only."""

    required: list[str] = []


class RouteEntry(_Part):
    """One of ``routes``: a custom domain, or a pattern in a zone."""

    pattern: str
    custom_domain: bool = False
    zone_name: str | None = None
    zone_id: str | None = None


class WranglerFile(_Part):
    """The keys Lendgate deploys; any other one is refused."""

    compatibility_date: str
    compatibility_flags: list[str] = []
    vars: dict[str, JsonValue] = {}
    durable_objects: Objects = Objects()
    exports: dict[str, dict[str, JsonValue]] = {}
    services: list[ServiceBinding] = []
    vpc_services: list[VpcService] = []
    r2_buckets: list[Bucket] = []
    ratelimits: list[RateLimit] = []
    version_metadata: NamedBinding | None = None
    secrets: Secrets = Secrets()
    observability: dict[str, JsonValue] | None = None
    limits: dict[str, JsonValue] | None = None
    workers_dev: bool | None = None
    preview_urls: bool = False
    routes: list[RouteEntry | str] = []
    route: RouteEntry | str | None = None

    @property
    def addresses(self) -> list[RouteEntry]:
        """``routes`` and ``route`` in one form."""
        written = [*self.routes, *([self.route] if self.route else [])]
        return [RouteEntry(pattern=entry) if isinstance(entry, str) else entry for entry in written]


def read_file(merged: dict[str, object]) -> WranglerFile:
    """The settings of one environment, merged as wrangler merges them.

    Raises:
        SettingsError: a key Lendgate does not deploy, or a value of another shape; names it.
    """
    document = {key: value for key, value in merged.items() if key not in NOT_DEPLOYED}
    if "migrations" in document:
        raise SettingsError(
            "wrangler.jsonc: declare Durable Object classes under 'exports', not 'migrations': exports say "
            "what there is, migrations only what changed since a state that the API does not tell"
        )
    try:
        return WranglerFile.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    if first["type"] == "extra_forbidden":
        raise SettingsError(
            f"wrangler.jsonc: {place!r} is not something `lendgate edge` deploys; take it out, or deploy "
            "with wrangler"
        )
    raise SettingsError(f"wrangler.jsonc: {place!r}: {first['msg']}")
