"""The context: all that a support speaker may know of one application.

Law: built here, field by field, from what is published and what this broker sent. Every value in it is a
word of a closed list, a number or a day, so no text of anybody's can ride along: a reason is a code of the
public catalogue, a document a type, a field a pointer of the contract. A test walks the types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Final, Literal, NewType, get_args

from lendgate.policy.model import Fact, Facts, Unit, Value
from lendgate.policy.reasons import catalogue
from lendgate.schema import (
    Application,
    Completeness,
    Decision,
    DecisionAction,
    MissingDocument,
    PublicReason,
    RequestedItem,
    Review,
)
from lendgate.schema.enums import DocumentType, Product

Stage = Literal[
    "in_review",
    "stopped",
    "eligible",
    "with_underwriter",
    "incomplete",
    "not_eligible",
    "approved",
    "approved_with_conditions",
    "counteroffer",
    "declined",
    "notified_incomplete",
    "withdrawn",
]
"""How an application stands, as its broker may be told; the last six once a decision stands."""
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
_DECIDED: Final[MappingProxyType[DecisionAction, Stage]] = MappingProxyType(
    {
        "approve": "approved",
        "approve_with_conditions": "approved_with_conditions",
        "counteroffer": "counteroffer",
        "decline": "declined",
        "incomplete": "notified_incomplete",
        "withdrawn": "withdrawn",
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

    ``requested``: what an underwriter has asked for and waits for; it is among ``documents``, too.
    ``known`` is whether the review has said what is missing; until then ``documents`` and ``fields`` are
    empty and mean nothing. ``named_elsewhere``: the decision names more that is asked for, in its own words.
    The days are those of the decision that stands, where there is one.
    """

    stage: Stage
    product: Product
    reasons: tuple[ReasonCode, ...]
    known: bool
    documents: tuple[DocumentAsked, ...]
    requested: tuple[DocumentType, ...]
    fields: tuple[FieldPointer, ...]
    named_elsewhere: bool
    received_on: date
    reviewed_on: date | None
    decided_on: date | None
    respond_by: date | None
    reasons_until: date | None
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


def context_of(
    review: Review,
    application: Application,
    decision: Decision | None = None,
    awaited: tuple[RequestedItem, ...] = (),
) -> SupportContext:
    """What of a review, its application, the decision that stands and what an underwriter awaits before one
    a support speaker is given.
    """
    missing = review.completeness
    requested = () if decision else tuple(_types(awaited))
    return SupportContext(
        stage=_DECIDED[decision.action] if decision else _stage(review),
        product=review.product,
        reasons=tuple(_codes(_reasons(review, decision))),
        known=missing is not None or decision is not None,
        documents=tuple(_documents(missing, decision, requested)),
        requested=requested,
        fields=tuple(
            FieldPointer(pointer)
            for pointer in (missing.missing_fields if missing and not decision else ())
            if _named(pointer)
        ),
        named_elsewhere=decision is not None and any(one.document is None for one in _asked(decision)),
        received_on=review.created_at.date(),
        reviewed_on=review.completed_at.date() if review.completed_at else None,
        decided_on=decision.decided_on if decision else None,
        respond_by=decision.respond_by if decision else None,
        reasons_until=decision.reasons_until if decision else None,
        submitted=tuple(_submitted(application)),
    )


def _stage(review: Review) -> Stage:
    if review.status == "failed":
        return "stopped"
    if review.status != "completed" or review.recommendation is None:
        return "in_review"
    return _STAGES[review.recommendation.outcome]


def _reasons(review: Review, decision: Decision | None) -> tuple[PublicReason, ...]:
    if decision is not None:
        return decision.reasons
    return review.recommendation.reasons if review.recommendation else ()


def _asked(decision: Decision) -> tuple[RequestedItem, ...]:
    return (*decision.missing, *decision.conditions)


def _types(items: Iterable[RequestedItem]) -> Iterator[DocumentType]:
    yield from dict.fromkeys(one.document for one in items if one.document)


def _documents(
    missing: Completeness | None, decision: Decision | None, requested: tuple[DocumentType, ...]
) -> Iterator[DocumentAsked]:
    """What the decision asks for, where one stands; before that what the product and an underwriter do."""
    if decision is not None:
        yield from (DocumentAsked(kind, 1, 0) for kind in _types(_asked(decision)))
        return
    needed = missing.missing_documents if missing else []
    yield from (DocumentAsked(one.type, one.needed, one.present) for one in needed)
    known = {one.type for one in needed}
    yield from (DocumentAsked(kind, 1, 0) for kind in requested if kind not in known)


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
