"""Monitoring (demographic) information, sealed, in a schema of its own that the service can only write to.

Law: nothing here reads it back, and the service's role could not (Regulation B 1002.13; DESIGN 3 f). It is
sealed with data keys of its own, which open nothing else.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from lendgate.schema.monitoring import Monitoring
from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.sealing import place

_INSERT: Final = """
    INSERT INTO lendgate_monitoring.monitoring (application_id, document_sealed) VALUES (%s, %s)
"""


async def insert_monitoring(tx: Transaction, application_id: UUID, monitoring: Monitoring) -> None:
    """Keep what was collected with an application, in the transaction that accepts it."""
    sealer = await sealer_of(tx, "monitoring")
    text = monitoring.model_dump_json(exclude_none=True)
    await tx.connection.execute(
        _INSERT, (application_id, sealer.seal_text(text, monitoring_place(application_id)))
    )


def monitoring_place(application_id: UUID) -> bytes:
    """Where an application's monitoring data is sealed."""
    return place("monitoring", "document", application_id)
