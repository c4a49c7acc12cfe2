"""What a server's refusal means: type before status, spend limits told apart, billed unless proven not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.claude.errors import (
    ModelConfigurationError,
    ModelError,
    ModelOverloadedError,
    ModelRequestError,
    ModelTimeoutError,
    ModelUnavailableError,
    SpendLimitError,
)
from lendgate.claude.failures import Refused, failure, retry_after

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def refused(
    status: int, kind: str | None = None, code: str | None = None, words: str = "words", **headers: str
) -> Refused:
    """A refusal; header names with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refused(status, kind, code, words, named, "req_1")


@pytest.mark.parametrize(
    ("refusal", "kind", "again", "billed"),
    [
        (refused(529, "overloaded_error"), ModelOverloadedError, True, "no"),
        (refused(429, "rate_limit_error"), ModelOverloadedError, True, "no"),
        (refused(429, "rate_limit_error", "ramp_limit_exceeded"), ModelOverloadedError, True, "no"),
        (refused(429, "rate_limit_error", "enforced_spend_limit_reached"), SpendLimitError, False, "no"),
        (refused(429, "rate_limit_error", "contract_spend_limit_reached"), SpendLimitError, False, "no"),
        (refused(402, "billing_error"), SpendLimitError, False, "no"),
        (refused(400, "invalid_request_error", words="usage limits"), SpendLimitError, False, "no"),
        (refused(400, "invalid_request_error"), ModelRequestError, False, "no"),
        (refused(413, "request_too_large"), ModelRequestError, False, "no"),
        (refused(422), ModelRequestError, False, "no"),
        (refused(401, "authentication_error"), ModelConfigurationError, False, "no"),
        (refused(403, "permission_error"), ModelConfigurationError, False, "no"),
        (refused(404, "not_found_error"), ModelConfigurationError, False, "no"),
        (refused(404), ModelConfigurationError, False, "no"),
        (refused(409, "conflict_error"), ModelUnavailableError, True, "no"),
        (refused(500, "api_error"), ModelUnavailableError, True, "no"),
        (refused(500), ModelUnavailableError, True, "unknown"),
        (refused(502), ModelUnavailableError, True, "unknown"),
        (refused(503), ModelOverloadedError, True, "unknown"),
        (refused(504, "timeout_error"), ModelTimeoutError, True, "unknown"),
        (refused(504), ModelTimeoutError, True, "unknown"),
        (refused(200, "overloaded_error"), ModelOverloadedError, True, "unknown"),
        (refused(200, "api_error"), ModelUnavailableError, True, "unknown"),
        (refused(529, "overloaded_error", x_should_retry="false"), ModelOverloadedError, False, "no"),
    ],
)  # fmt: skip
def test_refusal_becomes_its_error(
    refusal: Refused, kind: type[ModelError], again: object, billed: str
) -> None:
    """Type, whether to send again, and whether it may cost money."""
    error = failure(refusal, NOW)
    assert (type(error), error.again, error.billed) == (kind, again, billed)
    assert error.request_id == "req_1"


@given(st.integers(100, 599), st.none() | st.text(max_size=20), st.none() | st.text(max_size=20))
def test_any_refusal_becomes_some_error(status: int, kind: str | None, code: str | None) -> None:
    """There is no status or type that falls through."""
    assert isinstance(failure(Refused(status, kind, code, None, {}), NOW), ModelError)


def test_words_of_the_server_are_told_in_part() -> None:
    """A server that repeats the prompt in its error does not get it into our logs."""
    assert len(str(failure(refused(400, "invalid_request_error", words="x" * 5000), NOW))) < 300


def test_error_inside_a_stream_says_so() -> None:
    """Status 200 is not success there."""
    assert "inside a stream" in str(failure(refused(200, "overloaded_error"), NOW))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "3"}, 0.25),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e9"}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, milliseconds or a date; nonsense is no wait at all."""
    assert retry_after(headers, NOW) == seconds
