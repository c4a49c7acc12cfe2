"""The underwriters' queue. Every action names the state it was taken on (If-Match)."""

from __future__ import annotations

from typing import Final

from contract.operations.model import IF_NONE_MATCH, READ, WRITE, Answer, Body, Operation, Parameter, path_id

_REFERRAL_ID: Final = path_id("referral_id", "The id that GET /referrals gave.")
_IF_MATCH: Final = Parameter("If-Match", "header", "The ETag the referral was read with.", required=True)


def _action(name: str, operation_id: str, summary: str, shape: str) -> Operation:
    return Operation(
        "POST",
        f"/referrals/{{referral_id}}/{name}",
        operation_id,
        "referrals:decide",
        summary,
        (Answer(200, "Done; the referral as it is now.", "Referral", headers=("ETag",)),),
        (*WRITE, "conflict", "precondition-failed", "precondition-required"),
        Body(shape),
        (_REFERRAL_ID, _IF_MATCH),
    )


OPERATIONS: Final = (
    Operation(
        "GET",
        "/referrals",
        "listReferrals",
        "referrals:read",
        "The queue, page by page.",
        (Answer(200, "Found.", "ReferralPage"),),
        (*READ, "invalid-request"),
        parameters=(Parameter("cursor", "query", "Where the last page ended."),),
    ),
    Operation(
        "GET",
        "/referrals/{referral_id}",
        "getReferral",
        "referrals:read",
        "One referral and what it is decided on.",
        (Answer(200, "Found.", "Casefile", headers=("ETag",)),),
        READ,
        parameters=(_REFERRAL_ID, IF_NONE_MATCH),
    ),
    _action("claim", "claimReferral", "Take it, for as long as a lease lasts.", "nothing"),
    _action("release", "releaseReferral", "Give it back to the queue.", "nothing"),
    _action("assign", "assignReferral", "Give it to a named underwriter.", "referral_assignment"),
    _action("conditions", "addConditions", "Add conditions to be met.", "referral_conditions"),
    _action("document-requests", "requestDocuments", "Ask for documents.", "referral_document_requests"),
    _action("decide", "decideReferral", "Decide, with a written reason.", "referral_decision"),
)
