"""One platform for all journeys: ``lendgate serve`` as users start it, and its records for the referee."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import psycopg
import pytest

from lendgate.cloudflare.local_keys import mint_token
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.web.signature import Signer
from lendgate.web.signature_base import decode_base64url
from lendgate.web.signature_keys import HmacKey
from tests.support.edge_hand import SCOPES, EdgeHand
from tests.support.served import Served, data_directory, served, speaking_to
from tests.support.traces import Records, counted_requests

Mint = Callable[..., str]
Untouched = Callable[[], AbstractContextManager[None]]
_brokers = count(1)


@pytest.fixture(scope="session")
def platform() -> Iterator[Served]:
    """A running platform; no journey stops it."""
    with data_directory() as directory, served(directory) as running:
        yield running


@pytest.fixture(scope="session")
def records(platform: Served) -> Iterator[Records]:
    """The platform's tables, seen by somebody whom no policy of the database stops."""
    with (
        EmbeddedPostgres(platform.data_dir / "postgres") as server,
        psycopg.connect(server.url("postgres"), autocommit=True) as connection,
    ):
        yield Records(connection)


@pytest.fixture(scope="session")
def mint(platform: Served) -> Mint:
    """Makes a good token; of a broker that nobody else is, unless one is named."""
    keys = platform.keys

    def make(*scopes: str, tenant: str = "local", broker_id: str | None = None) -> str:
        return mint_token(
            keys,
            tenant=tenant,
            broker_id=broker_id or f"broker-{next(_brokers)}",
            subject="tester",
            scopes=scopes or SCOPES,
            lifetime=timedelta(hours=1),
            now=datetime.now(UTC),
        )

    return make


@pytest.fixture
def gate(platform: Served, mint: Mint) -> Iterator[httpx.Client]:
    """A broker at the gate."""
    with speaking_to(platform.worker, mint()) as client:
        yield client


@pytest.fixture
def stranger(platform: Served) -> Iterator[httpx.Client]:
    """Somebody at the gate without a token."""
    with speaking_to(platform.worker) as client:
        yield client


@pytest.fixture
def origin(platform: Served) -> Iterator[httpx.Client]:
    """Somebody who reached the service without the gate."""
    with speaking_to(platform.origin) as client:
        yield client


@pytest.fixture(scope="session")
def edge_hand(platform: Served) -> EdgeHand:
    """Somebody who holds the edge's key."""
    key = platform.keys.origin
    return EdgeHand(Signer(key.key_id, HmacKey(decode_base64url(key.secret))))


@pytest.fixture
def untouched(origin: httpx.Client, records: Records) -> Untouched:
    """Holds that the block reached neither the service (its own counters say so) nor its records."""

    @contextmanager
    def watch() -> Iterator[None]:
        before = (counted_requests(origin), records.stored())
        yield
        assert (counted_requests(origin), records.stored()) == before

    return watch
