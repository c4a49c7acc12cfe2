"""The stand-in's own edge: answers as a deployed version of the gate would.

It knows only what a check asks: ``/readyz`` and one review. Which version answers follows the override
header, else the largest share. The origin accepts the signing keys in ``origin_keys``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from lendgate.cloudflare.standin.state import Script, State, Version

_OVERRIDE: Final = re.compile(r'^([a-z0-9-]+)="([0-9a-f-]{36})"$')
_PREFIX: Final = "urn:lendgate:problem:"


@dataclass(slots=True)
class GateAnswers:
    """How the gate and its origin behave."""

    origin_up: bool = True
    origin_keys: set[str] = field(default_factory=lambda: {"edge-1"})
    tokens: set[str] = field(default_factory=lambda: {"broker-token"})
    broken_versions: set[int] = field(default_factory=set)
    """Numbers of versions that answer 500."""
    ignores_override: int = 0
    """So many answers still come from the version with the largest share."""


def answer(
    state: State, gate: GateAnswers, worker: str, path: str, headers: dict[str, str]
) -> tuple[int, JsonValue]:
    """Status and JSON of one request to the gate."""
    script = state.scripts.get(worker)
    if script is None or not script.deployments:
        return 404, {}
    version = _chosen(script, gate, headers)
    if version.number in gate.broken_versions:
        return _problem(500, "internal", "Something failed on our side.")
    if path == "/readyz":
        return _ready(gate, version)
    return _review(gate, version, headers)


def _ready(gate: GateAnswers, version: Version) -> tuple[int, JsonValue]:
    return 200 if gate.origin_up else 503, {
        "ok": gate.origin_up,
        "origin": "ready" if gate.origin_up else "not ready",
        "edge_version": version.text("EDGE_VERSION"),
    }


def _review(gate: GateAnswers, version: Version, headers: dict[str, str]) -> tuple[int, JsonValue]:
    if headers.get("authorization", "").removeprefix("Bearer ") not in gate.tokens:
        return _problem(401, "unauthenticated", "The token is not valid.")
    if not gate.origin_up:
        return _problem(503, "origin-unavailable", "The review service does not answer.")
    if version.text("ORIGIN_SIGNING_KEY_ID") not in gate.origin_keys:
        return _problem(401, "unsigned-request", "The signature names a key that is not known.")
    return _problem(404, "not-found", "There is no such review.")


def _chosen(script: Script, gate: GateAnswers, headers: dict[str, str]) -> Version:
    shares = script.deployments[0].shares
    asked = _OVERRIDE.match(headers.get("cloudflare-workers-version-overrides", ""))
    if asked and asked[1] == script.name and asked[2] in shares:
        if gate.ignores_override <= 0:
            return script.version(asked[2])
        gate.ignores_override -= 1
    return script.version(max(shares, key=lambda version_id: shares[version_id]))


def _problem(status: int, kind: str, reason: str) -> tuple[int, JsonValue]:
    return status, {"type": _PREFIX + kind, "status": status, "ok": False, "reason": reason}
