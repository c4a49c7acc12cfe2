"""Takes out of a live log what must not reach a terminal: people's data, tokens, keys.

Law: what is shown is chosen, not what is hidden. Of a request only method, path, status, outcome and ids
are taken; of a structured log line only known members; free text loses everything that looks like an
identifier, a number of some length, a token or an address. When in doubt it is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

HIDDEN: Final = "[hidden]"
MEMBERS: Final = frozenset(
    (
        *("level", "event", "name", "message", "msg", "outcome", "kind", "type", "reason", "code", "step"),
        *("route", "method", "path", "status", "request_id", "traceparent", "ms", "retry_after", "colo"),
        *("tenant", "broker", "version", "edge_version", "key_id", "alg", "unexpected"),
    )
)
"""Members of a structured log line that say how the gate works and nothing about anybody."""

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SUSPECT: Final = re.compile(
    r"""
    (?P<uuid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})   # an id: kept
    | eyJ[\w-]+(?:\.[\w-]*){0,4}                                      # a JWT, or the beginning of one
    | (?i:bearer|basic)\s+\S+                                         # a credential in a header
    | \S+@\S+                                                         # an e-mail address
    | \+?\d[\d\s().-]{5,}\d                                           # SSN, phone, account, card
    | \d{5,}                                                          # an amount, a ZIP code
    | [A-Za-z0-9_+/=-]{24,}                                           # a key
    """,
    re.VERBOSE,
)


def redact_text(text: str) -> str:
    """Free text without anything that could be about a person or open a door."""
    return _SUSPECT.sub(lambda found: found["uuid"] or HIDDEN, text)


def redact_value(value: JsonValue) -> JsonValue:
    """A structured log line with the values of unknown members hidden."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {
            key: redact_value(inner) if key in MEMBERS else HIDDEN
            for key, inner in value.items()
            if _UUID.fullmatch(key) or key.isidentifier()
        }
    if isinstance(value, list):
        return [redact_value(inner) for inner in value]
    return value


def path_only(url: str) -> str:
    """The path of a URL: no host, no query, no fragment; ids in it stay, everything else suspect goes."""
    path = re.sub(r"^[a-z]+://[^/?#]*", "", url, flags=re.IGNORECASE)
    path = re.split(r"[?#]", path, maxsplit=1)[0] or "/"
    return "/".join(redact_text(segment) for segment in path.split("/"))


def member(event: Mapping[str, JsonValue], *names: str) -> JsonValue:
    """The value at a path of members, ``None`` where any of them is missing."""
    value: JsonValue = dict(event)
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
