"""Reading monitoring information back, for reports (Regulations B 1002.13 and C): not the service's work.

Law: only the owner's connection reads it, in a program that serves no request; the service's role could not.
Rows go out as they were collected, one application at a time, in constant memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

import psycopg

from lendgate.store.keyring import MasterKeys, Owner, WrappedKey
from lendgate.store.monitoring import monitoring_place
from lendgate.store.sealing import Sealer

_TENANT: Final = "SELECT set_config('lendgate.tenant', %s, true)"
_KEYS: Final = """
    SELECT key_id, master_id, wrapped FROM lendgate.data_key WHERE purpose = 'monitoring' ORDER BY seals_from
"""
_ROWS: Final = """
    SELECT application_id, document::text, document_sealed FROM lendgate_monitoring.monitoring
    ORDER BY application_id
"""


def monitoring_of(owner_url: str, tenant: str, masters: MasterKeys) -> Iterator[tuple[UUID, str]]:
    """Each application's monitoring information as JSON text (``schema.monitoring.Monitoring``).

    Raises:
        SettingsError: LENDGATE_DATA_KEY lacks a key that is needed.
        SealingError: a row was altered.
        psycopg.Error: the database refuses, as it does to the service's role.
    """
    owner = Owner(tenant, "monitoring")
    with psycopg.connect(owner_url) as connection:
        connection.execute(_TENANT, (tenant,))
        keys = [masters.unwrap(owner, WrappedKey(*row)) for row in connection.execute(_KEYS).fetchall()]
        sealer = Sealer.of(tenant, keys, keys[-1].id) if keys else None
        with connection.cursor(name="monitoring") as cursor:
            for application_id, plain, sealed in cursor.execute(_ROWS):
                opened = sealer and sealed and sealer.open_text(sealed, monitoring_place(application_id))
                yield application_id, opened or plain
