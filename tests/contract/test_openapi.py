"""The published API is the one that is offered: paths, methods, scopes and problems, at both ends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from lendgate.schema.gate import Scope
from lendgate.schema.problem import KINDS
from lendgate.web.reviews import router
from lendgate.web.signed import OPEN

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "contract/openapi.json").read_text())
WORKER = (ROOT / "edge/src/bound.ts").read_text()
ROUTE = re.compile(
    r'\{ name: "[a-z-]+", method: "([A-Z]+)", path: (?:/(.+?)/|new RegExp\(`(.+?)`\)), '
    r'scope: (null|"[a-z:]+") \}'
)
INTERNAL = {("GET", "/metrics")}
Operation = tuple[str, str]


def documented() -> dict[Operation, dict[str, Any]]:
    """Every operation of the document."""
    return {
        (method.upper(), path): operation
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
    }


def of_the_worker() -> dict[Operation, str | None]:
    """The Worker's routes with the scope each needs, read off its own table."""
    routes: dict[Operation, str | None] = {}
    for method, literal, pattern, scope in ROUTE.findall(WORKER):
        path = (literal or pattern).strip("^$").replace("\\", "").replace("${ID}", "{review_id}")
        routes[method, path] = json.loads(scope)
    return routes


def of_the_origin() -> set[Operation]:
    """The origin's routes."""
    signed = {(method, path) for path, methods in _methods(router.routes) for method in methods}
    return signed | {("GET", path) for path in OPEN}


def _methods(routes: Iterable[object]) -> Iterator[tuple[str, set[str]]]:
    for route in routes:
        yield str(getattr(route, "path", "")), set(getattr(route, "methods", ()))


def test_the_document_has_exactly_the_workers_routes() -> None:
    """Nothing is offered in secret and nothing is promised in vain."""
    assert len(of_the_worker()) == WORKER.count("{ name: ")
    assert documented().keys() == of_the_worker().keys()


def test_the_origins_routes_are_documented() -> None:
    """Whatever the origin serves can be asked for at the gate; its metrics are for the operator alone."""
    assert of_the_origin() - INTERNAL <= documented().keys()
    assert of_the_origin() >= INTERNAL


def test_what_the_worker_forwards_the_origin_serves() -> None:
    """No request is signed on to a path that is not there."""
    forwarded = {
        operation for operation, scope in of_the_worker().items() if scope and operation[1] != "/validate"
    }
    assert forwarded <= of_the_origin()


@pytest.mark.parametrize("operation", documented(), ids=" ".join)
def test_the_documented_scope_is_the_one_that_is_asked_for(operation: Operation) -> None:
    """One known scope a route, none for health."""
    scope = of_the_worker()[operation]
    assert documented()[operation]["security"] == ([{"token": [scope]}] if scope else [])
    assert scope is None or scope in get_args(Scope)


@pytest.mark.parametrize("operation", documented(), ids=" ".join)
def test_every_failure_is_a_problem_document_of_a_known_status(operation: Operation) -> None:
    """RFC 9457 everywhere, and only statuses that a problem kind has."""
    failures = {
        status: answer for status, answer in documented()[operation]["responses"].items() if status >= "400"
    }
    assert {int(status) for status in failures} <= {kind.status for kind in KINDS.values()}
    for answer in failures.values():
        schema = answer["content"]["application/problem+json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Problem"}


def test_every_reference_resolves() -> None:
    """A client generator finds each schema."""
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(DOCUMENT)))
    assert named <= DOCUMENT["components"]["schemas"].keys()
    assert {"ApplicationSubmission", "Problem", "Review", "Validated"} <= named


def test_operation_ids_are_there_once() -> None:
    """They become the names of functions."""
    ids = [operation["operationId"] for operation in documented().values()]
    assert len(set(ids)) == len(ids)
