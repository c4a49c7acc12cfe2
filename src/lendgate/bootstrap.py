"""From settings to a running service: the only place that chooses what is real.

Law: nothing else reads settings to build things; everything opened here is closed here, in reverse.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import random
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from lendgate.analysis.claude_reviewer import ClaudeReviewer
from lendgate.analysis.reviewer import Reviewer
from lendgate.analysis.rules import RulesReviewer
from lendgate.analysis.speaking import Speaker
from lendgate.assistants.intake.assistant import Assistant
from lendgate.assistants.intake.bank import packaged_bank
from lendgate.assistants.intake.model_turn import ModelEar
from lendgate.assistants.support.answering import Supporter
from lendgate.assistants.support.private_text import PrivateText, policy_text
from lendgate.audit import AuditKey, CheckpointKey
from lendgate.claude.batch import BatchPort, BatchTill
from lendgate.claude.budget import CeilingsOf
from lendgate.claude.deployment import ANTHROPIC_URL, Deployment
from lendgate.claude.errors import ModelConfigurationError
from lendgate.claude.ledger import Ceilings, Ledger, utc_now
from lendgate.claude.opening import connect, connect_batches, open_model
from lendgate.claude.port import ModelPort
from lendgate.claude.prices import Prices, load_prices, packaged_prices
from lendgate.claude.startup import check_models
from lendgate.decision.creditor import Creditors, read_creditors, sample_creditors
from lendgate.documents.claude_reader import ClaudeReader
from lendgate.errors import RuntimeMissingError, SettingsError
from lendgate.intake.completeness import Requirements
from lendgate.policy.library import load_packs, requirements_table
from lendgate.settings import ServiceSettings
from lendgate.store.blobs import Blobs
from lendgate.store.database import Database
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.keyring import MasterKeys
from lendgate.store.migrate import migrate, require_current
from lendgate.store.sealing import KEY_BYTES
from lendgate.store.shelves import BucketShelf, DiskShelf, bucket_shelf
from lendgate.store.spend import PostgresLedger
from lendgate.workflow.blob_sweep import sweeping
from lendgate.workflow.checkpoints import Keep, in_files, on_shelf
from lendgate.workflow.desk import Desk
from lendgate.workflow.inbox import Bucket
from lendgate.workflow.intake import IntakeRoom
from lendgate.workflow.load import Load
from lendgate.workflow.outbound import Outbound
from lendgate.workflow.pace import Pace, PacedModel
from lendgate.workflow.paid import SavedModel
from lendgate.workflow.periodic import periodic_work
from lendgate.workflow.queue import Queue
from lendgate.workflow.runner import Runner
from lendgate.workflow.station import Station
from lendgate.workflow.support.answers import SupportLine
from lendgate.workflow.triage_job import TriageRoom
from lendgate.workflow.triage_process import TriageProcess
from lendgate.workflow.underwrite import Rulebook
from lendgate.workflow.webhooks import PostOffice
from lendgate.workflow.work import Work

if TYPE_CHECKING:  # importing it loads the SDK
    from lendgate.claude.anthropic_client import AnthropicModel

_LOG: Final = logging.getLogger("lendgate.bootstrap")
_LOOK_SECONDS: Final = 1.0
_GRACE_SECONDS: Final = 15.0
"""How long a stop waits for what is in hand."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is ready: what the doors are given."""

    settings: ServiceSettings
    desk: Desk
    runner: Runner
    blobs: Blobs
    support: SupportLine
    intake: IntakeRoom
    inbox: Bucket | None = None
    """Where the gate leaves documents, where it has a bucket."""


@dataclass(frozen=True, slots=True)
class Models:
    """The configured model behind two ceilings: one for applications, one for conversations. None without."""

    review: ModelPort | None = None
    conversation: ModelPort | None = None


def rulebook_from(settings: ServiceSettings) -> Rulebook:
    """The packs in force and their completeness table.

    Raises:
        PolicyError: a pack must not be used.
    """
    packs = load_packs(settings.policy_dir)
    table = Requirements.model_validate(requirements_table(packs))
    return Rulebook(packs, table.products, table.policy_version)


def creditors_from(settings: ServiceSettings) -> Creditors:
    """Who lends for which tenant.

    Raises:
        SettingsError, PolicyError: the file cannot be read, or a profile must not be used.
    """
    if settings.creditors is None:
        return sample_creditors()
    try:
        content = settings.creditors.read_bytes()
    except OSError as cause:
        raise SettingsError(
            f"LENDGATE_CREDITORS: cannot read {settings.creditors}: {cause.strerror}"
        ) from cause
    return read_creditors(settings.creditors.name, content)


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


def document_reader_from(settings: ServiceSettings, model: ModelPort) -> ClaudeReader:
    """Who reads documents a second time: Claude by this model."""
    return ClaudeReader(
        model, settings.model_documents, settings.model_deadline_seconds, settings.model_effort
    )


def supporter_from(
    settings: ServiceSettings, rulebook: Rulebook, model: ModelPort | None = None
) -> Supporter:
    """Who answers brokers: the approved wordings, and what this model may add to them."""
    private = PrivateText.of(policy_text(rulebook.packs.values()))
    return Supporter(model, settings.model_explain, settings.support_deadline_seconds, private)


def intake_room(settings: ServiceSettings, desk: Desk, model: ModelPort | None = None) -> IntakeRoom:
    """Where intake conversations are held; by rules, and with this model's help.

    Raises:
        PolicyError: the question bank must not be used.
    """
    keep = timedelta(hours=settings.intake_keep_hours)
    return IntakeRoom(desk, intake_assistant(settings, model), keep, settings.intake_messages)


def intake_assistant(settings: ServiceSettings, model: ModelPort | None = None) -> Assistant:
    """Who talks with borrowers.

    Raises:
        PolicyError: the question bank must not be used.
    """
    ear = ModelEar(model, settings.model_explain, settings.intake_deadline_seconds) if model else None
    return Assistant(packaged_bank(), ear)


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
        yield port, till
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


def secret_key(name: str, value: SecretStr | None) -> tuple[str, bytes]:
    """A setting of the form ``key-id:<base64url of 32 bytes>``.

    Raises:
        SettingsError: it is missing or of another form.
    """
    key = _key_in(value.get_secret_value() if value else "")
    if key is None:
        raise SettingsError(f'{name} must be "key-id:<base64url of 32 random bytes>"')
    return key


def master_keys(settings: ServiceSettings) -> MasterKeys:
    """The keys that wrap data keys, the one in force first; none when none is set.

    Raises:
        SettingsError: they are of another form, or two have one name.
    """
    if settings.data_key is None:
        return MasterKeys()
    parts = settings.data_key.get_secret_value().split(",")
    keys = dict(key for part in parts if (key := _key_in(part.strip())))
    if len(keys) != len(parts):
        raise SettingsError(
            'LENDGATE_DATA_KEY must be "key-id:<base64url of 32 random bytes>", '
            "or several of these with commas between, each with an id of its own"
        )
    return MasterKeys(keys)


def _key_in(text: str) -> tuple[str, bytes] | None:
    key_id, _, encoded = text.partition(":")
    with suppress(binascii.Error, ValueError):
        bare = encoded.rstrip("=")
        secret = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
        if key_id and len(secret) == KEY_BYTES:
            return key_id, secret
    return None


@asynccontextmanager
async def open_service(settings: ServiceSettings, model: ModelPort | None = None) -> AsyncIterator[Service]:
    """Everything a service needs, opened in order; what a crash left unfinished is taken up by the queue.

    1. policy (a bad pack refuses to start)  2. keys  3. PostgreSQL, embedded or given  4. the model, if any
    5. a place in the queue, and a worker there

    ``model`` is used in place of the configured one (for benches).

    Raises:
        PolicyError, SettingsError, RuntimeMissingError, SchemaError, StoreUnavailableError: with the mend.
    """
    rulebook = rulebook_from(settings)
    audit_key = AuditKey(*secret_key("LENDGATE_AUDIT_KEY", settings.audit_key))
    creditors = creditors_from(settings)
    signer = checkpoint_key(settings)
    hooks = webhook_key(settings)
    _ = master_keys(settings).current  # without one no application can be kept
    async with (
        open_database(settings, settings.database_pool) as database,
        opened_models(settings, PostgresLedger(database), checked=True) as configured,
    ):
        models = _paced(settings, _kept(Models(model, model) if model else configured, database))
        reviewer = reviewer_from(settings, models.review)
        desk = Desk(database, rulebook, reviewer, audit_key, utc_now, uuid.uuid4, creditors)
        blobs = blobs_from(settings)
        supporter = supporter_from(settings, rulebook, models.conversation)
        intake = intake_room(settings, desk, models.conversation)
        async with (
            _at_work(settings, desk, blobs, signer, hooks) as runner,
            aclosing(SupportLine(desk, supporter)) as support,
        ):
            yield Service(settings, desk, runner, blobs, support, intake, inbox_from(settings))


def blobs_from(settings: ServiceSettings) -> Blobs:
    """Where the originals of documents lie."""
    if settings.documents_bucket is None:
        return Blobs(DiskShelf(settings.data_dir / "documents"))
    return Blobs(_bucket(settings, settings.documents_bucket))


def checkpoint_places(settings: ServiceSettings) -> list[Keep]:
    """Where checkpoints of the audit trails are kept: files always, a bucket where one is named."""
    files = in_files(settings.checkpoint_dir or settings.data_dir / "checkpoints")
    if settings.checkpoint_bucket is None:
        return [files]
    return [files, on_shelf(_bucket(settings, settings.checkpoint_bucket))]


def inbox_from(settings: ServiceSettings) -> Bucket | None:
    """Where the gate leaves documents, where it has a bucket."""
    if settings.documents_inbox is None:
        return None
    return _bucket(settings, settings.documents_inbox)


def _bucket(settings: ServiceSettings, url: str) -> BucketShelf:
    secret = settings.documents_secret_access_key
    return bucket_shelf(
        url,
        endpoint=settings.documents_endpoint,
        region=settings.documents_region,
        key_id=settings.documents_access_key_id,
        secret=secret.get_secret_value() if secret else None,
    )


@asynccontextmanager
async def open_desk(settings: ServiceSettings, *, reviewing: bool = False) -> AsyncIterator[Desk]:
    """A desk for one command, without a place in the queue; nobody is asked anything unless ``reviewing``.

    Raises:
        PolicyError, SettingsError, RuntimeMissingError, SchemaError, StoreUnavailableError: with the mend.
    """
    rulebook, creditors = rulebook_from(settings), creditors_from(settings)
    audit_key = AuditKey(*secret_key("LENDGATE_AUDIT_KEY", settings.audit_key))
    async with open_database(settings, 2) as database, AsyncExitStack() as stack:
        reviewer: Reviewer = RulesReviewer()
        if reviewing:
            model = await stack.enter_async_context(opened_model(settings, PostgresLedger(database)))
            reviewer = reviewer_from(settings, model and SavedModel(model, database, utc_now))
        yield Desk(database, rulebook, reviewer, audit_key, utc_now, uuid.uuid4, creditors)


def _kept(models: Models, database: Database) -> Models:
    """What memos were paid for, kept. Behind the turnstile: a turn lasts until the reply is safe, so that a
    process that dies has no more calls to make again than it may have under way.
    """
    return Models(models.review and SavedModel(models.review, database, utc_now), models.conversation)


def _paced(settings: ServiceSettings, models: Models) -> Models:
    """The models behind one turnstile."""
    pace = Pace(settings.model_concurrency, settings.model_per_minute)
    return Models(
        *(model and PacedModel(model, pace, time.monotonic) for model in (models.review, models.conversation))
    )


@asynccontextmanager
async def _at_work(
    settings: ServiceSettings, desk: Desk, blobs: Blobs, signer: CheckpointKey | None, hooks: bytes | None
) -> AsyncIterator[Runner]:
    """A place in the queue and a worker at it; on leaving, what is in hand is finished or handed back."""
    load = Load(settings.worker_concurrency, settings.tenant_concurrency or settings.worker_concurrency)
    outbound = Outbound(allow_private=settings.webhook_private)
    periodic = periodic_work(desk, signer, checkpoint_places(settings), settings.retention_months)
    periodic = (*periodic, sweeping(desk, blobs))
    async with aclosing(outbound), TriageProcess() as process, Station(desk.database) as station:
        runner = Runner(desk, station, load)
        office = PostOffice(desk.database, outbound, hooks, desk.now, random.random) if hooks else None
        triage = TriageRoom(desk, blobs, process)
        tasks = Work(desk, station, office, runner.tell, triage, random.random).tasks()
        queue = Queue(desk.database, station, load, tasks, periodic, grace_seconds=_GRACE_SECONDS)
        queue.start()
        try:
            yield runner
        finally:
            await asyncio.gather(runner.stop(_GRACE_SECONDS), queue.stop())


def webhook_key(settings: ServiceSettings) -> bytes | None:
    """The key that webhooks' secrets are derived from; None when there is none.

    Raises:
        SettingsError: the key cannot be right.
    """
    return secret_key("LENDGATE_WEBHOOK_KEY", settings.webhook_key)[1] if settings.webhook_key else None


def checkpoint_key(settings: ServiceSettings) -> CheckpointKey | None:
    """The key that signs checkpoints; None when there is none.

    Raises:
        SettingsError: the key cannot be right.
    """
    if settings.checkpoint_key is None:
        return None
    key_id, seed = secret_key("LENDGATE_CHECKPOINT_KEY", settings.checkpoint_key)
    return CheckpointKey(key_id, Ed25519PrivateKey.from_private_bytes(seed))


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
