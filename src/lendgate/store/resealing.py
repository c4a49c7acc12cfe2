"""Sealing anew: what lies under an older data key, or in the open, is sealed with the key in force.

Law: how a row is kept changes here, never what it says. It goes through a table in the order of its ids, a
batch of ids a transaction, and remembers how far it has come, so it can be stopped anywhere. It starts only
when the key has been in force for so long that nobody seals with another any more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from psycopg import sql

from lendgate.store.applications import document_place
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.decisions import decision_place
from lendgate.store.document_evidence import evidence_place
from lendgate.store.documents import document_part_place
from lendgate.store.intake import content_place, digits_place, state_place
from lendgate.store.referrals import notes_place
from lendgate.store.reviews import assessment_place, body_place
from lendgate.store.sealing import Sealer

_FIRST: Final = UUID(int=0)
_ANEW: Final = "SET LOCAL lendgate.sealing_anew = on"
_BEGIN: Final = """
    INSERT INTO lendgate.sealing_progress AS p (place, key_id, last_id, done)
    SELECT %(place)s, key_id, %(first)s, false FROM lendgate.data_key
    WHERE key_id = %(key)s AND greatest(created_at, seals_from) + %(settled)s <= clock_timestamp()
    ON CONFLICT (tenant, place) DO UPDATE
        SET key_id = excluded.key_id, last_id = excluded.last_id, done = false
        WHERE p.key_id <> excluded.key_id
"""
_WHERE: Final = """
    SELECT last_id FROM lendgate.sealing_progress WHERE place = %s AND key_id = %s AND NOT done FOR UPDATE
"""
_BATCH: Final = sql.SQL("""
    SELECT {id}, ({part})::text, ({plain})::text, {sealed} FROM {table}
    WHERE {id} IN (
        SELECT DISTINCT {id} FROM {table}
        WHERE {id} > %(last)s AND ({plain} IS NOT NULL OR substring({sealed} FROM 2 FOR 16) <> %(key)s)
        ORDER BY {id} LIMIT %(limit)s
    ) AND ({plain} IS NOT NULL OR substring({sealed} FROM 2 FOR 16) <> %(key)s)
    ORDER BY {id} FOR NO KEY UPDATE
""")
_REWRITE: Final = sql.SQL(
    "UPDATE {table} SET {cleared}{sealed} = %s WHERE {id} = %s AND ({part})::text IS NOT DISTINCT FROM %s"
)
_NEVER_PLAIN: Final = sql.SQL("NULL")
_MOVE: Final = "UPDATE lendgate.sealing_progress SET last_id = %s, done = %s WHERE place = %s"


@dataclass(frozen=True, slots=True)
class Column:
    """A sealed column: its table's key, its context, and the columns of before that it stands for.

    ``place`` is called with the id and, where rows of one id are told apart by a ``part``, with that as text.
    """

    table: str
    id: str
    sealed: str
    before: tuple[str, ...]
    plain: sql.SQL
    place: Callable[..., bytes]
    part: sql.SQL | None = None

    @property
    def name(self) -> str:
        """Table and column."""
        return f"{self.table}.{self.sealed}"

    def written(self, text: sql.SQL) -> sql.Composed:
        """A statement about this column."""
        return text.format(
            table=sql.Identifier("lendgate", self.table),
            id=sql.Identifier(self.id),
            sealed=sql.Identifier(self.sealed),
            plain=self.plain,
            part=self.part or sql.SQL("NULL"),
            cleared=sql.Composed(
                [sql.SQL("{} = NULL, ").format(sql.Identifier(each)) for each in self.before]
            ),
        )


def _identifier_place(_session_id: UUID, token: str) -> bytes:
    return digits_place(token)


COLUMNS: Final = (
    Column(
        "application", "application_id", "document_sealed", ("document",), sql.SQL("document"), document_place
    ),
    Column("review", "review_id", "body_sealed", ("body",), sql.SQL("body"), body_place),
    Column(
        "review",
        "review_id",
        "assessment_sealed",
        ("facts", "findings"),
        # As ``assessments.assessment_to_json`` writes it; NULL when there is none.
        sql.SQL("""'{"facts":' || facts::text || ',"findings":' || findings::text || '}'"""),
        assessment_place,
    ),
    Column("referral", "referral_id", "notes_sealed", (), _NEVER_PLAIN, notes_place),
    *(
        Column("decision", "decision_id", f"{part}_sealed", (), _NEVER_PLAIN, partial(decision_place, part))
        for part in ("body", "record", "letter")
    ),
    *(
        Column("document", "document_id", part, (), _NEVER_PLAIN, partial(document_part_place, part))
        for part in ("file_name", "findings")
    ),
    Column(
        "document_evidence",
        "application_id",
        "evidence",
        (),
        _NEVER_PLAIN,
        evidence_place,
        sql.SQL("revision"),
    ),
    Column("intake_session", "session_id", "state", (), _NEVER_PLAIN, state_place),
    Column("intake_message", "session_id", "content", (), _NEVER_PLAIN, content_place, sql.SQL("seq")),
    Column(
        "intake_identifier", "session_id", "digits", (), _NEVER_PLAIN, _identifier_place, sql.SQL("token")
    ),
)
"""Every column of the open tables that is sealed under the tenant's keys."""


async def seal_anew(tx: Transaction, column: Column, settled: timedelta, limit: int = 100) -> int | None:
    """Seal a column's rows of the next ``limit`` ids with the key in force; how many, None for nothing to do.

    ``settled`` is how long the key must have been in force. 0 means that this was the end of it.
    """
    sealer = await sealer_of(tx)
    start = {"place": column.name, "key": sealer.current, "first": _FIRST, "settled": settled}
    await tx.connection.execute(_BEGIN, start)
    found = await (await tx.connection.execute(_WHERE, (column.name, sealer.current))).fetchone()
    if found is None:
        return None
    batch = {"last": found[0], "key": sealer.current.bytes, "limit": limit}
    rows = await (await tx.connection.execute(column.written(_BATCH), batch)).fetchall()
    await _rewrite(tx, column, sealer, rows)
    last = rows[-1][0] if rows else found[0]
    await tx.connection.execute(_MOVE, (last, not rows, column.name))
    return len(rows)


async def _rewrite(
    tx: Transaction,
    column: Column,
    sealer: Sealer,
    rows: list[tuple[UUID, str | None, str | None, bytes | None]],
) -> None:
    await tx.connection.execute(_ANEW)
    anew = [
        (_sealed_anew(sealer, _place(column, row, part), plain, sealed), row, part)
        for row, part, plain, sealed in rows
    ]
    async with tx.connection.cursor() as cursor:
        await cursor.executemany(column.written(_REWRITE), anew)


def _place(column: Column, row: UUID, part: str | None) -> bytes:
    return column.place(row) if part is None else column.place(row, part)


def _sealed_anew(sealer: Sealer, place: bytes, plain: str | None, sealed: bytes | None) -> bytes:
    if sealed is not None:
        return sealer.seal(sealer.open(sealed, place), place)
    if plain is None:
        raise ValueError("a row is kept in the open or sealed")
    return sealer.seal_text(plain, place)
