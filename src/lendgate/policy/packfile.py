"""A pack as it is written: the shape of the YAML file, and what is refused before any rule is compiled.

Law: no key is ignored and none is guessed. Words that leave the house (titles, the reasons for documents)
hold no digit and no per cent sign, so that they cannot tell a threshold.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lendgate.errors import PolicyError
from lendgate.policy.model import Effect
from lendgate.policy.yaml_text import read_yaml
from lendgate.schema.application import Application
from lendgate.schema.base import refuse
from lendgate.schema.enums import DocumentType, Product
from lendgate.schema.finances import Credit, HousingExpense, Property

_MEMBERS: Final[dict[str, type[BaseModel]]] = {
    "property": Property,
    "credit": Credit,
    "housing_expense": HousingExpense,
}


def _known_pointer(pointer: str) -> str:
    """A pointer of one or two steps to a field of an application, such as ``/property/value``."""
    first, _, second = pointer.removeprefix("/").partition("/")
    known = first in Application.model_fields
    if second:
        known = first in _MEMBERS and second in _MEMBERS[first].model_fields
    if not known or not pointer.startswith("/") or pointer.endswith("/"):
        refuse("pointer", f"{pointer} is no field of an application; correct it")
    return pointer


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,62}[a-z]$")]
PrivateText = Annotated[str, StringConstraints(min_length=1)]
PublicText = Annotated[str, StringConstraints(min_length=1, pattern=r"^[^0-9%]*$")]
Pointer = Annotated[str, AfterValidator(_known_pointer)]
Count = Annotated[int, Field(ge=1)]
NumericUnit = Literal["usd", "usd_per_month", "ratio", "years", "months", "count", "score"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class DocumentEntry(_Shape):
    """A document the product asks for; ``why`` is said to brokers."""

    type: DocumentType
    needed: Count
    why: PublicText
    when: Literal["always", "self_employed", "purchase", "refinance"] = "always"


class DatedValue(_Shape):
    """What a limit is from one day on, and who says so."""

    since: Annotated[date, Field(alias="from")]
    value: int | float
    source: PrivateText


class LimitEntry(_Shape):
    """One limit through time."""

    unit: NumericUnit
    values: Annotated[list[DatedValue], Field(min_length=1)]


class RuleEntry(_Shape):
    """One rule. ``require`` must hold; ``when`` says to whom it applies."""

    id: Name
    title: PublicText
    require: PrivateText
    when: PrivateText | None = None
    effect: Effect
    reason: str
    unverifiable: str
    rank: Count
    knockout: bool = False
    core: bool = False
    citation: PrivateText
    note: PrivateText


class PackFile(_Shape):
    """The whole file."""

    id: Name
    version: PrivateText
    product: Product
    title: PublicText
    as_of: date
    effective_from: date
    source: PrivateText
    jurisdiction: PrivateText
    disclaimer: PrivateText
    needs: list[Pointer]
    documents: list[DocumentEntry]
    limits: dict[Name, LimitEntry]
    rules: Annotated[list[RuleEntry], Field(min_length=1)]


_MENDS = {
    "missing": "is missing; add it",
    "extra_forbidden": "is not a known key; correct or remove it",
    "too_short": "is empty; give at least one",
}


def read_packfile(name: str, content: bytes) -> PackFile:
    """The file's shape checked; PolicyError names the file and every place that is wrong."""
    document = read_yaml(name, content)
    try:
        return PackFile.model_validate(document)
    except ValidationError as error:
        wrong = (_sentence(document, one["loc"], one["type"], one["msg"]) for one in error.errors())
        raise PolicyError(f"{name}: {'; '.join(wrong)}") from error


def _sentence(document: object, place: tuple[int | str, ...], kind: str, message: str) -> str:
    where = ".".join(str(step) for step in place) or "the file"
    rule = _rule_id(document, place)
    if kind == "string_pattern_mismatch" and place[-1] in ("title", "why"):
        message = "has a digit or a per cent sign, which would tell a threshold; say it in words"
    sentence = _MENDS.get(kind, message)
    return f"rule '{rule}': {where} {sentence}" if rule else f"{where} {sentence}"


def _rule_id(document: object, place: tuple[int | str, ...]) -> str | None:
    """The id of the rule that ``place`` lies in, as far as the file gives one."""
    if len(place) < 2 or place[0] != "rules" or not isinstance(place[1], int):  # noqa: PLR2004 - rules, index
        return None
    rules = document.get("rules") if isinstance(document, dict) else None
    rule = rules[place[1]] if isinstance(rules, list) else None
    return str(rule.get("id")) if isinstance(rule, dict) else None
