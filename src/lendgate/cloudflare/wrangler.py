"""``wrangler.jsonc``, read the way wrangler reads it: the one source of the Worker's bindings.

Law: pure. What a named environment inherits is wrangler 4.155.0's own list (a test compares it with the
installed wrangler); a file that could be read in two ways is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lendgate.errors import SettingsError

Json = dict[str, object]

NOT_INHERITED: Final = frozenset(
    """agent_memory ai ai_search ai_search_namespaces analytics analytics_engine_datasets artifacts browser
    cloudchamber connect containers d1_databases define dispatch_namespaces durable_objects flagship
    hyperdrive images k2 kv_namespaces media mtls_certificates pipelines queues r2_buckets ratelimits secrets
    secrets_store_secrets send_email services stream streaming_tail_consumers tail_consumers unsafe
    unsafe_hello_world vars vectorize version_metadata vpc_networks vpc_services worker_loaders
    workflows""".split()  # noqa: SIM905 - a list literal would take a line a word
)
"""Keys a named environment has to repeat; every other key it leaves out comes from the top level."""

# Strings come first in both, so that nothing inside one is taken for a comment or a comma.
_COMMENT: Final = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA: Final = re.compile(r'"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])')


@dataclass(frozen=True, slots=True)
class DurableObject:
    """A Durable Object binding; ``sql`` when its class has SQLite storage."""

    binding: str
    class_name: str
    sql: bool


@dataclass(frozen=True, slots=True)
class WranglerConfig:
    """One environment of a ``wrangler.jsonc``; ``vars`` are text or any other JSON value."""

    name: str
    main: str
    compatibility_date: str
    compatibility_flags: tuple[str, ...]
    vars: Mapping[str, object]
    durable_objects: tuple[DurableObject, ...]


def read_wrangler(text: str, environment: str | None = None) -> WranglerConfig:
    """Read one environment of a configuration, the top level by default.

    Raises:
        SettingsError: not JSONC, an unknown environment, or a member that is missing or of another type.
    """
    merged = merge_environment(parse_jsonc(text), environment)
    return WranglerConfig(
        name=_text(merged, "name"),
        main=_text(merged, "main"),
        compatibility_date=_text(merged, "compatibility_date"),
        compatibility_flags=tuple(_texts(merged, "compatibility_flags")),
        vars=_object(merged, "vars"),
        durable_objects=tuple(_durable_objects(merged)),
    )


def parse_jsonc(text: str) -> Json:
    """JSON with comments and trailing commas, as wrangler accepts it; no member twice."""
    plain = _TRAILING_COMMA.sub(_blank, _COMMENT.sub(_blank, text))
    try:
        document = json.loads(plain, object_pairs_hook=_without_duplicates)
    except json.JSONDecodeError as error:
        raise SettingsError(f"wrangler.jsonc is not JSON: {error.msg} near line {error.lineno}") from None
    if not isinstance(document, dict):
        raise SettingsError("wrangler.jsonc must hold one object")
    return document


def merge_environment(document: Json, environment: str | None) -> Json:
    """One environment: its own keys over the inherited ones; its name is ``<name>-<environment>``."""
    top = {key: value for key, value in document.items() if key != "env"}
    if environment is None:
        return top
    own = _object(document, "env").get(environment)
    if not isinstance(own, dict):
        known = ", ".join(_object(document, "env")) or "none"
        raise SettingsError(f"wrangler.jsonc has no environment {environment!r}; it has: {known}")
    inherited = {key: value for key, value in top.items() if key not in NOT_INHERITED}
    if "name" in inherited:
        inherited["name"] = f"{inherited['name']}-{environment}"
    return inherited | own


def _blank(match: re.Match[str]) -> str:
    """Strings stay; the rest becomes white space of as many lines, so that errors name the right one."""
    return match[0] if match[0].startswith('"') else " " + "\n" * match[0].count("\n")


def _without_duplicates(pairs: list[tuple[str, object]]) -> Json:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise SettingsError(f"wrangler.jsonc has the member {name!r} twice in one object")
    return dict(pairs)


def _durable_objects(merged: Json) -> list[DurableObject]:
    with_sql = set(_sqlite_classes(merged))
    found = []
    for binding in _objects(_object(merged, "durable_objects"), "bindings"):
        class_name = _text(binding, "class_name")
        found.append(DurableObject(_text(binding, "name"), class_name, sql=class_name in with_sql))
    return found


def _sqlite_classes(merged: Json) -> Iterator[str]:
    """Classes with SQLite storage, as ``exports`` declares them or ``migrations`` made them."""
    exports = _object(merged, "exports")
    yield from (name for name in exports if _object(exports, name).get("storage") == "sqlite")
    for migration in _objects(merged, "migrations"):
        yield from _texts(migration, "new_sqlite_classes")


def _text(document: Json, key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value:
        raise SettingsError(f"wrangler.jsonc: {key!r} must be a text that is not empty")
    return value


def _texts(document: Json, key: str) -> list[str]:
    value = document.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SettingsError(f"wrangler.jsonc: {key!r} must be a list of texts")
    return value


def _object(document: Json, key: str) -> Json:
    value = document.get(key, {})
    if not isinstance(value, dict):
        raise SettingsError(f"wrangler.jsonc: {key!r} must be an object")
    return value


def _objects(document: Json, key: str) -> list[Json]:
    value = document.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise SettingsError(f"wrangler.jsonc: {key!r} must be a list of objects")
    return value
