"""The audit events: the closed list of things that can happen, and what is kept of each.

Law: an event says what happened, to what, by whom and when, and never personal data: ``subject`` is an
identifier of ours, ``data`` holds identifiers, codes, counts and digests. A kind is never renamed, only
added to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from lendgate.audit.canonical import Json, canonical_bytes

EventKind = Literal[
    "application.erased",  # what was personal of it was destroyed
    "hold.placed",  # its records are kept until the hold is lifted
    "hold.lifted",
    "data_key.rewrapped",  # a data key was wrapped with another master key
    "data_key.made",  # a data key was made, to seal from now on
    "data_key.took_over",  # what others had sealed in a column is sealed with this one; ``left`` do not open
    "data_key.dropped",  # nothing was sealed with a data key any more, and it was deleted
    "application.accepted",  # an application and its queued review were stored
    "review.started",  # queued -> running
    "review.completed",  # running -> completed
    "review.failed",  # running -> failed
    "memo.revised",  # another memo was written for a completed review, which stays as it is
    "referral.opened",  # a completed review asks for an underwriter
    "referral.claimed",  # an underwriter took it in hand
    "referral.released",  # and gave it back
    "referral.assigned",  # it is one underwriter's alone, or again everybody's
    "referral.conditions_added",  # what an approval will depend on was noted
    "referral.documents_requested",  # the applicant was asked for something
    "referral.documents_came",  # what it waited for was triaged; it is open again
    "referral.proposed",  # an override waits for a second person
    "referral.person_requested",  # somebody asked for a person while it was open
    "decision.made",  # and its notice kept, where there is one
    "clock.alerted",  # a deadline is near, or was missed
    "reasons.requested",  # an applicant asked for a statement of reasons
    "reasons.given",  # and got it
    "document.declared",  # what a document is was stored; its bytes may come
    "document.received",  # awaiting_content -> received
    "review.queued_again",  # documents changed what an ended review rests on
    "referral.reviewed_again",  # what the new review came to, for the person who has the matter
    "document.triaged",  # received -> triaged
    "document.doubted",  # a triage of other documents found reasons for a person to look at it
    "document.opened",  # a person was handed the file itself, to look at
    "document.judged",  # a person accepted or returned what is in it
    "support.answered",  # a broker's question about a review was answered
    "support.requested",  # a broker asked for a correction, or for a person to look
    "intake.opened",  # a conversation began
    "intake.heard",  # a person's message was stored
    "intake.answered",  # the assistant's answer and the next state were stored
    "intake.person_asked",  # the person asked for a person; nothing more is asked by the assistant
    "intake.submitted",  # confirmed -> submitted: its application was accepted
    "intake.expired",  # a conversation was deleted with everything said in it
]
KINDS: Final[frozenset[str]] = frozenset(get_args(EventKind))
MAX_EVENT_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    ``subject`` is the id of what it happened to (application, review, referral, document); ``actor`` is who
    did it, such as ``broker:acme`` or ``system:workflow``; ``at`` is UTC; ``data`` is JSON without floats.
    """

    kind: EventKind
    subject: str
    actor: str
    at: datetime
    data: Mapping[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is not an audit event kind; kinds: {', '.join(sorted(KINDS))}")
        if not self.subject or not self.actor:
            raise ValueError(f"{self.kind}: an audit event names its subject and its actor")
        if self.at.utcoffset() != timedelta(0):
            raise ValueError(f"{self.kind}: the time of an audit event is in UTC")

    def canonical(self) -> bytes:
        """The bytes that the chain covers.

        Raises:
            NotCanonicalError: ``data`` holds something without a canonical form.
            ValueError: more than 64 KiB.
        """
        event = canonical_bytes(
            {
                "actor": self.actor,
                "at": timestamp(self.at),
                "data": self.data,
                "kind": self.kind,
                "subject": self.subject,
            }
        )
        if len(event) > MAX_EVENT_BYTES:
            raise ValueError(f"{self.kind}: {len(event)} bytes; an audit event has at most {MAX_EVENT_BYTES}")
        return event


def timestamp(at: datetime) -> str:
    """A UTC moment as RFC 3339 with microseconds, which also sorts as text."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
