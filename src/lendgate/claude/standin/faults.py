"""Faults: the answers that come instead of a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from lendgate.claude.standin.options import Step
from lendgate.claude.standin.refusal import Refusal


def _overloaded(_: Step) -> Refusal:
    return Refusal(529, "overloaded_error", "Overloaded")


def _rate_limit(step: Step) -> Refusal:
    headers = {} if step.value is None else {"retry-after": f"{step.value:g}"}
    return Refusal(429, "rate_limit_error", "This request would exceed your rate limit.", headers=headers)


def _spend_limit(_: Step) -> Refusal:
    return Refusal(
        429,
        "rate_limit_error",
        "Your organization has reached its spend limit.",
        code="enforced_spend_limit_reached",
    )


def _server_error(_: Step) -> Refusal:
    return Refusal(500, "api_error", "Internal server error")


def _gateway_timeout(_: Step) -> Refusal:
    return Refusal(504, "timeout_error", "Request timed out")


_REFUSALS: Final[Mapping[str, Callable[[Step], Refusal]]] = {
    "overloaded": _overloaded,
    "rate_limit": _rate_limit,
    "spend_limit": _spend_limit,
    "server_error": _server_error,
    "gateway_timeout": _gateway_timeout,
}


def refusal_of(step: Step, *, stream: bool) -> Refusal | None:
    """The error that a step answers with at once, if it does."""
    if step.name == "stream_error" and not stream:
        return _overloaded(step)
    make = _REFUSALS.get(step.name)
    return make(step) if make else None
