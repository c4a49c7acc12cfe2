"""A service, or one command's desk, opened in order and closed in reverse.

Law: what must be refused is refused before anything is started. On leaving, what is in hand is finished or
handed back.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from lendgate.analysis.reviewer import Reviewer
from lendgate.analysis.rules import RulesReviewer
from lendgate.audit import CheckpointKey
from lendgate.bootstrap.database import open_as_owner, open_database
from lendgate.bootstrap.keys import audit_keys, checkpoint_key, master_keys, webhook_key
from lendgate.bootstrap.models import Models, kept, opened_model, opened_models, paced
from lendgate.bootstrap.places import blobs_from, checkpoint_places, inbox_from
from lendgate.bootstrap.rules import creditors_from, rulebook_from
from lendgate.bootstrap.speakers import document_reader_from, intake_room, reviewer_from, supporter_from
from lendgate.claude.ledger import utc_now
from lendgate.claude.port import ModelPort
from lendgate.settings import ServiceSettings
from lendgate.store.blobs import Blobs
from lendgate.store.spend import PostgresLedger
from lendgate.workflow.blob_renewal import renewing
from lendgate.workflow.blob_sweep import sweeping
from lendgate.workflow.desk import Desk
from lendgate.workflow.inbox import Bucket
from lendgate.workflow.intake import IntakeRoom
from lendgate.workflow.load import Load
from lendgate.workflow.outbound import Outbound
from lendgate.workflow.paid import SavedModel
from lendgate.workflow.periodic import periodic_work
from lendgate.workflow.queue import Queue
from lendgate.workflow.runner import Runner
from lendgate.workflow.station import Station
from lendgate.workflow.support.answers import SupportLine
from lendgate.workflow.triage_job import TriageRoom
from lendgate.workflow.triage_process import TriageProcess
from lendgate.workflow.webhooks import PostOffice
from lendgate.workflow.work import Work

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
    audit_key, former = audit_keys(settings)
    creditors = creditors_from(settings)
    signer = checkpoint_key(settings)
    hooks = webhook_key(settings)
    _ = master_keys(settings).current  # without one no application can be kept
    async with (
        open_database(settings, settings.database_pool) as database,
        opened_models(settings, PostgresLedger(database), checked=True) as configured,
    ):
        models = paced(settings, kept(Models(model, model) if model else configured, database))
        reviewer = reviewer_from(settings, models.review)
        desk = Desk(
            database, rulebook, reviewer, audit_key, utc_now, uuid.uuid4, creditors, former_audit_keys=former
        )
        blobs = blobs_from(settings)
        supporter = supporter_from(settings, rulebook, models.conversation)
        intake = intake_room(settings, desk, models.conversation)
        reader = document_reader_from(settings, models.review) if models.review else None
        async with (
            TriageProcess() as process,
            _at_work(settings, TriageRoom(desk, blobs, process, reader), signer, hooks) as runner,
            aclosing(SupportLine(desk, supporter)) as support,
        ):
            yield Service(settings, desk, runner, blobs, support, intake, inbox_from(settings))


@asynccontextmanager
async def open_desk(
    settings: ServiceSettings, *, reviewing: bool = False, owner_url: str | None = None
) -> AsyncIterator[Desk]:
    """A desk for one command, without a place in the queue; nobody is asked anything unless ``reviewing``.

    With ``owner_url`` it does what the service may not, as the database's owner.

    Raises:
        PolicyError, SettingsError, RuntimeMissingError, SchemaError, StoreUnavailableError: with the mend.
    """
    rulebook, creditors = rulebook_from(settings), creditors_from(settings)
    audit_key, former = audit_keys(settings)
    opened = open_database(settings, 2) if owner_url is None else open_as_owner(settings, owner_url)
    async with opened as database, AsyncExitStack() as stack:
        reviewer: Reviewer = RulesReviewer()
        if reviewing:
            model = await stack.enter_async_context(opened_model(settings, PostgresLedger(database)))
            reviewer = reviewer_from(settings, model and SavedModel(model, database, utc_now))
        yield Desk(
            database, rulebook, reviewer, audit_key, utc_now, uuid.uuid4, creditors, former_audit_keys=former
        )


@asynccontextmanager
async def _at_work(
    settings: ServiceSettings, triage: TriageRoom, signer: CheckpointKey | None, hooks: bytes | None
) -> AsyncIterator[Runner]:
    """A place in the queue and a worker at it; on leaving, what is in hand is finished or handed back."""
    desk = triage.desk
    load = Load(settings.worker_concurrency, settings.tenant_concurrency or settings.worker_concurrency)
    outbound = Outbound(allow_private=settings.webhook_private)
    periodic = periodic_work(desk, signer, checkpoint_places(settings), settings.retention_months)
    periodic = (*periodic, sweeping(desk, triage.blobs), renewing(desk, triage.blobs))
    async with aclosing(outbound), Station(desk.database) as station:
        runner = Runner(desk, station, load)
        office = PostOffice(desk.database, outbound, hooks, desk.now, random.random) if hooks else None
        tasks = Work(desk, station, office, runner.tell, triage, random.random).tasks()
        queue = Queue(desk.database, station, load, tasks, periodic, grace_seconds=_GRACE_SECONDS)
        queue.start()
        try:
            yield runner
        finally:
            await asyncio.gather(runner.stop(_GRACE_SECONDS), queue.stop())
