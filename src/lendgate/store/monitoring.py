"""Monitoring (demographic) information, in a schema of its own that the service can only write to.

Law: nothing here reads it back, and the service's role could not (Regulation B 1002.13; DESIGN 3 f).
"""

from __future__ import annotations

from uuid import UUID

from lendgate.schema.monitoring import Monitoring
from lendgate.store.database import Transaction


async def insert_monitoring(tx: Transaction, application_id: UUID, monitoring: Monitoring) -> None:
    """Keep what was collected with an application, in the transaction that accepts it."""
    await tx.connection.execute(
        "INSERT INTO lendgate_monitoring.monitoring (application_id, document) VALUES (%s, %s::json)",
        (application_id, monitoring.model_dump_json(exclude_none=True)),
    )
