"""The ground of every published shape: the strict model and the rules its values obey.

Law: a value rule accepts exactly what the JSON Schema it publishes accepts, so that the Worker (which
compiles the schema) and the origin (which runs these rules) cannot disagree; ``contract/vectors``
holds both to it. The sentences are the Worker's too: change them in ``edge/src/sentences.ts`` as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, NoReturn

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError, core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

JsonSchema = dict[str, object]
MAX_MONEY: Final = 999_999_999.99
_CENT: Final = Decimal("0.01")
# The Worker sees doubles: amount / 0.01 is off by at most ~1.5e-5 at the largest amount, so 1e-4 tells
# a third decimal from rounding noise. ajv is built with the same tolerance (multipleOfPrecision: 4).
_CENT_TOLERANCE: Final = 1e-4


class Published(BaseModel):
    """A shape other people's code relies on: frozen, strict, no unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class Sent(Published):
    """A shape that callers send: there, ``null`` in an optional field means that it was left out."""

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: object) -> object:
        if not isinstance(value, dict) or None not in value.values():
            return value
        optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
        return {key: item for key, item in value.items() if item is not None or key not in optional}


class Answer(Published):
    """A shape we send: readers ignore members they do not know, so that we may add some."""

    model_config = ConfigDict(extra="ignore")


def refuse(keyword: str, sentence: str) -> NoReturn:
    """Fail the field under validation; ``keyword`` is the JSON Schema keyword that was broken."""
    raise PydanticCustomError(keyword, "{sentence}", {"sentence": sentence})


@dataclass(frozen=True, slots=True)
class Rule:
    """One value rule: ``check`` for Python, ``json_schema`` for everybody else."""

    def check(self, value: object) -> object:
        raise NotImplementedError

    def json_schema(self) -> JsonSchema:
        raise NotImplementedError

    def dump(self, value: object) -> object:
        """The JSON value that reads back as ``value``."""
        return value

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        dump = None  # pydantic's own code writes what JSON has anyway, ten times as fast
        if type(self).dump is not Rule.dump:
            dump = core_schema.plain_serializer_function_ser_schema(self.dump, when_used="json")
        return core_schema.no_info_plain_validator_function(self.check, serialization=dump)

    def __get_pydantic_json_schema__(
        self, _core: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchema:
        return self.json_schema()


def number_of(value: object) -> Decimal:
    """A JSON number (or a Python one) as an exact decimal; booleans and text are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        refuse("type", "must be a number")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        refuse("type", "must be a number")
    return number


def plain_number(value: Decimal) -> int | float:
    """A decimal as a JSON number: whole numbers without a fraction, others as the nearest double."""
    return int(value) if value == value.to_integral_value() else float(value)


def _within(number: Decimal, low: float, high: float) -> None:
    """Both bounds judged on the double that JavaScript sees."""
    if float(number) < low:
        refuse("minimum", f"must be at least {low:.15g}")
    if float(number) > high:
        percent = "; looks like a percentage, send 0.31 for 31%" if high == 1 else ""
        refuse("maximum", f"must be at most {high:.15g}{percent}")


@dataclass(frozen=True, slots=True)
class MoneyRule(Rule):
    """US dollars with at most two decimals, as a JSON number or a decimal string; kept as a decimal."""

    pattern: ClassVar[str] = r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,2})?$"

    def check(self, value: object) -> Decimal:
        if isinstance(value, str):
            if not re.fullmatch(self.pattern, value, re.ASCII):
                refuse("pattern", "must be dollars such as 95000 or 95000.50")
            return Decimal(value).quantize(_CENT)
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            refuse("type", "must be a number or a decimal string")
        number = number_of(value)
        _within(number, 0, MAX_MONEY)
        cents = float(number) / 0.01
        if abs(round(cents) - cents) > _CENT_TOLERANCE:
            refuse("multipleOf", "must have at most two decimals")
        return abs(number.quantize(_CENT))

    def json_schema(self) -> JsonSchema:
        return {
            "type": ["number", "string"],
            "minimum": 0,
            "maximum": MAX_MONEY,
            "multipleOf": 0.01,
            "pattern": self.pattern,
            "examples": [95000, "95000.50"],
        }

    def dump(self, value: object) -> object:
        # Eleven digits at the most, so the nearest double always reads back as the same cents.
        return plain_number(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True, slots=True)
class NumberRule(Rule):
    """A number between two bounds, both allowed."""

    low: float
    high: float

    def check(self, value: object) -> Decimal:
        number = number_of(value)
        _within(number, self.low, self.high)
        return number

    def json_schema(self) -> JsonSchema:
        return {"type": "number", "minimum": self.low, "maximum": self.high}

    def dump(self, value: object) -> object:
        return plain_number(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True, slots=True)
class WholeRule(Rule):
    """A whole number between two bounds, both allowed; 360.0 is whole, as in JSON Schema."""

    low: int
    high: int

    def check(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            refuse("type", "must be a whole number")
        number = number_of(value)
        if float(number) != int(float(number)):
            refuse("type", "must be a whole number")
        _within(number, self.low, self.high)
        return int(float(number))

    def json_schema(self) -> JsonSchema:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class TextRule(Rule):
    """Text of bounded length (code points), optionally of one ASCII pattern with an example."""

    low: int
    high: int
    pattern: str | None = None
    example: str | None = None

    def check(self, value: object) -> str:
        if not isinstance(value, str):
            refuse("type", "must be text")
        if len(value) < self.low:
            refuse("minLength", f"must have at least {self.low} characters")
        if len(value) > self.high:
            refuse("maxLength", f"must have at most {self.high} characters")
        if self.pattern and not re.fullmatch(self.pattern, value, re.ASCII):
            refuse("pattern", f"must look like {self.example}")
        return value

    def json_schema(self) -> JsonSchema:
        schema: JsonSchema = {"type": "string", "minLength": self.low, "maxLength": self.high}
        if self.pattern:
            schema |= {"pattern": self.pattern, "examples": [self.example]}
        return schema


@dataclass(frozen=True, slots=True)
class DateRule(Rule):
    """A day of the calendar, RFC 3339 full-date, 1900 to 2099."""

    pattern: ClassVar[str] = r"^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$"

    def check(self, value: object) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if not isinstance(value, str):
            refuse("type", "must be text")
        if not re.fullmatch(self.pattern, value, re.ASCII):
            refuse("pattern", "must look like 2026-11-22")
        try:
            return date.fromisoformat(value)
        except ValueError:
            refuse("format", "must be a day of the calendar such as 2026-11-22")

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "format": "date", "pattern": self.pattern, "examples": ["2026-11-22"]}

    def dump(self, value: object) -> object:
        return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class TimestampRule(Rule):
    """A moment in UTC, RFC 3339 with ``Z``; written with milliseconds."""

    pattern: ClassVar[str] = (
        r"^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z$"
    )

    def check(self, value: object) -> datetime:
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value, re.ASCII):
            refuse("pattern", "must look like 2026-11-22T14:05:09Z")
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            refuse("format", "must be a moment of the calendar such as 2026-11-22T14:05:09Z")

    def json_schema(self) -> JsonSchema:
        examples = ["2026-11-22T14:05:09.000Z"]
        return {"type": "string", "format": "date-time", "pattern": self.pattern, "examples": examples}

    def dump(self, value: object) -> object:
        if not isinstance(value, datetime):
            return value
        fine = "microseconds" if value.microsecond % 1000 else "milliseconds"
        return value.astimezone(UTC).isoformat(timespec=fine).replace("+00:00", "Z")


Money = Annotated[Decimal, MoneyRule()]
"""US dollars, 0 to 999,999,999.99."""
Ratio = Annotated[Decimal, NumberRule(0, 1)]
"""A share between 0 and 1; 31 % is 0.31."""
Name = Annotated[str, TextRule(1, 120)]
"""A short text a person typed: a name of a person, an employer, a bank."""
Key = Annotated[str, TextRule(1, 64, r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$", "A123")]
"""An identifier the caller chose."""
Token = Annotated[str, TextRule(8, 64, r"^[A-Za-z][A-Za-z0-9_-]{7,63}$", "tok_9f31c2ab")]
"""An opaque reference into the lender's vault; begins with a letter, so that no raw SSN passes."""
Sha256 = Annotated[str, TextRule(64, 64, r"^[0-9a-f]{64}$", "e3b0c442… (64 hex digits)")]
"""A SHA-256 digest in lower-case hex."""
CalendarDate = Annotated[date, DateRule()]
Timestamp = Annotated[datetime, TimestampRule()]
