"""Every column that is sealed, with what is needed to seal it anew.

Law: a ``bytea`` of any table is one of these, or a test says why not. What people may not read back, the
service's role could not seal anew either: that column is apart, and is the owner's to renew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from psycopg import sql

from lendgate.store.applications import document_place
from lendgate.store.decisions import decision_place
from lendgate.store.document_evidence import evidence_place
from lendgate.store.documents import document_part_place
from lendgate.store.inspections import doubt_place, verdict_place
from lendgate.store.intake import content_place, digits_place, state_place
from lendgate.store.keyring import Purpose
from lendgate.store.memos import memo_place
from lendgate.store.monitoring import monitoring_place
from lendgate.store.referrals import notes_place
from lendgate.store.retention import reason_place
from lendgate.store.reviews import assessment_place, body_place
from lendgate.store.support import request_place, turn_place


@dataclass(frozen=True, slots=True)
class Column:
    """A sealed column: its table's key, its context, and the columns of before that it stands for.

    ``place`` is called with the id and, where rows of one id are told apart by a ``part``, with that as text.
    ``plain`` is what ``before`` said, as text; None where there was nothing before.
    """

    table: str
    id: str
    sealed: str
    place: Callable[..., bytes]
    part: sql.SQL | None = None
    before: tuple[str, ...] = ()
    plain: sql.SQL | None = None
    schema: str = "lendgate"
    purpose: Purpose = "records"

    @property
    def name(self) -> str:
        """Table and column."""
        return f"{self.table}.{self.sealed}"

    def written(self, text: sql.SQL) -> sql.Composed:
        """A statement about this column."""
        return text.format(
            table=sql.Identifier(self.schema, self.table),
            id=sql.Identifier(self.id),
            sealed=sql.Identifier(self.sealed),
            plain=self.plain or sql.SQL("NULL"),
            part=self.part or sql.SQL("NULL"),
            cleared=sql.Composed(
                [sql.SQL("{} = NULL, ").format(sql.Identifier(each)) for each in self.before]
            ),
        )


def _identifier_place(_session_id: UUID, token: str) -> bytes:
    return digits_place(token)


def _turn_place(_conversation_id: UUID, turn_id: str) -> bytes:
    return turn_place(turn_id)


# As ``assessments.assessment_to_json`` writes it; NULL when there is none.
_ASSESSMENT: Final = sql.SQL("""'{"facts":' || facts::text || ',"findings":' || findings::text || '}'""")

COLUMNS: Final = (
    Column(
        "application",
        "application_id",
        "document_sealed",
        document_place,
        before=("document",),
        plain=sql.SQL("document"),
    ),
    Column("review", "review_id", "body_sealed", body_place, before=("body",), plain=sql.SQL("body")),
    Column(
        "review",
        "review_id",
        "assessment_sealed",
        assessment_place,
        before=("facts", "findings"),
        plain=_ASSESSMENT,
    ),
    Column("memo_revision", "memo_id", "sealed", memo_place),
    Column("referral", "referral_id", "notes_sealed", notes_place),
    *(
        Column("decision", "decision_id", f"{part}_sealed", partial(decision_place, part))
        for part in ("body", "record", "letter")
    ),
    *(
        Column("document", "document_id", part, partial(document_part_place, part))
        for part in ("file_name", "findings")
    ),
    Column("document_evidence", "application_id", "evidence", evidence_place, sql.SQL("revision")),
    Column("document_doubt", "document_id", "reasons", doubt_place, sql.SQL("revision")),
    Column("document_verdict", "verdict_id", "body", verdict_place),
    Column("intake_session", "session_id", "state", state_place),
    Column("intake_message", "session_id", "content", content_place, sql.SQL("seq")),
    Column("intake_identifier", "session_id", "digits", _identifier_place, sql.SQL("token")),
    # By its conversation, which there is an index for.
    Column("support_turn", "conversation_id", "sealed", _turn_place, sql.SQL("turn_id")),
    Column("support_request", "request_id", "sealed", request_place),
    Column("legal_hold", "hold_id", "reason", reason_place),
)
"""Every column of the open tables that is sealed under the tenant's keys."""

MONITORING: Final = Column(
    "monitoring",
    "application_id",
    "document_sealed",
    monitoring_place,
    before=("document",),
    plain=sql.SQL("document"),
    schema="lendgate_monitoring",
    purpose="monitoring",
)
"""The column behind the wall: the service writes it and cannot read it, so the owner seals it anew."""
