"""The database: the one that is given, or an embedded one that is looked after here.

Law: a given database is never migrated, because that takes its owner; an embedded one is migrated, kept
running, and ended with whoever opened it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from lendgate.bootstrap.keys import master_keys
from lendgate.errors import RuntimeMissingError
from lendgate.settings import ServiceSettings
from lendgate.store.database import Database
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.migrate import migrate, require_current

_LOG: Final = logging.getLogger("lendgate.bootstrap")
_LOOK_SECONDS: Final = 1.0


@asynccontextmanager
async def open_database(settings: ServiceSettings, size: int) -> AsyncIterator[Database]:
    """The given database, reached and of this code's revision, or the embedded one, migrated.

    Raises:
        RuntimeMissingError, SettingsError, SchemaError, StoreUnavailableError: with the mend.
    """
    masters = master_keys(settings)
    if settings.database_url is None:
        async with _embedded(settings) as url, Database(url, size=size, masters=masters) as database:
            yield database
        return
    url = settings.database_url.get_secret_value()
    async with Database(url, size=size, masters=masters) as database:
        await asyncio.to_thread(require_current, url)
        yield database


@asynccontextmanager
async def open_as_owner(settings: ServiceSettings, owner_url: str) -> AsyncIterator[Database]:
    """The database as its owner, for a command that serves no request; it is of this code's revision.

    Raises:
        SettingsError, SchemaError, StoreUnavailableError: with the mend.
    """
    async with Database(owner_url, size=1, masters=master_keys(settings), as_owner=True) as database:
        await asyncio.to_thread(require_current, owner_url)
        yield database


@asynccontextmanager
async def _embedded(settings: ServiceSettings) -> AsyncIterator[str]:
    postgres = await asyncio.to_thread(EmbeddedPostgres, settings.data_dir / "postgres")
    try:
        await asyncio.to_thread(migrate, postgres.owner_url)
        keeping = asyncio.create_task(_kept_running(postgres))
        try:
            yield postgres.service_url
        finally:
            keeping.cancel()
            await asyncio.wait({keeping})
    finally:
        await asyncio.to_thread(postgres.close)


async def _kept_running(postgres: EmbeddedPostgres) -> None:
    """Start the embedded server again when it died: nobody else looks after it."""
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            if await asyncio.to_thread(postgres.revive):
                _LOG.warning("the embedded PostgreSQL had died and was started again")
        except RuntimeMissingError as cause:
            _LOG.error("the embedded PostgreSQL does not start: %s", cause)
