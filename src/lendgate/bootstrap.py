"""From settings to a running service: the only place that chooses what is real.

Law: nothing else reads settings to build things; everything opened here is closed here, in reverse.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import SecretStr

from lendgate.analysis.reviewer import Reviewer
from lendgate.analysis.rules import RulesReviewer
from lendgate.audit import AuditKey
from lendgate.errors import SettingsError
from lendgate.intake.completeness import Requirements
from lendgate.policy.library import load_packs, requirements_table
from lendgate.settings import ServiceSettings
from lendgate.store.database import Database, StoreUnavailableError
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.migrate import migrate, require_current
from lendgate.store.nonces import purge_nonces
from lendgate.workflow.desk import Desk
from lendgate.workflow.runner import Runner
from lendgate.workflow.underwrite import Rulebook

_LOG: Final = logging.getLogger("lendgate.bootstrap")
_TIDY_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is ready: what the doors are given."""

    settings: ServiceSettings
    desk: Desk
    runner: Runner


def rulebook_from(settings: ServiceSettings) -> Rulebook:
    """The packs in force and their completeness table.

    Raises:
        PolicyError: a pack must not be used.
    """
    packs = load_packs(settings.policy_dir)
    table = Requirements.model_validate(requirements_table(packs))
    return Rulebook(packs, table.products, table.policy_version)


def reviewer_from(_settings: ServiceSettings) -> Reviewer:
    """The reviewer that writes the memos."""
    return RulesReviewer()


def secret_key(name: str, value: SecretStr | None) -> tuple[str, bytes]:
    """A setting of the form ``key-id:<base64url of 32 bytes>``.

    Raises:
        SettingsError: it is missing or of another form.
    """
    key_id, _, text = (value.get_secret_value() if value else "").partition(":")
    with suppress(binascii.Error, ValueError):
        bare = text.rstrip("=")
        secret = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
        if key_id and len(secret) == 32:  # noqa: PLR2004 - as the message says
            return key_id, secret
    raise SettingsError(f'{name} must be "key-id:<base64url of 32 random bytes>"')


@asynccontextmanager
async def open_service(settings: ServiceSettings) -> AsyncIterator[Service]:
    """Everything a service needs, opened in order; what a crash left unfinished is taken up.

    1. policy (a bad pack refuses to start)  2. keys  3. PostgreSQL, embedded or given  4. unfinished reviews

    Raises:
        PolicyError, SettingsError, RuntimeMissingError, SchemaError, StoreUnavailableError: with the mend.
    """
    rulebook = rulebook_from(settings)
    audit_key = AuditKey(*secret_key("LENDGATE_AUDIT_KEY", settings.audit_key))
    async with open_database(settings, settings.database_pool) as database:
        desk = Desk(
            database, rulebook, reviewer_from(settings), audit_key, lambda: datetime.now(UTC), uuid.uuid4
        )
        runner = Runner(desk)
        tidying = asyncio.create_task(_tidy(desk))
        try:
            await runner.resume()
            yield Service(settings, desk, runner)
        finally:
            tidying.cancel()
            await runner.close()


@asynccontextmanager
async def open_database(settings: ServiceSettings, size: int) -> AsyncIterator[Database]:
    """The given database, reached and of this code's revision, or the embedded one, migrated.

    Raises:
        RuntimeMissingError, SettingsError, SchemaError, StoreUnavailableError: with the mend.
    """
    if settings.database_url is None:
        async with _embedded(settings) as url, Database(url, size=size) as database:
            yield database
        return
    url = settings.database_url.get_secret_value()
    async with Database(url, size=size) as database:
        await asyncio.to_thread(require_current, url)
        yield database


@asynccontextmanager
async def _embedded(settings: ServiceSettings) -> AsyncIterator[str]:
    postgres = await asyncio.to_thread(EmbeddedPostgres, settings.data_dir / "postgres")
    try:
        await asyncio.to_thread(migrate, postgres.owner_url)
        yield postgres.service_url
    finally:
        await asyncio.to_thread(postgres.close)


async def _tidy(desk: Desk) -> None:
    """Forget nonces whose signatures have expired."""
    while True:
        await asyncio.sleep(_TIDY_SECONDS)
        try:
            await purge_nonces(desk.database, desk.now())
        except StoreUnavailableError:
            _LOG.warning("the database is away; expired nonces stay for now")
