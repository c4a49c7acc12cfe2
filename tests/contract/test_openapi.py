"""The published API is the one that is offered: paths, methods, scopes and problems, at both ends."""

from __future__ import annotations

import json
import pkgutil
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi import APIRouter

from contract.shapes import SENT
from lendgate import web
from lendgate.schema.gate import Scope
from lendgate.schema.problem import KINDS
from lendgate.web.signed import OPEN

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "contract/openapi.json").read_text())
WORKER = (ROOT / "edge/src/routes.ts").read_text()
ROUTE = re.compile(
    r'^  route\("[a-z-]+", "([A-Z]+)", "(/[^"]+)", (null|"[a-z:]+")'
    r'(?:, \{ (?:body: "([a-z_]+)")?.*? \})?\),$',
    re.MULTILINE,
)
ACTION = re.compile(r'^  action\("([a-z-]+)", "([a-z_]+)"\),$', re.MULTILINE)
INTERNAL = {("GET", "/metrics")}
# Routes of the gate whose rooms at the origin are being built: the origin answers "not found" until then.
AWAITED = re.compile(r"/(documents|intake|support)")
Operation = tuple[str, str]


def documented() -> dict[Operation, dict[str, Any]]:
    """Every operation of the document."""
    return {
        (method.upper(), without_names(path)): operation
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
    }


def of_the_worker() -> dict[Operation, tuple[str | None, str | None]]:
    """The Worker's routes, each with the scope and the body it needs, read off its own table."""
    routes: dict[Operation, tuple[str | None, str | None]] = {
        (method, path): (json.loads(scope), body or None)
        for method, path, scope, body in ROUTE.findall(WORKER)
    }
    for name, body in ACTION.findall(WORKER):
        routes["POST", f"/referrals/{{id}}/{name}"] = ("referrals:decide", body)
    return routes


def of_the_origin() -> set[Operation]:
    """The origin's routes: those of every router in ``lendgate.web``."""
    names = [found.name for found in pkgutil.walk_packages(web.__path__, "lendgate.web.")]
    routers = [getattr(import_module(name), "router", None) for name in names]
    routes = [route for router in routers if isinstance(router, APIRouter) for route in router.routes]
    signed = {(method, without_names(path)) for path, methods in _methods(routes) for method in methods}
    return signed | {("GET", path) for path in OPEN}


def without_names(path: str) -> str:
    """A path template with every id called ``id``."""
    return re.sub(r"\{[a-z_]+\}", "{id}", path)


def _methods(routes: Iterable[object]) -> Iterator[tuple[str, set[str]]]:
    for route in routes:
        yield str(getattr(route, "path", "")), set(getattr(route, "methods", ()))


def test_the_document_has_exactly_the_workers_routes() -> None:
    """Nothing is offered in secret and nothing is promised in vain."""
    assert len(of_the_worker()) == WORKER.count("\n  route(") + WORKER.count("\n  action(")
    assert documented().keys() == of_the_worker().keys()


def test_the_origins_routes_are_documented() -> None:
    """Whatever the origin serves can be asked for at the gate; its metrics are for the operator alone."""
    assert of_the_origin() - INTERNAL <= documented().keys()
    assert of_the_origin() >= INTERNAL


def test_what_the_worker_forwards_the_origin_serves() -> None:
    """No request is signed on to a path that is not there."""
    forwarded = {
        operation
        for operation, (scope, _) in of_the_worker().items()
        if scope and operation[1] != "/validate"
    }
    assert {
        operation for operation in forwarded - of_the_origin() if not AWAITED.match(operation[1])
    } == set()


@pytest.mark.parametrize("operation", documented(), ids=" ".join)
def test_the_documented_scope_is_the_one_that_is_asked_for(operation: Operation) -> None:
    """One known scope a route, none for health."""
    scope, _ = of_the_worker()[operation]
    assert documented()[operation]["security"] == ([{"token": [scope]}] if scope else [])
    assert scope is None or scope in get_args(Scope)


@pytest.mark.parametrize("operation", documented(), ids=" ".join)
def test_the_documented_body_is_the_one_that_is_validated(operation: Operation) -> None:
    """Whoever sends what the document says passes the gate; bytes are no schema's matter."""
    _, shape = of_the_worker()[operation]
    content = documented()[operation].get("requestBody", {}).get("content", {})
    if shape in (None, "bytes"):
        assert "application/json" not in content
    else:
        schema = content["application/json"]["schema"]
        assert schema == {"$ref": f"#/components/schemas/{SENT[shape].__name__}"}


@pytest.mark.parametrize("operation", documented(), ids=" ".join)
def test_every_failure_is_a_problem_document_of_a_known_status(operation: Operation) -> None:
    """RFC 9457 everywhere, and only statuses that a problem kind has."""
    failures = {
        status: answer for status, answer in documented()[operation]["responses"].items() if status >= "400"
    }
    assert {int(status) for status in failures} <= {kind.status for kind in KINDS.values()}
    for reference in failures.values():
        answer = DOCUMENT["components"]["responses"][
            reference["$ref"].removeprefix("#/components/responses/")
        ]
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
