"""A service in this process: the real desk on a test database, with an edge key and a clock of the test's."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import httpx
from obstore.store import MemoryStore
from pydantic import SecretStr
from starlette.types import ASGIApp

from lendgate.analysis.reviewer import Case, Reviewed, Reviewer
from lendgate.analysis.rules import RulesReviewer
from lendgate.audit import AuditKey
from lendgate.bootstrap import Service, intake_room, rulebook_from, supporter_from
from lendgate.claude.port import ModelPort
from lendgate.decision.creditor import sample_creditors
from lendgate.schema.review import ReviewerName
from lendgate.settings import ServiceSettings
from lendgate.store.blobs import Blobs
from lendgate.store.database import Database
from lendgate.store.shelves import BucketShelf
from lendgate.web.signature import Signer
from lendgate.web.signature_keys import HmacKey
from lendgate.workflow.desk import Desk
from lendgate.workflow.load import Load
from lendgate.workflow.queue import Queue
from lendgate.workflow.runner import Runner
from lendgate.workflow.station import Station
from lendgate.workflow.support.answers import SupportLine
from lendgate.workflow.triage_job import TriageRoom
from lendgate.workflow.triage_process import TriageProcess
from lendgate.workflow.underwrite import Rulebook
from lendgate.workflow.work import Work

SECRET = b"e" * 32
EDGE = Signer("edge-1", HmacKey(SECRET))
AUDIT_KEY = AuditKey("k1", b"k" * 32)
EDGE_KEYS = {"edge-1": {"alg": "hmac-sha256", "key": base64.urlsafe_b64encode(SECRET).rstrip(b"=").decode()}}
LENDER = sample_creditors()["local"]
CREDITORS = {"local": LENDER, "acme": LENDER, "elsewhere": LENDER}
BASE = "http://origin.test"


class FailingReviewer:
    """A reviewer that raises: what a model, a bug or a network may do at any time."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    @property
    def name(self) -> ReviewerName:
        return "rules"

    async def review(self, _case: Case) -> Reviewed:
        raise self.error


class CountingReviewer(RulesReviewer):
    """The rules reviewer; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def review(self, case: Case) -> Reviewed:
        self.asked += 1
        return await super().review(case)


@cache
def rulebook() -> Rulebook:
    """The packaged policy, loaded once."""
    return rulebook_from(ServiceSettings())


def now() -> datetime:
    """The time it is."""
    return datetime.now(UTC)


def desk_on(
    database: Database, reviewer: Reviewer | None = None, clock: Callable[[], datetime] = now
) -> Desk:
    """A desk with the packaged policy and, unless another is given, the rules reviewer."""
    return Desk(database, rulebook(), reviewer or RulesReviewer(), AUDIT_KEY, clock, uuid.uuid4, CREDITORS)


def blobs() -> Blobs:
    """Blobs in memory: obstore's own."""
    return Blobs(BucketShelf(MemoryStore()))


def support_line(desk: Desk, model: ModelPort | None = None) -> SupportLine:
    """Answers to brokers as the service gives them; without a model by the approved wordings."""
    return SupportLine(desk, supporter_from(ServiceSettings(), desk.rulebook, model))


def _service(desk: Desk, runner: Runner, kept: Blobs) -> Service:
    settings = ServiceSettings(edge_keys=SecretStr(json.dumps(EDGE_KEYS)))
    room = intake_room(settings, desk)
    return Service(settings, desk, runner, kept, support_line(desk), room)


@asynccontextmanager
async def service_on(database: Database, reviewer: Reviewer | None = None) -> AsyncIterator[Service]:
    """A service as ``bootstrap.open_service`` makes one, on this database."""
    desk = desk_on(database, reviewer)
    runner = Runner(desk)
    try:
        yield _service(desk, runner, blobs())
    finally:
        await runner.close()


@asynccontextmanager
async def service_at_work(
    database: Database, reviewer: Reviewer | None = None, load: Load | None = None
) -> AsyncIterator[Service]:
    """The same with a place in the queue and a worker at it."""
    desk = desk_on(database, reviewer)
    load = load or Load(16, 16)
    kept = blobs()
    async with TriageProcess() as process, Station(database, beat_seconds=0.2) as station:
        runner = Runner(desk, station, load)
        triage = TriageRoom(desk, kept, process)
        tasks = Work(desk, station, None, runner.tell, triage, lambda: 0.5).tasks()
        queue = Queue(database, station, load, tasks, grace_seconds=5)
        queue.start()
        try:
            yield _service(desk, runner, kept)
        finally:
            await asyncio.gather(runner.stop(5), queue.stop())


def closed_service() -> Service:
    """A service whose database was never opened: for what needs its policy and settings alone."""
    desk = desk_on(Database("postgresql://", size=1))
    room = intake_room(ServiceSettings(), desk)
    return Service(ServiceSettings(), desk, Runner(desk), blobs(), support_line(desk), room)


def with_settings(service: Service, **changes: object) -> Service:
    """The service under other settings."""
    return replace(service, settings=service.settings.model_copy(update=changes))


def http_to(app: ASGIApp) -> httpx.AsyncClient:
    """A client whose server is this application, in this process."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
