"""The context: all that a support speaker may know of one application.

Law: built here, field by field, from what is published and what this broker sent. Every value in it is a
word of a closed list, a number or a day, so no text of anybody's can ride along: a reason is a code of the
public catalogue, a document a type, a field a pointer of the contract. A test walks the types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Final, Literal, NewType, get_args

from lendgate.policy.model import Fact, Facts, Unit, Value
from lendgate.policy.reasons import catalogue
from lendgate.schema import Application, Completeness, MissingDocument, PublicReason, Review
from lendgate.schema.enums import DocumentType, Product

Stage = Literal["in_review", "stopped", "eligible", "with_underwriter", "incomplete", "not_eligible"]
"""How an application stands, as its broker may be told."""
SubmittedName = Literal[
    "annual_income",
    "stated_debt_to_income",
    "employment_years",
    "amount_requested",
    "term_months",
    "credit_score",
]
"""What a broker states that may be said back: names of ``policy.registry``, values as they were sent."""
ReasonCode = NewType("ReasonCode", str)
"""A code of ``policy/reasons.yaml``."""
FieldPointer = NewType("FieldPointer", str)
"""An RFC 6901 pointer of names of the contract."""

_STAGES: Final[MappingProxyType[str, Stage]] = MappingProxyType(
    {
        "eligible": "eligible",
        "refer": "with_underwriter",
        "incomplete": "incomplete",
        "ineligible": "not_eligible",
    }
)
_UNITS: Final[MappingProxyType[SubmittedName, Unit]] = MappingProxyType(
    {
        "annual_income": "usd",
        "stated_debt_to_income": "ratio",
        "employment_years": "years",
        "amount_requested": "usd",
        "term_months": "months",
        "credit_score": "score",
    }
)


@dataclass(frozen=True, slots=True)
class DocumentAsked:
    """A document that is asked for: ``present`` of ``needed`` are on file, fewer than needed."""

    type: DocumentType
    needed: int
    present: int


@dataclass(frozen=True, slots=True)
class Submitted:
    """One thing the broker stated, as it was sent."""

    name: SubmittedName
    value: Decimal


@dataclass(frozen=True, slots=True)
class SupportContext:
    """One application as its broker may know it.

    ``known`` is whether the review has said what is missing; until then ``documents`` and ``fields`` are
    empty and mean nothing.
    """

    stage: Stage
    product: Product
    reasons: tuple[ReasonCode, ...]
    known: bool
    documents: tuple[DocumentAsked, ...]
    fields: tuple[FieldPointer, ...]
    received_on: date
    reviewed_on: date | None
    submitted: tuple[Submitted, ...]

    @property
    def public_reasons(self) -> tuple[PublicReason, ...]:
        """The recorded reasons in the catalogue's words."""
        return tuple(catalogue()[code].reason for code in self.reasons)

    @property
    def facts(self) -> Facts:
        """What was submitted, as facts."""
        return {one.name: _fact(one) for one in self.submitted}

    @property
    def completeness(self) -> Completeness:
        """What is missing, in the published shape; why a document is asked for is not said again."""
        missing = [
            MissingDocument(type=one.type, needed=one.needed, present=one.present, why="")
            for one in self.documents
        ]
        return Completeness(
            complete=not missing and not self.fields, missing_documents=missing, missing_fields=[*self.fields]
        )


def context_of(review: Review, application: Application) -> SupportContext:
    """What of a review and its application a support speaker is given."""
    recommendation, missing = review.recommendation, review.completeness
    return SupportContext(
        stage=_stage(review),
        product=review.product,
        reasons=tuple(_codes(recommendation.reasons)) if recommendation else (),
        known=missing is not None,
        documents=tuple(
            DocumentAsked(one.type, one.needed, one.present)
            for one in (missing.missing_documents if missing else ())
        ),
        fields=tuple(
            FieldPointer(pointer)
            for pointer in (missing.missing_fields if missing else ())
            if _named(pointer)
        ),
        received_on=review.created_at.date(),
        reviewed_on=review.completed_at.date() if review.completed_at else None,
        submitted=tuple(_submitted(application)),
    )


def _stage(review: Review) -> Stage:
    if review.status == "failed":
        return "stopped"
    if review.status != "completed" or review.recommendation is None:
        return "in_review"
    return _STAGES[review.recommendation.outcome]


def _codes(reasons: tuple[PublicReason, ...]) -> Iterator[ReasonCode]:
    """The codes that the catalogue words exactly so; another text under a code is nobody's public reason."""
    for reason in reasons:
        entry = catalogue().get(reason.code)
        if entry is not None and entry.text == reason.text:
            yield ReasonCode(reason.code)


def _named(pointer: str) -> bool:
    """Whether a pointer is made of field names of the contract."""
    return all(token in _field_names() for token in pointer.split("/")[1:])


@cache
def _field_names() -> frozenset[str]:
    schema = Application.model_json_schema()
    return frozenset(
        name for part in (schema, *schema["$defs"].values()) for name in part.get("properties", ())
    )


_STATED: Final[MappingProxyType[SubmittedName, Callable[[Application], Decimal | int | None]]] = (
    MappingProxyType(
        {
            "annual_income": lambda sent: sent.income,
            "stated_debt_to_income": lambda sent: sent.debt_to_income,
            "employment_years": lambda sent: sent.employment_years,
            "amount_requested": lambda sent: sent.amount_requested,
            "term_months": lambda sent: sent.term_months,
            "credit_score": lambda sent: sent.credit.score if sent.credit else None,
        }
    )
)


def _submitted(application: Application) -> Iterator[Submitted]:
    for name in get_args(SubmittedName):
        value = _STATED[name](application)
        if value is not None:
            yield Submitted(name, Decimal(value))


def _fact(submitted: Submitted) -> Fact:
    unit = _UNITS[submitted.name]
    whole = unit in {"months", "score"}
    value: Value = int(submitted.value) if whole else submitted.value
    return Fact(submitted.name, value, unit, "as it was sent")
