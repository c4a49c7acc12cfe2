"""The published JSON shapes, version 1: all that the SDK, the Worker and the service share.

Law: nothing but pydantic is imported here. JSON Schemas and ``contract/openapi.json`` are generated from
these models (``python -m contract.generate``); a test fails when they drift.
"""

from __future__ import annotations

from typing import Final

from lendgate.schema.application import Application, SubmittedDocument
from lendgate.schema.decision import (
    Contact,
    CreditTerms,
    Decision,
    DecisionAction,
    RequestedItem,
)
from lendgate.schema.gate import Completeness, Metadata, MissingDocument, Principal, Validated
from lendgate.schema.problem import Problem, ProblemError
from lendgate.schema.review import (
    CheckOutcome,
    Concern,
    CreditMemo,
    Outcome,
    PolicyReference,
    PublicReason,
    Recommendation,
    Review,
    Risk,
    Usage,
)

SCHEMA_VERSION: Final = "1.0"

__all__ = [
    "SCHEMA_VERSION",
    "Application",
    "CheckOutcome",
    "Completeness",
    "Concern",
    "Contact",
    "CreditMemo",
    "CreditTerms",
    "Decision",
    "DecisionAction",
    "Metadata",
    "MissingDocument",
    "Outcome",
    "PolicyReference",
    "Principal",
    "Problem",
    "ProblemError",
    "PublicReason",
    "Recommendation",
    "RequestedItem",
    "Review",
    "Risk",
    "SubmittedDocument",
    "Usage",
    "Validated",
]
