"""The figures that checks compare with, read from ``data/figures.yaml``.

Law: no figure stands in code. One that is not in the file for the year in question is unknown.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from lendgate.documents.data import load

Source = Annotated[str, Field(min_length=8)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Days(_Shape):
    """A number of days, and who says so."""

    value: int
    source: Source


class Share(_Shape):
    """A share or an amount, exact, and who says so."""

    value: Decimal
    source: Source


class Recency(_Shape):
    """How old documents may be, in days before the application."""

    pay_stub: Days
    statement: Days
    quarterly_statement: Days
    two_statements: Days


class Shares(_Shape):
    """Rates of tax and tolerances."""

    social_security: Share
    medicare: Share
    additional_medicare: Share
    large_deposit: Share
    income_tolerance: Share


class WageBase(_Shape):
    """The most that social security tax is taken of, by year."""

    source: Source
    years: dict[int, int]


class Listed(_Shape):
    """A closed list of codes."""

    source: Source
    values: tuple[str, ...]


class Acceptance(_Shape):
    """How sure readings must be for a document to pass unseen."""

    type_confidence: Share
    field_confidence: Share


class Figures(_Shape):
    """All of it."""

    days: Recency
    shares: Shares
    additional_medicare_above: Share
    social_security_wage_base: WageBase
    ein_prefixes_never_issued: Listed
    states: Listed
    accept: Acceptance


@cache
def figures() -> Figures:
    """The figures."""
    return load("figures.yaml", TypeAdapter(Figures))
