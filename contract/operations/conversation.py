"""The borrower's intake conversation and the broker's support conversation."""

from __future__ import annotations

from typing import Final

from contract.operations.model import (
    ACCEPT_STREAM,
    EVENTS,
    IF_NONE_MATCH,
    JSON,
    LAST_EVENT_ID,
    READ,
    WRITE,
    Answer,
    Body,
    Operation,
    path_id,
)

HTML: Final = ("text/html",)
_SESSION_ID: Final = path_id("session_id", "The id that POST /intake/sessions gave.")
_REVIEW_ID: Final = path_id("review_id", "The id that POST /lending-review gave.")

OPERATIONS: Final = (
    Operation(
        "POST",
        "/intake/sessions",
        "openIntake",
        "intake",
        "A new conversation, with its first turn.",
        (Answer(201, "Opened.", headers=("Location",)),),
        WRITE,
        Body("intake_opening"),
    ),
    Operation(
        "POST",
        "/intake/sessions/{session_id}/messages",
        "sayToIntake",
        "intake",
        "The person's turn; the answer streams. The same message_id again says nothing twice.",
        (Answer(200, "The answer, event by event.", media_types=EVENTS),),
        (*WRITE, "conflict"),
        Body("intake_message"),
        (_SESSION_ID, ACCEPT_STREAM, LAST_EVENT_ID),
    ),
    Operation(
        "GET",
        "/intake/sessions/{session_id}",
        "getIntake",
        "intake",
        "What is known, from where, and what is missing.",
        (Answer(200, "Found."),),
        READ,
        parameters=(_SESSION_ID,),
    ),
    Operation(
        "GET",
        "/intake/sessions/{session_id}/events",
        "intakeEvents",
        "intake",
        "The conversation as server-sent events; Last-Event-ID resumes.",
        (Answer(200, "Found.", media_types=EVENTS),),
        READ,
        parameters=(_SESSION_ID, LAST_EVENT_ID),
    ),
    Operation(
        "POST",
        "/intake/sessions/{session_id}/submit",
        "submitIntake",
        "intake",
        "The application as the conversation has it: validated as a direct one, then reviewed.",
        (
            Answer(200, "The review is complete.", "Review"),
            Answer(202, "Accepted; the result will be at Location.", "Review", headers=("Location",)),
        ),
        (*WRITE, "invalid-application", "conflict"),
        Body("nothing", example={}),
        (_SESSION_ID,),
    ),
    Operation(
        "POST",
        "/intake/chat",
        "intakeChat",
        "intake",
        "One step of the conversation's page; its form names the token in a field of its own.",
        (Answer(200, "The page as it then is.", media_types=HTML),),
        WRITE,
        Body("intake_page"),
    ),
    *(
        Operation("GET", path, operation_id, None, summary, (Answer(200, "Yes.", media_types=(kind,)),))
        for path, operation_id, summary, kind in (
            ("/intake/chat", "intakePage", "The conversation's page before it begins.", "text/html"),
            ("/intake/chat.js", "intakeScript", "What makes the page stream.", "text/javascript"),
            ("/intake/chat.css", "intakeStyle", "How the page looks.", "text/css"),
            ("/intake/embed.js", "intakeEmbed", "Puts the page into another one.", "text/javascript"),
        )
    ),
    Operation(
        "POST",
        "/support/questions",
        "askSupport",
        "support",
        "A question about a review of the broker's own.",
        (Answer(200, "The answer, whole or event by event.", "SupportAnswer", (*JSON, *EVENTS)),),
        WRITE,
        Body("support_question"),
        (ACCEPT_STREAM,),
    ),
    Operation(
        "GET",
        "/support/status/{review_id}",
        "getSupportStatus",
        "support",
        "The published status and public reasons, without a model; kept at the gate for some seconds.",
        (
            Answer(200, "Found.", "SupportStatus", headers=("ETag",)),
            Answer(304, "It is as it was.", media_types=(), headers=("ETag",)),
        ),
        READ,
        parameters=(_REVIEW_ID, IF_NONE_MATCH),
    ),
    Operation(
        "POST",
        "/support/corrections",
        "requestCorrection",
        "support",
        "Asks for a correction or for a person to look, with a clock of its own.",
        (Answer(201, "Taken, with the day it is answered by.", "SupportRequest", headers=("Location",)),),
        WRITE,
        Body("support_correction"),
    ),
)
