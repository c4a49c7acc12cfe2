"""The application as a whole: closed to the unsigned, honest about errors, counted and logged."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import ASGIApp

from lendgate.bootstrap import Service
from lendgate.errors import SettingsError
from lendgate.store.database import Database
from lendgate.web.app import create_app
from lendgate.web.door import Door
from lendgate.web.signature import Signer
from lendgate.web.signature_keys import HmacKey
from lendgate.web.signed import is_open
from lendgate.workflow.desk import Desk
from lendgate.workflow.runner import Runner
from tests.support.edge_hand import EdgeHand, as_http
from tests.support.service import BASE, EDGE, EDGE_KEYS, desk_on, http_to, service_on, with_settings

pytestmark = pytest.mark.anyio
SOMEWHERE = "/lending-review/6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
HAND = EdgeHand(EDGE)


@pytest.fixture
async def service(database: Database) -> AsyncIterator[Service]:
    async with service_on(database) as opened:
        yield opened


@pytest.fixture
async def http(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with http_to(create_app(service)) as client:
        yield client


@pytest.fixture
async def http_without_database(service: Service, service_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The same service, its database away: the pool was never opened."""
    desk: Desk = desk_on(Database(service_url, size=1))
    async with http_to(create_app(replace(service, desk=desk, runner=Runner(desk)))) as client:
        yield client


def inner(app: ASGIApp) -> FastAPI:
    """The framework's application within the door."""
    assert isinstance(app, Door)
    assert isinstance(app._app, FastAPI)
    return app._app


def routes(service: Service) -> Iterator[tuple[str, str]]:
    """Method and path of every route there is."""
    for route in _leaves(inner(create_app(service)).routes):
        methods = getattr(route, "methods", None) or {"GET"}
        path = str(getattr(route, "path", "")).replace("{review_id}", SOMEWHERE.rpartition("/")[2])
        yield from ((method, path) for method in methods)


def _leaves(routes: Iterable[object]) -> Iterator[object]:
    """Routes, those of included routers too."""
    for route in routes:
        router = getattr(route, "original_router", None)
        if router is None:
            yield route
        else:
            yield from _leaves(router.routes)


async def test_invariant_k_every_route_but_health_needs_a_signature(
    service: Service, http: httpx.AsyncClient
) -> None:
    """Also those that are added later: the list is the application's own."""
    found = list(routes(service))
    assert ("POST", "/lending-review") in found
    for method, path in found:
        status = (await http.request(method, path)).status_code
        assert (status == 401) is not is_open(method, path), f"{method} {path}"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/livez/", "/livez/../x", SOMEWHERE])
async def test_invariant_k_what_is_unsigned_learns_nothing(
    method: str, path: str, http: httpx.AsyncClient
) -> None:
    """401 whether the path exists or not."""
    assert (await http.request(method, path)).status_code == 401


async def test_without_edge_keys_the_service_does_not_start(service: Service) -> None:
    """It would refuse every request; better to say so at once."""
    with pytest.raises(SettingsError, match="LENDGATE_EDGE_KEYS"):
        create_app(with_settings(service, edge_keys=None))
    with pytest.raises(SettingsError, match="at least one key id"):
        create_app(with_settings(service, edge_keys=SecretStr("{}")))


async def test_two_keys_overlap_while_one_replaces_the_other(service: Service) -> None:
    """Rotation refuses no request: both are good until the old one is taken away."""
    old, new = HAND, EdgeHand(Signer("edge-2", HmacKey(b"n" * 32)))
    both = {**EDGE_KEYS, "edge-2": {"alg": "hmac-sha256", "key": "bm5u" * 10 + "bm4"}}
    async with http_to(create_app(with_settings(service, edge_keys=SecretStr(json.dumps(both))))) as client:
        answers = [await client.send(as_http(hand.post(), BASE)) for hand in (old, new)]
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("PUT", "/lending-review", 405, "method-not-allowed"),
        ("GET", SOMEWHERE, 404, "not-found"),
        ("GET", "/lending-review/no-id", 404, "not-found"),
    ],
)
async def test_a_signed_request_for_what_is_not_there_is_a_problem_document(
    method: str, path: str, status: int, kind: str, http: httpx.AsyncClient
) -> None:
    """The framework's own refusals speak RFC 9457, too."""
    answer = await http.send(as_http(HAND.request(method, path, b"", {}), BASE))
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"urn:lendgate:problem:{kind}")
    assert problem["request_id"] == answer.headers["x-request-id"]


async def test_a_signed_body_that_is_no_application_names_its_places(http: httpx.AsyncClient) -> None:
    """The origin parses again, strictly, whatever the edge let through."""
    answer = await http.send(as_http(HAND.post(b'{"applicant_id":"A1","income":NaN}'), BASE))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == ""


async def test_readiness_is_the_databases(
    http: httpx.AsyncClient, http_without_database: httpx.AsyncClient
) -> None:
    """503 with Retry-After while it is away; alive all the same."""
    ready, away = await http.get("/readyz"), await http_without_database.get("/readyz")
    assert (ready.status_code, ready.json()["ok"]) == (200, True)
    assert (away.status_code, away.json()["ok"]) == (503, False)
    assert int(away.headers["retry-after"]) > 0
    assert (await http_without_database.get("/livez")).status_code == 200


async def test_with_the_database_away_nothing_is_accepted(http_without_database: httpx.AsyncClient) -> None:
    """503 that says so: without the replay ledger no request is believed."""
    answer = await http_without_database.send(as_http(HAND.post(), BASE))
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:lendgate:problem:origin-unavailable"
    assert "nothing was accepted" in answer.json()["reason"]
    assert int(answer.headers["retry-after"]) > 0


async def counters(http: httpx.AsyncClient) -> dict[str, float]:
    lines = (await http.get("/metrics")).text.splitlines()
    split = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    return {name: float(value) for name, _, value in split}


async def test_answers_are_counted_by_route_and_by_what_was_answered(http: httpx.AsyncClient) -> None:
    """A refusal is no failure of ours, and a route is a template, not a path."""
    review = await http.send(as_http(HAND.post(), BASE))
    await http.send(as_http(HAND.get(review.headers["location"]), BASE))
    await http.send(as_http(HAND.get(SOMEWHERE), BASE))
    await http.send(as_http(HAND.post(b"[]"), BASE))
    await http.get("/lending-review/unsigned")
    await http.get("/livez")
    found = await counters(http)
    counted = {
        ("/lending-review", "200"): 1,
        ("/lending-review", "422"): 1,
        ("/lending-review/{review_id}", "200"): 1,
        ("/lending-review/{review_id}", "404"): 1,
        ("unrouted", "401"): 1,
        ("/livez", "200"): 1,
    }
    for (route, status), number in counted.items():
        assert found[f'lendgate_requests_total{{route="{route}",status="{status}"}}'] == number
    assert not any("500" in name for name in found if name.startswith("lendgate_requests_total"))


async def test_reviews_are_counted_also_when_nobody_waited(service: Service, http: httpx.AsyncClient) -> None:
    """By product, outcome and reviewer; under way is what is under way."""
    await http.send(as_http(HAND.post(prefer="wait=0"), BASE))
    await service.runner.close()
    found = await counters(http)
    labels = 'outcome="refer",product="personal_loan",reviewer="rules"'
    assert found[f"lendgate_reviews_total{{{labels}}}"] == 1
    assert found["lendgate_reviews_unfinished"] == 0


async def test_a_log_line_tells_route_and_status_and_no_id_of_a_review(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """One line a request; the path's id is not in it."""
    with caplog.at_level(logging.INFO, "lendgate.web"):
        await http.send(as_http(HAND.get(SOMEWHERE), BASE))
    (record,) = (each for each in caplog.records if each.getMessage() == "request answered")
    told = {name: getattr(record, name) for name in ("route", "method", "status")}
    assert told == {"route": "/lending-review/{review_id}", "method": "GET", "status": 404}
    assert SOMEWHERE not in repr(record.__dict__)
