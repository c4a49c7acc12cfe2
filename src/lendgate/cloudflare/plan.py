"""What would change: the difference between what the Worker should be and what it is.

Law: pure. A plan names every difference once, says which ones lose something, and never shows a secret:
secrets are compared by name, because their values cannot be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import JsonValue

from lendgate.cloudflare.actual import Actual, Live
from lendgate.cloudflare.desired import CODE_DIGEST, EDGE_VERSION, Binding, Desired
from lendgate.cloudflare.upload import SECRET_TYPES, stays_with_key

Action = Literal["add", "change", "remove"]
Part = Literal[
    "worker",
    "code",
    "compatibility",
    "limits",
    "variable",
    "binding",
    "rate limit",
    "secret",
    "durable object",
    "observability",
    "tag",
    "workers.dev",
    "domain",
    "route",
]
VERSIONED: Final[frozenset[Part]] = frozenset(
    (
        "worker",
        "code",
        "compatibility",
        "limits",
        "variable",
        "binding",
        "rate limit",
        "secret",
        "durable object",
    )
)
"""Parts that are made by uploading a version; the others are settings of the Worker or of a zone."""
SETTINGS: Final[frozenset[Part]] = frozenset(("observability", "tag"))

_SHOWN: Final = 60
_UNDECLARED: Final = "declare it under exports with state deleted, renamed or transferred"
_DEFAULTS: Final[Mapping[str, JsonValue]] = {
    "head_sampling_rate": 1,
    "persist": True,
    "redact_query_string": False,
}
_PARTS: Final[Mapping[str, Part]] = {"plain_text": "variable", "json": "variable", "ratelimit": "rate limit"}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference."""

    action: Action
    part: Part
    name: str
    before: str = ""
    after: str = ""
    destructive: bool = False
    """Something is lost that a rollback does not bring back."""

    def __str__(self) -> str:
        sign = {"add": "+", "change": "~", "remove": "-"}[self.action]
        values = f"{self.before} -> {self.after}" if self.before and self.after else self.before or self.after
        text = f"{sign} {self.part} {self.name}".rstrip() + (f": {values}" if values else "")
        return f"{text}  (destructive)" if self.destructive else text


@dataclass(frozen=True, slots=True)
class Plan:
    """Every change, and what else the operator should know."""

    worker: str
    exists: bool
    changes: tuple[Change, ...]
    held: tuple[str, ...] = ()
    """Addresses that something else holds: deploying stops there without ``--take-over``."""
    notes: tuple[str, ...] = ()

    def needs(self, parts: frozenset[Part]) -> bool:
        """Whether any change is in one of these parts."""
        return any(change.part in parts for change in self.changes)

    @property
    def needs_version(self) -> bool:
        """A version has to be uploaded."""
        return self.needs(VERSIONED)

    @property
    def needs_put(self) -> bool:
        """The Worker or its Durable Objects have to be made or changed: not possible by a version alone."""
        return not self.exists or self.needs(frozenset(("durable object",)))

    @property
    def destructive(self) -> tuple[Change, ...]:
        """The changes that lose something."""
        return tuple(change for change in self.changes if change.destructive)


def make_plan(desired: Desired, actual: Actual, *, new_secrets: Iterable[str] = ()) -> Plan:
    """The plan that turns ``actual`` into ``desired``.

    ``new_secrets`` are names of secrets that get a new value.
    """
    replaced = frozenset(new_secrets)
    live = actual.live
    changes: list[Change] = []
    if live is None:
        changes.append(Change("add", "worker", desired.worker))
    changes += _code(desired, live)
    changes += _compatibility(desired, live)
    changes += _bindings(desired, live, replaced)
    changes += _secrets(desired, live, replaced)
    changes += _durable_objects(desired, live)
    changes += _settings(desired, live)
    changes += _addresses(desired, actual)
    return Plan(
        worker=desired.worker,
        exists=live is not None,
        changes=tuple(changes),
        held=tuple(str(held) for held in actual.held),
        notes=tuple(_notes(desired, live, replaced)),
    )


def _code(desired: Desired, live: Live | None) -> Iterator[Change]:
    after = desired.code_digest[:12]
    if live is None:
        yield Change("add", "code", "", after=after)
        return
    if live.code_digest != desired.code_digest:
        before = live.code_digest[:12] if live.code_digest else "not uploaded by Lendgate"
        yield Change("change", "code", "", before, after)


def _compatibility(desired: Desired, live: Live | None) -> Iterator[Change]:
    runtime = live.baseline.resources.script_runtime if live and live.baseline else None
    after = " ".join([desired.compatibility_date, *sorted(desired.compatibility_flags)])
    if runtime is None:
        yield Change("add", "compatibility", "", after=after)
        return
    before = " ".join([runtime.compatibility_date, *sorted(runtime.compatibility_flags)])
    if before != after:
        yield Change("change", "compatibility", "", before, after)
    if (desired.limits or {}) != runtime.limits:
        yield Change("change", "limits", "", _shown(runtime.limits), _shown(dict(desired.limits or {})))


def _bindings(desired: Desired, live: Live | None, replaced: frozenset[str]) -> Iterator[Change]:
    there = {str(b.get("name")): b for b in live.bindings} if live else {}
    stay = stays_with_key(live.kept, dict.fromkeys(replaced, "")) if live else frozenset()
    for wanted in desired.bindings:
        name = str(wanted["name"])
        found = there.get(name)
        if found is None:
            yield Change("add", _part(wanted), name, after=_shown_binding(wanted))
        elif name not in stay and not _covers(found, wanted):
            yield Change("change", _part(wanted), name, _shown_binding(found), _shown_binding(wanted))
    kept = {str(wanted["name"]) for wanted in desired.bindings} | {CODE_DIGEST}
    for name, found in there.items():
        if name not in kept and found.get("type") not in SECRET_TYPES:
            yield Change("remove", _part(found), name, before=_shown_binding(found))


def _secrets(desired: Desired, live: Live | None, replaced: frozenset[str]) -> Iterator[Change]:
    there = live.secrets if live else frozenset()
    for name in sorted({*desired.secrets, *replaced}):
        if name not in there:
            yield Change("add", "secret", name)
        elif name in replaced:
            yield Change("change", "secret", name)


def _durable_objects(desired: Desired, live: Live | None) -> Iterator[Change]:
    there = {namespace.class_name for namespace in live.namespaces} if live else set()
    for name, export in desired.exports.items():
        state = export.get("state", "created") if isinstance(export, dict) else "created"
        if state == "deleted" and name in there:
            yield Change("remove", "durable object", name, before="with all its data", destructive=True)
        elif state in {"renamed", "transferred"} and name in there:
            yield Change("change", "durable object", name, after=_shown(export))
        elif state in {"created", "expecting-transfer"} and name not in there:
            yield Change("add", "durable object", name, after=_shown(export))
    for name in sorted(str(name) for name in there - desired.exports.keys()):
        yield Change("remove", "durable object", name, before=_UNDECLARED, destructive=True)


def _settings(desired: Desired, live: Live | None) -> Iterator[Change]:
    before = live.settings.observability if live else {}
    if not _agrees(dict(desired.observability), before):
        yield Change(
            "change", "observability", "", _shown(_without_nulls(before)), _shown(dict(desired.observability))
        )
    for tag in desired.tags:
        if live is None or tag not in live.settings.tags:
            yield Change("add", "tag", tag)


def _addresses(desired: Desired, actual: Actual) -> Iterator[Change]:
    switch = actual.live.subdomain if actual.live else None
    before = (switch.enabled, switch.previews_enabled) if switch else (False, False)
    after = (desired.workers_dev, desired.preview_urls)
    if before != after:
        yield Change("change", "workers.dev", "", _switch(before), _switch(after))
    attached = {domain.hostname for domain in actual.domains}
    yield from (Change("add", "domain", name) for name in desired.domains if name not in attached)
    yield from (
        Change("remove", "domain", name, destructive=True) for name in sorted(attached - {*desired.domains})
    )
    placed = {route.pattern for route in actual.routes}
    wanted = [route.pattern for route in desired.routes]
    yield from (Change("add", "route", pattern) for pattern in wanted if pattern not in placed)
    yield from (
        Change("remove", "route", pattern, destructive=True) for pattern in sorted(placed - {*wanted})
    )


def _notes(desired: Desired, live: Live | None, replaced: frozenset[str]) -> Iterator[str]:
    if live is None:
        return
    if len(live.shares) > 1:
        split = ", ".join(f"{share.version_id[:8]} {share.percentage:g} %" for share in live.shares)
        yield f"a canary is in progress ({split}): promote or roll back before the next deploy"
    for name in sorted(stays_with_key(live.kept, dict.fromkeys(replaced, ""))):
        wanted = next((b.get("text") for b in desired.bindings if b["name"] == name), None)
        if wanted != live.variable(name):
            yield (
                f"{name} stays {live.variable(name)}: it belongs to the signing key on the Worker. "
                f"Write that value into wrangler.jsonc, which says {wanted}."
            )
    for name in sorted(live.secrets - {*desired.secrets}):
        yield f"the secret {name} is on the Worker and not in wrangler.jsonc: it is kept"


def _part(binding: Binding) -> Part:
    return _PARTS.get(str(binding.get("type")), "binding")


def _covers(found: Binding, wanted: Binding) -> bool:
    """Cloudflare adds members of its own (namespace ids); what was asked for must be there."""
    if wanted.get("name") == EDGE_VERSION and "text" in wanted:
        return str(found.get("text")).partition("+")[0] == wanted["text"]
    return all(found.get(key) == value for key, value in wanted.items())


def _agrees(wanted: Mapping[str, JsonValue], found: Mapping[str, JsonValue]) -> bool:
    """Cloudflare answers with nulls and defaults for what was never set."""
    for key, value in wanted.items():
        there = found.get(key)
        if isinstance(value, dict):
            if not _agrees(value, there if isinstance(there, dict) else {}):
                return False
        elif value != (_DEFAULTS.get(key, False) if there is None else there):
            return False
    return True


def _without_nulls(value: Mapping[str, JsonValue]) -> JsonValue:
    return {
        key: _without_nulls(inner) if isinstance(inner, dict) else inner
        for key, inner in value.items()
        if inner is not None
    }


def _shown_binding(binding: Binding) -> str:
    if binding.get("type") in {"plain_text", "json"}:
        return _shown(binding.get("text", binding.get("json")))
    return _shown({key: value for key, value in binding.items() if key != "name"})


def _shown(value: JsonValue) -> str:
    if isinstance(value, dict):
        text = " ".join(f"{key}={_shown(inner)}" for key, inner in value.items())
        text = f"{{{text}}}"
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
    if len(text) <= _SHOWN:
        return text
    # Long values that differ far behind must not look alike.
    return f"{text[:_SHOWN]}… (sha256 {hashlib.sha256(text.encode()).hexdigest()[:8]})"


def _switch(state: tuple[bool, bool]) -> str:
    return ("on" if state[0] else "off") + (" with previews" if state[1] else "")
