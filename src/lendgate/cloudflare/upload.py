"""The form that uploads a Worker: what wrangler sends, made without wrangler.

Law: pure. Code, bindings and secrets travel in one upload, so a version never exists without its secrets.
What a version keeps is inherited from one named version; "latest" would be whoever uploaded last.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from lendgate.cloudflare.api.client import Part
from lendgate.cloudflare.desired import (
    CODE_DIGEST,
    EDGE_VERSION,
    OF_THE_KEY,
    SIGNING_KEY,
    Binding,
    Desired,
    Module,
    canonical,
)

_LONGEST_MESSAGE: Final = 1000
"""Bytes Cloudflare keeps of a message."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The version whose secrets, and the variables that belong to them, are kept."""

    version_id: str
    bindings: tuple[Binding, ...]

    def named(self, name: str) -> Binding | None:
        """Its binding of that name."""
        return next((binding for binding in self.bindings if binding.get("name") == name), None)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of its secrets."""
        return tuple(str(b.get("name")) for b in self.bindings if b.get("type") in SECRET_TYPES)


SECRET_TYPES: Final = frozenset({"secret_text", "secret_key"})


@dataclass(frozen=True, slots=True)
class Form:
    """One upload: the metadata and the modules."""

    metadata: Mapping[str, JsonValue] = field(repr=False)
    modules: tuple[Module, ...]
    tag: str

    def parts(self) -> tuple[Part, ...]:
        """The parts of the multipart form; part name = file name = module name, as wrangler sends it."""
        metadata: Part = ("metadata", (None, json.dumps(self.metadata).encode()))
        modules: list[Part] = [
            (module.name, (module.name, module.content, module.content_type)) for module in self.modules
        ]
        return (metadata, *modules)


def make_form(
    desired: Desired,
    *,
    secrets: Mapping[str, str],
    kept: Kept | None,
    message: str,
    fingerprint_key: str,
    fingerprint: Mapping[str, str] | None = None,
) -> Form:
    """The upload of a new version.

    ``secrets`` are new values; every other secret of ``kept`` is inherited from exactly that version.
    ``fingerprint_key`` (the API token) keys the fingerprint of new secret values in the tag, so that the
    same command makes the same tag and nobody else can test guesses against it; ``fingerprint`` is taken
    instead of the values where these are made anew by every run.
    """
    tag = make_tag(desired, kept, fingerprint or secrets, fingerprint_key)
    bindings = upload_bindings(desired, secrets=secrets, kept=kept, mark=mark_of(tag))
    metadata: dict[str, JsonValue] = {
        "main_module": desired.modules[0].name,
        "bindings": [dict(binding) for binding in bindings],
        "compatibility_date": desired.compatibility_date,
        "compatibility_flags": list(desired.compatibility_flags),
        "exports": dict(desired.exports),
        "observability": dict(desired.observability),
    }
    if desired.limits:
        metadata["limits"] = dict(desired.limits)
    metadata["annotations"] = {"workers/message": _short(message), "workers/tag": tag}
    return Form(metadata, desired.modules, tag)


def upload_bindings(
    desired: Desired, *, secrets: Mapping[str, str], kept: Kept | None, mark: str
) -> tuple[Binding, ...]:
    """Every binding of the new version, with values for ``secrets`` and the rest of ``kept`` inherited.

    ``mark`` goes behind the edge's version, so that an answer tells exactly which upload gave it.
    """
    stay = stays_with_key(kept, secrets)
    found: list[Binding] = [
        {"name": name, "type": "secret_text", "text": text} for name, text in sorted(secrets.items())
    ]
    if kept:
        inherited = [name for name in kept.secrets if name not in secrets]
        found += [_inherit(name, kept.version_id) for name in [*inherited, *sorted(stay)]]
    found += [_marked(binding, mark) for binding in desired.bindings if binding["name"] not in stay]
    return (*found, {"name": CODE_DIGEST, "type": "plain_text", "text": desired.code_digest})


def stays_with_key(kept: Kept | None, secrets: Mapping[str, str]) -> frozenset[str]:
    """Variables taken from the deployed version because they describe the signing key that stays there."""
    if kept is None or SIGNING_KEY in secrets or SIGNING_KEY not in kept.secrets:
        return frozenset()
    return frozenset(name for name in OF_THE_KEY if kept.named(name) is not None)


def make_tag(desired: Desired, kept: Kept | None, secrets: Mapping[str, str], fingerprint_key: str) -> str:
    """A name (≤ 100 bytes) for exactly this upload: the same content has the same tag, no other has it."""
    stay = stays_with_key(kept, secrets)
    content = {
        "code": desired.code_digest,
        "main": desired.modules[0].name,
        "bindings": [binding for binding in desired.bindings if binding["name"] not in stay],
        "kept": [kept.named(name) for name in sorted(stay)] if kept else [],
        "compatibility": [desired.compatibility_date, *desired.compatibility_flags],
        "exports": desired.exports,
        "limits": desired.limits,
    }
    digest = hashlib.sha256(canonical(content)).hexdigest()[:32]
    if not secrets:
        return f"lendgate-{digest}"
    mark = hmac.new(fingerprint_key.encode(), canonical(dict(secrets)), hashlib.sha256).hexdigest()[:16]
    return f"lendgate-{digest}-{mark}"


def mark_of(tag: str) -> str:
    """Twelve characters that stand for a tag."""
    return hashlib.sha256(tag.encode()).hexdigest()[:12]


def _marked(binding: Binding, mark: str) -> Binding:
    if binding["name"] != EDGE_VERSION or binding["type"] != "plain_text":
        return binding
    return {**binding, "text": f"{binding['text']}+{mark}"}


def _inherit(name: str, version_id: str) -> Binding:
    return {"name": name, "type": "inherit", "version_id": version_id}


def _short(message: str) -> str:
    return message.encode()[:_LONGEST_MESSAGE].decode(errors="ignore")
