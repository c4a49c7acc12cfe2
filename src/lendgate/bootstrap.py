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
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from lendgate.analysis.claude_reviewer import ClaudeReviewer
from lendgate.analysis.reviewer import Reviewer
from lendgate.analysis.rules import RulesReviewer
from lendgate.analysis.speaking import Speaker
from lendgate.audit import AuditKey
from lendgate.claude.budget import CeilingsOf
from lendgate.claude.deployment import ANTHROPIC_URL, Deployment
from lendgate.claude.errors import ModelConfigurationError
from lendgate.claude.ledger import Ceilings, Ledger, utc_now
from lendgate.claude.opening import connect, open_model
from lendgate.claude.port import ModelPort
from lendgate.claude.prices import Prices, load_prices, packaged_prices
from lendgate.claude.startup import Describe, check_models
from lendgate.errors import SettingsError
from lendgate.intake.completeness import Requirements
from lendgate.policy.library import load_packs, requirements_table
from lendgate.settings import ServiceSettings
from lendgate.store.database import Database, StoreUnavailableError
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.migrate import migrate, require_current
from lendgate.store.nonces import purge_nonces
from lendgate.store.spend import PostgresLedger
from lendgate.workflow.desk import Desk
from lendgate.workflow.paid import SavedModel
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


def reviewer_from(settings: ServiceSettings, model: ModelPort | None = None) -> Reviewer:
    """The reviewer that writes the memos: Claude by this model, or without one the rules."""
    if model is None:
        return RulesReviewer()
    return ClaudeReviewer(
        model, settings.model_review, settings.model_deadline_seconds, settings.model_effort
    )


def speaker_from(settings: ServiceSettings, model: ModelPort | None = None) -> Speaker:
    """Who explains reviews: Claude by this model, or without one the rules."""
    return Speaker(model, settings.model_explain, settings.model_deadline_seconds)


def deployment_from(settings: ServiceSettings) -> Deployment | None:
    """The model server that is configured; None: the rules reviewer writes the memos.

    Raises:
        SettingsError: what is configured cannot be right.
    """
    key = settings.anthropic_api_key
    key = key if key and key.get_secret_value() else None
    if settings.reviewer == "rules" or (not settings.reviewer and not key and not _other_server(settings)):
        return None
    if settings.model_server != "anthropic" and not settings.model_base_url:
        raise SettingsError(f"LENDGATE_MODEL_BASE_URL is not set: where is the {settings.model_server}?")
    try:
        return Deployment(
            server=settings.model_server,
            base_url=settings.model_base_url or ANTHROPIC_URL,
            api_key=key,
            gateway_token=settings.model_gateway_token,
            inference_geo=settings.model_inference_geo,
            capability_changes=settings.model_capabilities,
        )
    except ModelConfigurationError as cause:
        raise SettingsError(str(cause)) from cause


def _other_server(settings: ServiceSettings) -> bool:
    return settings.model_server != "anthropic" or settings.model_base_url is not None


@asynccontextmanager
async def opened_model(
    settings: ServiceSettings, ledger: Ledger, *, checked: bool = False
) -> AsyncIterator[ModelPort | None]:
    """The configured model, paid for out of ``ledger``; None without one. For one event loop.

    Args:
        settings: where it is, what it may cost.
        ledger: where its cost is booked.
        checked: ask the server first whether the models in use are there, alive and able.

    Raises:
        SettingsError: the models or prices that are configured cannot be right.
    """
    deployment = deployment_from(settings)
    if deployment is None:
        yield None
        return
    prices, ceilings = _prices(settings.model_prices), _ceilings(settings)
    try:
        endpoint = connect(deployment)
    except ModelConfigurationError as cause:
        raise SettingsError(str(cause)) from cause
    try:
        if checked:
            has_catalogue = deployment.capabilities.model_catalogue
            await _check(settings, prices, endpoint.describe if has_catalogue else None)
        yield open_model(endpoint, ledger=ledger, ceilings=ceilings, prices=prices)
    finally:
        await endpoint.close()


async def _check(settings: ServiceSettings, prices: Prices, describe: Describe | None) -> None:
    """Say what will go wrong with the configured models soon; refuse what certainly does."""
    models = {
        "LENDGATE_MODEL_REVIEW": settings.model_review,
        "LENDGATE_MODEL_EXPLAIN": settings.model_explain,
    }
    try:
        warnings = await check_models(models, prices=prices, on=datetime.now(UTC).date(), describe=describe)
    except ModelConfigurationError as cause:
        raise SettingsError(str(cause)) from cause
    for warning in warnings:
        _LOG.warning(warning)


def _prices(path: Path | None) -> Prices:
    if path is None:
        return packaged_prices()
    try:
        return load_prices(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ModelConfigurationError) as cause:
        raise SettingsError(f"LENDGATE_MODEL_PRICES: {path}: {cause}") from cause


def _ceilings(settings: ServiceSettings) -> CeilingsOf:
    same_for_all = Ceilings(settings.spend_tenant_day_usd, settings.spend_application_usd)
    return lambda _tenant: same_for_all


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

    1. policy (a bad pack refuses to start)  2. keys  3. PostgreSQL, embedded or given  4. the model, if any
    5. unfinished reviews

    Raises:
        PolicyError, SettingsError, RuntimeMissingError, SchemaError, StoreUnavailableError: with the mend.
    """
    rulebook = rulebook_from(settings)
    audit_key = AuditKey(*secret_key("LENDGATE_AUDIT_KEY", settings.audit_key))
    async with (
        open_database(settings, settings.database_pool) as database,
        opened_model(settings, PostgresLedger(database), checked=True) as model,
    ):
        saved = SavedModel(model, database, utc_now) if model else None
        reviewer = reviewer_from(settings, saved)
        desk = Desk(database, rulebook, reviewer, audit_key, lambda: datetime.now(UTC), uuid.uuid4)
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
