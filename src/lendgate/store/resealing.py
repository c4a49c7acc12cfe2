"""Sealing anew: what lies under an older data key, or in the open, is sealed with the key in force.

Law: how a row is kept changes here, never what it says. It goes through a table in the order of its ids, a
batch of ids a transaction, and remembers how far it has come (``sealing_progress``). A row that does not open
stays as it is, is named, and keeps no other from being sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from psycopg import sql

from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.sealed_columns import Column
from lendgate.store.sealing import Sealer, SealingError
from lendgate.store.sealing_progress import move_on, position_of

_ANEW: Final = "SET LOCAL lendgate.sealing_anew = on"
_PATIENCE: Final = "SET LOCAL statement_timeout = '10min'"
# All rows of an id are in one batch. What was erased is empty, and sealed with nothing.
_BATCH: Final = sql.SQL("""
    SELECT {id}, ({part})::text, ({plain})::text, {sealed} FROM {table}
    WHERE {id} > %(last)s
      AND ({plain} IS NOT NULL OR ({sealed} <> '' AND substring({sealed} FROM 2 FOR 16) <> %(key)s))
    ORDER BY {id} FETCH FIRST %(limit)s ROWS WITH TIES FOR NO KEY UPDATE
""")
_REWRITE: Final = sql.SQL(
    "UPDATE {table} SET {cleared}{sealed} = %s WHERE {id} = %s AND ({part})::text IS NOT DISTINCT FROM %s"
)
_Row = tuple[UUID, str | None, str | None, bytes | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One batch: how many rows were sealed, the ids of those that do not open, and whether it was the last.

    ``left`` counts what does not open in this batch and all before it.
    """

    sealed: int = 0
    damaged: tuple[str, ...] = ()
    ended: bool = False
    left: int = 0


async def seal_anew(tx: Transaction, column: Column, settled: timedelta, limit: int = 100) -> Step | None:
    """Seal a column's rows of the next ``limit`` ids with the key in force; None: there is nothing to do.

    ``settled`` is how long the key must have been in force.
    """
    sealer = await sealer_of(tx, column.purpose)
    position = await position_of(tx, column.name, sealer.current, settled)
    if position is None:
        return None
    await tx.connection.execute(_PATIENCE)  # it may pass over very many that are sealed already
    batch = {"last": position.last_id, "key": sealer.current.bytes, "limit": limit}
    rows: list[_Row] = await (await tx.connection.execute(column.written(_BATCH), batch)).fetchall()
    damaged = await _rewrite(tx, column, sealer, rows)
    left = await move_on(tx, position, rows[-1][0] if rows else None, len(damaged))
    return Step(len(rows) - len(damaged), damaged, ended=not rows, left=left or 0)


async def _rewrite(tx: Transaction, column: Column, sealer: Sealer, rows: list[_Row]) -> tuple[str, ...]:
    """Write what can be sealed anew; the ids of what does not open."""
    anew: list[tuple[bytes, UUID, str | None]] = []
    damaged: list[str] = []
    for row, part, plain, sealed in rows:
        try:
            anew.append((_sealed_anew(sealer, _place(column, row, part), plain, sealed), row, part))
        except SealingError:
            damaged.append(f"{row} {part}" if part else str(row))
    await tx.connection.execute(_ANEW)
    async with tx.connection.cursor() as cursor:
        await cursor.executemany(column.written(_REWRITE), anew)
    return tuple(damaged)


def _place(column: Column, row: UUID, part: str | None) -> bytes:
    return column.place(row) if part is None else column.place(row, part)


def _sealed_anew(sealer: Sealer, place: bytes, plain: str | None, sealed: bytes | None) -> bytes:
    if sealed is not None:
        return sealer.seal(sealer.open(sealed, place), place)
    if plain is None:
        raise ValueError("a row is kept in the open or sealed")
    return sealer.seal_text(plain, place)
