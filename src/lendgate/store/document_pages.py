"""Pages known again: which documents of the tenant hold the same file, or another scan of the same page.

Law: a page is kept as a perceptual fingerprint and keyed digests of the numbers on it, which tell nothing
without the key and cannot be turned back. What comes back from here is a suspicion for
``documents.duplicates`` to judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.rows import class_row

from lendgate.store.database import Transaction

_INSERT_PAGE: Final = """
    INSERT INTO lendgate.document_page (document_id, page, fingerprint) VALUES (%s, %s, %s)
"""
_INSERT_NUMBERS: Final = """
    INSERT INTO lendgate.document_number (digest, document_id, page) SELECT unnest(%s::bytea[]), %s, %s
"""
_SAME_FILE: Final = """
    SELECT document_id FROM lendgate.document
    WHERE sha256 = %s AND application_id <> %s AND status <> 'awaiting_content'
    ORDER BY received_at LIMIT 1
"""
_LIKE: Final = """
    WITH alike AS (
        SELECT document_id, page
        FROM lendgate.document_number JOIN lendgate.document USING (document_id)
        WHERE digest = ANY(%s) AND application_id <> %s
        GROUP BY document_id, page HAVING count(*) >= %s
        ORDER BY count(*) DESC LIMIT %s
    )
    SELECT kept.document_id, kept.page, kept.fingerprint, array_agg(number.digest) AS numbers
    FROM alike
        JOIN lendgate.document_page AS kept USING (document_id, page)
        JOIN lendgate.document_number AS number USING (document_id, page)
    GROUP BY kept.document_id, kept.page, kept.fingerprint
"""
_FEWEST: Final = 5
"""Shared numbers below which two pages are not even suspected."""
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class KeptPage:
    """One page of a document: its fingerprint (32 bytes) and the keyed digests of its numbers."""

    document_id: UUID
    page: int
    fingerprint: bytes
    numbers: Sequence[bytes]


async def keep_pages(tx: Transaction, pages: Sequence[KeptPage]) -> None:
    """Keep a document's pages, in the transaction that ends its triage."""
    for page in pages:
        await tx.connection.execute(_INSERT_PAGE, (page.document_id, page.page, page.fingerprint))
        await tx.connection.execute(_INSERT_NUMBERS, (list(page.numbers), page.document_id, page.page))


async def same_file(tx: Transaction, sha256: bytes, application_id: UUID) -> UUID | None:
    """A document of another application of the tenant with these very bytes."""
    row = await (await tx.connection.execute(_SAME_FILE, (sha256, application_id))).fetchone()
    return row[0] if row else None


async def pages_like(tx: Transaction, numbers: Sequence[bytes], application_id: UUID) -> list[KeptPage]:
    """Pages that other applications of the tenant have sent, and that share several of these numbers."""
    cursor = tx.connection.cursor(row_factory=class_row(KeptPage))
    return await (await cursor.execute(_LIKE, (list(numbers), application_id, _FEWEST, _MOST))).fetchall()
