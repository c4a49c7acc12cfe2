"""Replay protection: each nonce of the edge's signatures is used once.

Law: a nonce is claimed by inserting it; whoever inserts it first has it, also under any number of
concurrent claims and with any number of services on one database. The table is an ordinary one, committed
without waiting for the disk: an unlogged table would be emptied by a crash of the server, and every
request signed in the minute before it could be replayed. At most the last 0.6 s of claims are lost.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from lendgate.store.database import Database

# The setting ends with the statement's own transaction.
_CLAIM: Final = """
    WITH lazily AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
    INSERT INTO lendgate.edge_nonce (nonce, expires_at) SELECT %s, %s FROM lazily ON CONFLICT DO NOTHING
"""


async def claim_nonce(database: Database, nonce: str, expires_at: datetime) -> bool:
    """Whether the nonce was free until now. It stays taken at least until ``expires_at`` (UTC).

    Raises:
        StoreUnavailableError: it could not be claimed; treat the request as not accepted.
    """
    async with database.connection() as connection:
        return (await connection.execute(_CLAIM, (nonce, expires_at))).rowcount == 1


async def purge_nonces(database: Database, now: datetime) -> int:
    """Forget the nonces that expired before ``now`` (UTC) and say how many; run it every minute or so."""
    async with database.connection() as connection:
        return (
            await connection.execute("DELETE FROM lendgate.edge_nonce WHERE expires_at < %s", (now,))
        ).rowcount
