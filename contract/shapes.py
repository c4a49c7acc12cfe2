"""The bodies callers may send, by the name under which the Worker validates them.

Law: a shape has one name everywhere: its JSON Schema's file, the Worker's route table, its vectors.
"""

from __future__ import annotations

from typing import Final

from lendgate.schema import requests
from lendgate.schema.base import Sent
from lendgate.schema.inspection import DocumentVerdict
from lendgate.schema.referral import Verdict
from lendgate.schema.submission import ApplicationSubmission

SENT: Final[dict[str, type[Sent]]] = {
    "application": ApplicationSubmission,
    "document_metadata": requests.DocumentMetadata,
    "document_verdict": DocumentVerdict,
    "intake_message": requests.IntakeMessage,
    "intake_opening": requests.IntakeOpening,
    "intake_page": requests.IntakePage,
    "nothing": requests.Nothing,
    "referral_assignment": requests.ReferralAssignment,
    "referral_conditions": requests.ReferralConditions,
    "referral_decision": Verdict,
    "referral_document_requests": requests.ReferralDocumentRequests,
    "support_correction": requests.SupportCorrection,
    "support_question": requests.SupportQuestion,
}
