"""The policy that reviews rest on, kept by its SHA-256 for as long as they are.

Law: the bytes of a pack that was applied are there whenever a review names their hash; they never change.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from lendgate.store.database import Transaction

_KEEP: Final = """
    INSERT INTO lendgate.policy_pack (sha256, content, first_used) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""
_LOAD: Final = "SELECT content FROM lendgate.policy_pack WHERE sha256 = %s"


class PolicyShelf:
    """Which packs of which tenants are known to be kept, so that they are sent to the database once."""

    def __init__(self) -> None:
        self._kept: set[tuple[str, str]] = set()

    def lacks(self, tenant: str, sha256: str) -> bool:
        """Whether this process does not know the pack to be kept."""
        return (tenant, sha256) not in self._kept

    def note(self, tenant: str, sha256: str) -> None:
        """It is: the transaction that kept it has committed."""
        self._kept.add((tenant, sha256))


async def keep_pack(tx: Transaction, sha256: str, content: bytes, at: datetime) -> None:
    """Keep the bytes of a pack, if they are not kept yet."""
    await tx.connection.execute(_KEEP, (sha256, content, at))


async def load_pack_text(tx: Transaction, sha256: str) -> bytes | None:
    """The bytes of a pack that a review of this tenant rests on."""
    row = await (await tx.connection.execute(_LOAD, (sha256,))).fetchone()
    return bytes(row[0]) if row else None
