"""Bytes in, a published shape out: strict JSON, then the shape's own rules.

Law: the same places and sentences as the Worker's (``edge/src/sentences.ts``); every wrong place is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lendgate.errors import FieldError, InvalidBodyError, InvalidRequestError
from lendgate.intake.strict_json import JsonValue, escape, parse
from lendgate.schema.base import Sent

Shape = TypeVar("Shape", bound=Sent)
_SENTENCES = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "list_type": "must be a list",
    "bool_type": "must be true or false",
}


def parse_request(shape: type[Shape], body: bytes) -> Shape:
    """Parse and validate the body of any request but an application.

    Raises:
        InvalidRequestError: every place that is wrong, in the order of the shape.
    """
    try:
        return validated(shape, parse_object(body))
    except InvalidBodyError as cause:
        raise InvalidRequestError(cause.errors) from cause


def parse_object(body: bytes) -> dict[str, JsonValue]:
    """A JSON object from its bytes; raises ``InvalidBodyError`` on anything else."""
    value = parse(body)
    if not isinstance(value, dict):
        raise InvalidBodyError((FieldError("", "must be a JSON object"),))
    return value


def validated(shape: type[Shape], value: Mapping[str, Any]) -> Shape:
    """A parsed object as its shape; raises ``InvalidBodyError`` with every place that is wrong."""
    try:
        return shape.model_validate(value)
    except ValidationError as cause:
        raise InvalidBodyError(_errors(cause, value)) from cause


def _errors(cause: ValidationError, value: object) -> tuple[FieldError, ...]:
    details = cause.errors(include_url=False, include_input=False)
    return tuple(FieldError(_pointer(detail), _sentence(detail, value)) for detail in details)


def _pointer(detail: ErrorDetails) -> str:
    return "".join(f"/{escape(str(token))}" for token in detail["loc"])


def _sentence(detail: ErrorDetails, value: object) -> str:
    """The Worker's words for the same fault."""
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
        if isinstance(value, Mapping):
            value = value.get(token, detail)
        elif isinstance(value, list) and isinstance(token, int):
            value = value[token]
    return value is None
