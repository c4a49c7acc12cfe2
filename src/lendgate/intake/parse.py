"""Bytes in, application out; monitoring data split off at the door.

Law: this is the only way a body becomes an ``Application`` at the origin. The monitoring part leaves
here as its own value and is never put back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lendgate.errors import FieldError, InvalidBodyError
from lendgate.intake.strict_json import JsonValue, escape, parse
from lendgate.schema.application import Application
from lendgate.schema.monitoring import Monitoring
from lendgate.schema.submission import ApplicationSubmission

_SENTENCES = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "list_type": "must be a list",
    "bool_type": "must be true or false",
}


@dataclass(frozen=True, slots=True)
class Intake:
    """One accepted body: what policy may see, and what only the monitoring table may."""

    application: Application
    monitoring: Monitoring | None


def parse_application(body: bytes) -> Intake:
    """Parse and validate a body.

    Raises:
        InvalidBodyError: every place that is wrong, in document order of the schema.
    """
    value = parse(body)
    if not isinstance(value, dict):
        raise InvalidBodyError((FieldError("", "must be a JSON object"),))
    return validate(value)


def validate(value: dict[str, JsonValue] | dict[str, Any]) -> Intake:
    """Validate a parsed object (or a plain Python dict of the same shape)."""
    try:
        submission = ApplicationSubmission.model_validate(value)
    except ValidationError as cause:
        raise InvalidBodyError(_errors(cause, value)) from cause
    parts = {name: getattr(submission, name) for name in Application.model_fields}
    return Intake(Application.model_construct(**parts), submission.monitoring)


def _errors(cause: ValidationError, value: object) -> tuple[FieldError, ...]:
    details = cause.errors(include_url=False, include_input=False)
    return tuple(FieldError(_pointer(detail), _sentence(detail, value)) for detail in details)


def _pointer(detail: ErrorDetails) -> str:
    return "".join(f"/{escape(str(token))}" for token in detail["loc"])


def _sentence(detail: ErrorDetails, value: object) -> str:
    """The Worker's words for the same fault (``edge/src/sentences.ts``)."""
    if detail["type"] != "extra_forbidden" and _is_null(detail, value):
        return "is required"
    if detail["type"] == "literal_error":
        return f"must be one of: {_choices(detail)}"
    if detail["type"] in ("too_long", "too_short"):
        bound = detail["ctx"]["max_length" if detail["type"] == "too_long" else "min_length"]
        return f"must have at {'most' if detail['type'] == 'too_long' else 'least'} {bound} items"
    return _SENTENCES.get(detail["type"], detail["msg"])


def _choices(detail: ErrorDetails) -> str:
    expected = str(detail["ctx"]["expected"])
    return expected.replace(" or ", ", ").replace("'", "")


def _is_null(detail: ErrorDetails, value: object) -> bool:
    """Whether the place holds ``null``: optional fields take it, so only required ones fail on it."""
    for token in detail["loc"]:
        if isinstance(value, dict):
            value = value.get(token, detail)
        elif isinstance(value, list) and isinstance(token, int):
            value = value[token]
    return value is None
