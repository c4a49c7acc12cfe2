"""What an application still lacks, from the table the policy packs give.

Law: the same table and the same answer at the edge (``edge/src/completeness.ts``); missing documents are
reported and never refuse receipt. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from lendgate.schema.application import Application
from lendgate.schema.base import Published
from lendgate.schema.enums import DocumentType, Product
from lendgate.schema.gate import Completeness, MissingDocument

Condition = Literal["always", "self_employed", "purchase", "refinance"]


class DocumentRequirement(Published):
    """One kind of document a product asks for, how many, and when."""

    type: DocumentType
    needed: int
    why: str
    when: Condition = "always"


class ProductRequirements(Published):
    """What one product asks for. ``missing_fields`` are pointers of two steps at the most."""

    missing_fields: list[str]
    documents: list[DocumentRequirement]


class Requirements(Published):
    """The whole table, as generated for the Worker."""

    policy_version: str
    products: dict[Product, ProductRequirements]


def completeness(application: Application, table: Mapping[Product, ProductRequirements]) -> Completeness:
    """What is missing for the application's product."""
    wanted = table[application.product]
    fields = [pointer for pointer in wanted.missing_fields if not present(application, pointer)]
    documents = [
        missing
        for requirement in wanted.documents
        if _applies(requirement.when, application)
        if (missing := _missing(requirement, application))
    ]
    return Completeness(
        complete=not fields and not documents, missing_documents=documents, missing_fields=fields
    )


def present(application: Application, pointer: str) -> bool:
    """Whether the place a pointer names holds a value."""
    value: object = application
    for token in pointer.split("/")[1:]:
        value = getattr(value, token, None)
    return value is not None


def _missing(requirement: DocumentRequirement, application: Application) -> MissingDocument | None:
    have = sum(document.type == requirement.type for document in application.documents or ())
    if have >= requirement.needed:
        return None
    return MissingDocument(
        type=requirement.type, needed=requirement.needed, present=have, why=requirement.why
    )


def _applies(when: Condition, application: Application) -> bool:
    if when == "self_employed":
        return is_self_employed(application)
    if when == "purchase":
        return application.loan_purpose == "Purchase"
    if when == "refinance":
        return application.loan_purpose == "Refinance"
    return True


def is_self_employed(application: Application) -> bool:
    """Any present job that is self-employment, or an ownership share of a quarter or more (URLA 1b)."""
    jobs = [job for applicant in application.applicants or () for job in applicant.employments or ()]
    return any(
        job.status == "Current" and (job.self_employed or float(job.ownership_share or 0) >= 0.25)  # noqa: PLR2004
        for job in jobs
    )
