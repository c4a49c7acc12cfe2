"""Failures: what a server's refusal means, from its status, its type and its code.

Law: the API's own ``type`` and ``error_code`` decide before the status does, because an error inside a
stream arrives under status 200. Only an error the API wrote itself proves that nothing was billed; a bare
5xx may come from something in between, after the work was done. Sources: platform docs "Errors", SDK 2.12
``_exceptions.py`` and ``_error_classes.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from lendgate.claude.errors import (
    ModelConfigurationError,
    ModelError,
    ModelOverloadedError,
    ModelRequestError,
    ModelTimeoutError,
    ModelUnavailableError,
    SpendLimitError,
)

_TOLD: Final = 200
"""Characters of the server's own words that an error repeats."""
_SPEND_CODES: Final = frozenset(
    {
        "enforced_spend_limit_reached",
        "contract_spend_limit_reached",
        "linked_organization_spend_limit_reached",
    }
)
# A limit set in the Console comes as a 400 with no code of its own.
_SPEND_WORDS: Final = ("usage limits", "credit balance is too low", "spend limit")
_OK: Final = 200
_BY_TYPE: Final[Mapping[str, type[ModelError]]] = {
    "overloaded_error": ModelOverloadedError,
    "rate_limit_error": ModelOverloadedError,
    "billing_error": SpendLimitError,
    "authentication_error": ModelConfigurationError,
    "permission_error": ModelConfigurationError,
    "not_found_error": ModelConfigurationError,
    "invalid_request_error": ModelRequestError,
    "request_too_large": ModelRequestError,
    "timeout_error": ModelTimeoutError,
    "conflict_error": ModelUnavailableError,
    "api_error": ModelUnavailableError,
}
_BY_STATUS: Final[Mapping[int, type[ModelError]]] = {
    401: ModelConfigurationError,
    402: SpendLimitError,
    403: ModelConfigurationError,
    404: ModelConfigurationError,
    408: ModelTimeoutError,
    409: ModelUnavailableError,
    429: ModelOverloadedError,
    503: ModelOverloadedError,
    504: ModelTimeoutError,
    529: ModelOverloadedError,
}
_AGAIN: Final = (ModelOverloadedError, ModelUnavailableError, ModelTimeoutError)


@dataclass(frozen=True, slots=True)
class Refused:
    """What the server said instead of a reply; ``kind`` is the API's error type, None if it wrote none."""

    status: int
    kind: str | None
    code: str | None
    words: str | None
    headers: Mapping[str, str]
    request_id: str | None = None


def failure(refused: Refused, now: datetime) -> ModelError:
    """The typed error for a refusal. ``now`` turns a retry-after date into seconds."""
    kind = _kind(refused)
    return kind(
        _sentence(refused),
        request_id=refused.request_id,
        billed="no" if _unseen(refused) else "unknown",
        again=issubclass(kind, _AGAIN) and refused.headers.get("x-should-retry") != "false",
        retry_after=retry_after(refused.headers, now),
    )


def _kind(refused: Refused) -> type[ModelError]:
    words = (refused.words or "").lower()
    if refused.code in _SPEND_CODES or any(told in words for told in _SPEND_WORDS):
        return SpendLimitError
    by_type = _BY_TYPE.get(refused.kind or "")
    if by_type:
        return by_type
    if refused.status in _BY_STATUS:
        return _BY_STATUS[refused.status]
    return ModelRequestError if 400 <= refused.status < 500 else ModelUnavailableError  # noqa: PLR2004


def _unseen(refused: Refused) -> bool:
    """Refused before the model ran, for certain."""
    if refused.status == _OK:
        return False
    ran = issubclass(_kind(refused), ModelTimeoutError)
    return not ran and (refused.kind is not None or refused.status < 500)  # noqa: PLR2004


def _sentence(refused: Refused) -> str:
    where = "inside a stream" if refused.status == _OK else f"with status {refused.status}"
    what = " ".join(part for part in (refused.kind, refused.code) if part) or "no error type"
    words = f": {refused.words[:_TOLD]}" if refused.words else ""
    return f"the model's server answered {where} ({what}){words}"


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds a server asks to wait: ``retry-after-ms``, or ``retry-after`` (RFC 9110, 10.2.3)."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    seconds = _number(text)
    return seconds if seconds is not None else _until(text, now)


def _number(text: str | None) -> float | None:
    plain = (text or "").strip()
    return (
        float(plain) if plain.replace(".", "", 1).isascii() and plain.replace(".", "", 1).isdigit() else None
    )


def _until(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
