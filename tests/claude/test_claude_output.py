"""Shapes: what can't be asked for is refused at once; what comes is judged by the shape itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from lendgate.claude.errors import ModelConfigurationError
from lendgate.claude.output import MAX_OPTIONAL, MAX_UNIONS, read, schema_of, schema_text
from lendgate.schema import Concern
from lendgate.schema.base import Money


class Line(BaseModel):
    """One concern."""

    text: str
    weight: Annotated[Decimal, Field(ge=0, le=1)]


class Memo(BaseModel):
    """A shape like a memo's."""

    summary: str
    level: Literal["low", "high"]
    lines: list[Line]
    note: str | None = None


class Tree(BaseModel):
    """Contains itself."""

    children: list[Tree]


class Loose(BaseModel):
    """Holds a mapping."""

    by_name: dict[str, str]


class Paid(BaseModel):
    """Holds a published money field, whose schema has two types at once."""

    amount: Money


GOOD = '{"summary":"s","level":"low","lines":[{"text":"t","weight":0.5}],"note":null}'


def test_schema_of_a_good_shape_is_given() -> None:
    """Nested models and one optional are within the limits."""
    assert schema_of(Memo)["type"] == "object"
    assert '"summary"' in schema_text(Memo)


def test_published_shapes_can_be_asked_for() -> None:
    """The strict models of ``schema`` work as output."""
    assert schema_of(Concern)["title"] == "Concern"


@pytest.mark.parametrize(
    ("shape", "told"),
    [(Loose, "free-form mapping"), (Tree, "contains itself"), (Paid, "several types")],
)
def test_shape_that_would_change_its_meaning_is_refused(shape: type[BaseModel], told: str) -> None:
    """Better no call than a silently empty field."""
    with pytest.raises(ModelConfigurationError, match=told):
        schema_of(shape)


def optionals(count: int) -> type[BaseModel]:
    """A shape with this many optional fields, none of them a union."""
    fields: dict[str, tuple[type[int], int]] = {f"f{index}": (int, 0) for index in range(count)}
    return create_model("Optionals", **fields)  # type: ignore[call-overload, no-any-return] # pydantic types it so


def unions(count: int) -> type[BaseModel]:
    """A shape with this many required unions."""
    fields = {f"f{index}": (int | str, ...) for index in range(count)}
    return create_model("Unions", **fields)  # type: ignore[call-overload, no-any-return] # pydantic types it so


@pytest.mark.parametrize(
    ("shape", "allowed"),
    [
        (optionals(MAX_OPTIONAL), True),
        (optionals(MAX_OPTIONAL + 1), False),
        (unions(MAX_UNIONS), True),
        (unions(MAX_UNIONS + 1), False),
    ],
)
def test_complexity_limits_are_the_api_s(shape: type[BaseModel], allowed: object) -> None:
    """24 optional and 16 union fields compile; one more does not."""
    if allowed:
        assert schema_of(shape)
    else:
        with pytest.raises(ModelConfigurationError, match="optional"):
            schema_of(shape)


@pytest.mark.parametrize(
    "text", [GOOD, f"Here you are:\n```json\n{GOOD}\n```\nAnything else?", f"  {GOOD}\n"]
)
def test_object_is_found_in_prose_and_fences(text: str) -> None:
    """Servers without structured output wrap their JSON."""
    memo = read(text, Memo)
    assert isinstance(memo, Memo)
    assert memo.lines[0].weight == Decimal("0.5")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("I can't do that.", "the reply holds no JSON object"),
        ("{", "the reply holds no JSON object"),
        ("}{", "the reply holds no JSON object"),
        ('{"summary":"s"', "the reply holds no JSON object"),
        ('{"summary":}', "the reply: Invalid JSON"),
        (GOOD.replace('"low"', '"fine"'), "/level: Input should be 'low' or 'high'"),
        (GOOD.replace("0.5", "1.5"), "/lines/0/weight: Input should be less than or equal to 1"),
        ("{}", "/summary: Field required"),
    ],
)
def test_problem_names_its_place(text: str, problem: str) -> None:
    """A repair turn needs the place and the rule."""
    problems = read(text, Memo)
    assert isinstance(problems, tuple)
    assert problems[0].startswith(problem)


def test_problem_never_tells_a_value() -> None:
    """The words may reach a log."""
    problems = read(GOOD.replace('"low"', '"CANARY"'), Memo)
    assert isinstance(problems, tuple)
    assert "CANARY" not in " ".join(problems)
