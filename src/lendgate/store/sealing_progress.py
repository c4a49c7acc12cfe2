"""How far sealing anew has come, place by place: it can be stopped anywhere, and goes on from there.

Law: a place is begun again for each new data key, once that has been in force for so long that nobody seals
with another any more; what lies before ``last_id`` is sealed with it, apart from what was left behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from lendgate.store.database import Transaction

_FIRST: Final = UUID(int=0)
_BEGIN: Final = """
    INSERT INTO lendgate.sealing_progress AS p (place, key_id, last_id, done)
    SELECT %(place)s, key_id, %(first)s, false FROM lendgate.data_key
    WHERE key_id = %(key)s AND greatest(created_at, seals_from) + %(settled)s <= clock_timestamp()
    ON CONFLICT (tenant, place) DO UPDATE
        SET key_id = excluded.key_id, last_id = excluded.last_id, done = false, left_behind = 0
        WHERE p.key_id <> excluded.key_id
"""
_WHERE: Final = """
    SELECT last_id FROM lendgate.sealing_progress WHERE place = %s AND key_id = %s AND NOT done FOR UPDATE
"""
_MOVE: Final = """
    UPDATE lendgate.sealing_progress
    SET last_id = %(last)s, done = %(done)s, left_behind = left_behind + %(left)s
    WHERE place = %(place)s AND key_id = %(key)s AND last_id = %(before)s AND NOT done RETURNING left_behind
"""
_ALL: Final = "SELECT place, key_id, last_id, done, left_behind FROM lendgate.sealing_progress"


@dataclass(frozen=True, slots=True)
class Position:
    """Where sealing a place anew with a key stands, while it is not done."""

    place: str
    key_id: UUID
    last_id: UUID


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a place has come with a key, and how much of it does not open and was left behind."""

    place: str
    key_id: UUID
    last_id: UUID
    done: bool
    left_behind: int


async def position_of(tx: Transaction, place: str, key_id: UUID, settled: timedelta) -> Position | None:
    """Where to go on, locked until the transaction ends; None: done, or the key is not settled yet."""
    start = {"place": place, "key": key_id, "first": _FIRST, "settled": settled}
    await tx.connection.execute(_BEGIN, start)
    row = await (await tx.connection.execute(_WHERE, (place, key_id))).fetchone()
    return Position(place, key_id, row[0]) if row else None


async def move_on(tx: Transaction, position: Position, last_id: UUID | None, left: int = 0) -> int | None:
    """Go on to ``last_id``, or end when there is none; how many were left behind so far.

    None: somebody else has gone on from that position meanwhile, and nothing was changed.
    """
    values = {
        "place": position.place,
        "key": position.key_id,
        "before": position.last_id,
        "last": last_id or position.last_id,
        "done": last_id is None,
        "left": left,
    }
    row = await (await tx.connection.execute(_MOVE, values)).fetchone()
    return int(row[0]) if row else None


async def standings(tx: Transaction) -> dict[str, Standing]:
    """How far each place of the tenant has come, by its name."""
    cursor = tx.connection.cursor(row_factory=class_row(Standing))
    return {one.place: one for one in await (await cursor.execute(_ALL)).fetchall()}
