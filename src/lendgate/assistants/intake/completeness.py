"""How complete an application is, in the three meanings the law and the file give the word.

Law: they are never mixed. The six items of 12 CFR 1026.2(a)(3)(ii) start the Loan Estimate's clock and count
no document; an application is complete under 12 CFR 1002.2(f) when all that is regularly asked for is there;
a file is complete with its documents. A missing document never keeps an application from being received.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from lendgate.assistants.intake.application import application_body
from lendgate.assistants.intake.bank import FieldName, QuestionBank
from lendgate.assistants.intake.machine import TRID_ITEMS
from lendgate.assistants.intake.state import State
from lendgate.intake.completeness import ProductRequirements, completeness
from lendgate.intake.parse import validate
from lendgate.schema import MissingDocument
from lendgate.schema.enums import Product

_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Complete:
    """The three meanings.

    ``trid_missing`` is None where the six items do not apply (no mortgage); ``trid_at`` is when the last of
    them came (RFC 3339, UTC); ``asked_missing`` are questions of the bank without an answer.
    """

    trid_missing: tuple[FieldName, ...] | None
    trid_at: str | None
    asked_missing: tuple[FieldName, ...]
    documents_missing: tuple[MissingDocument, ...]

    @property
    def regulation_b(self) -> bool:
        """All that is regularly asked of an applicant is there (12 CFR 1002.2(f))."""
        return not self.asked_missing

    @property
    def file(self) -> bool:
        """The documents are there, too."""
        return self.regulation_b and not self.documents_missing


def complete(state: State, bank: QuestionBank, table: Mapping[Product, ProductRequirements]) -> Complete:
    """How complete the application is as things stand."""
    mortgage = state.values.get("product") == "mortgage"
    missing = [
        question.field
        for question in bank.applying(state.values.get("product"), state.values)
        if question.field not in state.known
    ]
    return Complete(
        trid_missing=tuple(item for item in TRID_ITEMS if item not in state.known) if mortgage else None,
        trid_at=state.trid_at,
        asked_missing=tuple(missing),
        documents_missing=_documents(state, table),
    )


def _documents(state: State, table: Mapping[Product, ProductRequirements]) -> tuple[MissingDocument, ...]:
    """The documents that the product asks for, as far as the answers tell which."""
    if "product" not in state.known:
        return ()
    application = validate(application_body(state, _UNKNOWN)).application
    return tuple(completeness(application, table).missing_documents)


def missing_notice(found: Complete, bank: QuestionBank, respond_by: date) -> str | None:
    """What is missing, as a notice in the words of Form C-6 (12 CFR 1002.9(c)(2), Appendix C); None when
    nothing is.

    Creditor, address and date belong to whoever sends it.
    """
    wanted = [bank[field].label.en for field in found.asked_missing]
    for document in found.documents_missing:
        count = document.needed - document.present
        wanted.append(
            f"{document.type.replace('_', ' ')}{f' (x{count})' if count > 1 else ''}: {document.why}"
        )
    if not wanted:
        return None
    lines = "\n".join(f"- {line}" for line in wanted)
    return (
        "Dear Applicant:\n\n"
        "Thank you for your application for credit. The following information is needed to make a decision on"
        f" your application:\n\n{lines}\n\n"
        f"We need to receive this information by {respond_by.isoformat()}. If we do not receive it by that"
        " date, we will regrettably be unable to give further consideration to your credit request.\n"
    )
