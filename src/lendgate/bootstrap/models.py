"""The configured model: where it is, what it may cost, under which ceilings and at what pace.

Law: nothing here guesses. What is configured and cannot be right is refused at the start, with its variable;
what will soon be wrong is a warning. Without a model, None, and the rules do the work.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lendgate.claude.batch import BatchPort, BatchTill
from lendgate.claude.budget import CeilingsOf
from lendgate.claude.deployment import ANTHROPIC_URL, Deployment
from lendgate.claude.errors import ModelConfigurationError
from lendgate.claude.ledger import Ceilings, Ledger, utc_now
from lendgate.claude.opening import connect, connect_batches, open_model
from lendgate.claude.port import ModelPort
from lendgate.claude.prices import Prices, load_prices, packaged_prices
from lendgate.claude.startup import check_models
from lendgate.claude.telemetry import TracedBatches
from lendgate.errors import SettingsError
from lendgate.settings import ServiceSettings
from lendgate.store.database import Database
from lendgate.workflow.pace import Pace, PacedModel
from lendgate.workflow.paid import SavedModel

if TYPE_CHECKING:  # importing it loads the SDK
    from lendgate.claude.anthropic_client import AnthropicModel

_LOG: Final = logging.getLogger("lendgate.bootstrap")


@dataclass(frozen=True, slots=True)
class Models:
    """The configured model behind two ceilings: one for applications, one for conversations. None without."""

    review: ModelPort | None = None
    conversation: ModelPort | None = None


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
async def opened_model(settings: ServiceSettings, ledger: Ledger) -> AsyncIterator[ModelPort | None]:
    """The configured model, paid for out of ``ledger``; None without one. For one event loop.

    Raises:
        SettingsError: the models or prices that are configured cannot be right.
    """
    async with opened_models(settings, ledger) as models:
        yield models.review


@asynccontextmanager
async def opened_models(
    settings: ServiceSettings, ledger: Ledger, *, checked: bool = False
) -> AsyncIterator[Models]:
    """The configured model under each of its ceilings. For one event loop.

    Args:
        settings: where it is, what it may cost.
        ledger: where its cost is booked.
        checked: ask the server first whether the models in use are there, alive and able.

    Raises:
        SettingsError: the models or prices that are configured cannot be right.
    """
    prices = _prices(settings.model_prices)
    async with _connected(settings) as endpoint:
        if endpoint is None:
            yield Models()
            return
        if checked:
            for warning in await _warnings(settings, prices, endpoint):
                _LOG.warning(warning)
        each = (settings.spend_application_usd, settings.spend_conversation_usd)
        yield Models(
            *(
                open_model(endpoint, ledger=ledger, ceilings=_ceilings(settings, dollars), prices=prices)
                for dollars in each
            )
        )


@asynccontextmanager
async def opened_batches(
    settings: ServiceSettings, ledger: Ledger
) -> AsyncIterator[tuple[BatchPort, BatchTill]]:
    """The configured server's batches, and the till that pays for them out of ``ledger``.

    Raises:
        SettingsError: no model is configured, its server takes no batches, or its prices cannot be right.
    """
    deployment = deployment_from(settings)
    if deployment is None:
        raise SettingsError("no model is configured: set ANTHROPIC_API_KEY, or leave --batch out")
    till = BatchTill(
        ledger, _prices(settings.model_prices), _ceilings(settings, settings.spend_application_usd)
    )
    try:
        port = connect_batches(deployment)
    except ModelConfigurationError as cause:
        raise SettingsError(str(cause)) from cause
    try:
        yield TracedBatches(port), till
    finally:
        await port.close()


async def checked_models(settings: ServiceSettings) -> tuple[str, ...] | None:
    """What will go wrong with the configured models soon; None: no model is configured.

    Raises:
        SettingsError: what certainly is wrong.
    """
    async with _connected(settings) as endpoint:
        return await _warnings(settings, _prices(settings.model_prices), endpoint) if endpoint else None


@asynccontextmanager
async def _connected(settings: ServiceSettings) -> AsyncIterator[AnthropicModel | None]:
    deployment = deployment_from(settings)
    if deployment is None:
        yield None
        return
    try:
        endpoint = connect(deployment)
    except ModelConfigurationError as cause:
        raise SettingsError(str(cause)) from cause
    try:
        yield endpoint
    finally:
        await endpoint.close()


async def _warnings(settings: ServiceSettings, prices: Prices, endpoint: AnthropicModel) -> tuple[str, ...]:
    models = {
        "LENDGATE_MODEL_REVIEW": settings.model_review,
        "LENDGATE_MODEL_EXPLAIN": settings.model_explain,
        "LENDGATE_MODEL_DOCUMENTS": settings.model_documents,
    }
    deployment, today = deployment_from(settings), datetime.now(UTC).date()
    describe = endpoint.describe if deployment and deployment.capabilities.model_catalogue else None
    try:
        return await check_models(models, prices=prices, on=today, describe=describe)
    except ModelConfigurationError as cause:
        raise SettingsError(str(cause)) from cause


def _prices(path: Path | None) -> Prices:
    if path is None:
        return packaged_prices()
    try:
        return load_prices(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ModelConfigurationError) as cause:
        raise SettingsError(f"LENDGATE_MODEL_PRICES: {path}: {cause}") from cause


def _ceilings(settings: ServiceSettings, each: Decimal) -> CeilingsOf:
    same_for_all = Ceilings(settings.spend_tenant_day_usd, each)
    return lambda _tenant: same_for_all


def kept(models: Models, database: Database) -> Models:
    """What memos were paid for, kept. Behind the turnstile: a turn lasts until the reply is safe, so that a
    process that dies has no more calls to make again than it may have under way.
    """
    return Models(models.review and SavedModel(models.review, database, utc_now), models.conversation)


def paced(settings: ServiceSettings, models: Models) -> Models:
    """The models behind one turnstile."""
    pace = Pace(settings.model_concurrency, settings.model_per_minute)
    return Models(
        *(model and PacedModel(model, pace, time.monotonic) for model in (models.review, models.conversation))
    )
