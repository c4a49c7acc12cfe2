"""Every operation of the public API, in the order of the document.

Law: a row says what a caller sends and may hear; it holds no schema text. The Worker's route table
(``edge/src/routes.ts``) has the same paths and scopes; a test compares them.
"""

from __future__ import annotations

from typing import Final

from contract.operations import conversation, documents, health, inspections, referrals, reviews
from contract.operations.model import Answer, Body, Operation, Parameter

OPERATIONS: Final[tuple[Operation, ...]] = (
    *reviews.OPERATIONS,
    *documents.OPERATIONS,
    *inspections.OPERATIONS,
    *conversation.OPERATIONS,
    *referrals.OPERATIONS,
    *health.OPERATIONS,
)

__all__ = ["OPERATIONS", "Answer", "Body", "Operation", "Parameter"]
