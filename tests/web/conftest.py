"""What the web's tests of inspections share: a service with files before a person."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from lendgate.store.database import Database
from lendgate.web.app import create_app
from lendgate.workflow.triage_process import TriageProcess
from tests.support.service import http_to, service_on
from tests.web.bench import Bench


@pytest.fixture(scope="module")
async def process() -> AsyncIterator[TriageProcess]:
    """One process apart for all tests."""
    async with TriageProcess() as started:
        yield started


@pytest.fixture
async def bench(database: Database, process: TriageProcess) -> AsyncIterator[Bench]:
    """A service on the module's database."""
    async with service_on(database) as service, http_to(create_app(service)) as http:
        yield Bench(service, http, process)
