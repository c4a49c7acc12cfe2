"""Applications in, reviews, decisions and notices out."""

from __future__ import annotations

from typing import Final

from contract.operations.model import (
    EVENTS,
    GATE,
    IF_NONE_MATCH,
    LAST_EVENT_ID,
    ORIGIN,
    READ,
    Answer,
    Body,
    Operation,
    Parameter,
    path_id,
)

_BODY: Final = ("too-large", "unsupported-media-type", "invalid-application")
_APPLICATION: Final = Body(
    "application", example={"applicant_id": "A123", "income": 95000, "debt_to_income": 0.31}
)
_REVIEW_ID: Final = path_id("review_id", "The id that POST /lending-review gave.")

OPERATIONS: Final = (
    Operation(
        "POST",
        "/validate",
        "validate",
        "validate",
        "The gate alone; costs no review.",
        (Answer(200, "Done.", "Validated"),),
        (*GATE, *_BODY),
        _APPLICATION,
    ),
    Operation(
        "POST",
        "/lending-review",
        "createReview",
        "review:write",
        "The gate, then the review.",
        (
            Answer(200, "The review is complete.", "Review"),
            Answer(202, "Accepted; the result will be at Location.", "Review", headers=("Location",)),
        ),
        (*GATE, *_BODY, "conflict", *ORIGIN),
        _APPLICATION,
        (
            Parameter("Prefer", "header", "`wait=N`: how many seconds to wait for the result (0 to 20)."),
            Parameter("Idempotency-Key", "header", "Repeating a request with the same key is safe."),
        ),
    ),
    Operation(
        "GET",
        "/lending-review/{review_id}",
        "getReview",
        "review:read",
        "State and result of a review.",
        (Answer(200, "Found.", "Review"),),
        READ,
        parameters=(_REVIEW_ID,),
    ),
    Operation(
        "GET",
        "/lending-review/{review_id}/events",
        "reviewEvents",
        "review:read",
        "Progress as server-sent events; Last-Event-ID resumes.",
        (Answer(200, "Found.", media_types=EVENTS),),
        READ,
        parameters=(_REVIEW_ID, LAST_EVENT_ID),
    ),
    Operation(
        "GET",
        "/lending-review/{review_id}/decision",
        "getDecision",
        "review:read",
        "The decision as the broker may see it.",
        (Answer(200, "Decided.", "Decision", headers=("ETag",)),),
        READ,
        parameters=(_REVIEW_ID, IF_NONE_MATCH),
    ),
    Operation(
        "GET",
        "/lending-review/{review_id}/notice",
        "getNotice",
        "review:read",
        "The notice that goes with the decision, as HTML or PDF by Accept.",
        (Answer(200, "The notice.", media_types=("text/html", "application/pdf")),),
        READ,
        parameters=(_REVIEW_ID, Parameter("Accept", "header", "`text/html` or `application/pdf`.")),
    ),
)
