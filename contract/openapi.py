"""The public API as OpenAPI 3.1, as it is offered at the Worker.

Law: shapes come from ``lendgate.schema``; this file adds routes, scopes and which problems a route can
answer. ``tests/contract/test_openapi.py`` holds it against the routes of the origin and of the Worker.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from lendgate.schema import Problem, Review, Validated
from lendgate.schema.problem import KINDS
from lendgate.schema.submission import ApplicationSubmission

Node = dict[str, Any]
MODELS: Final[list[tuple[type[BaseModel], JsonSchemaMode]]] = [
    (ApplicationSubmission, "validation"),
    (Validated, "serialization"),
    (Review, "serialization"),
    (Problem, "serialization"),
]
GATE: Final = ("unauthenticated", "forbidden", "rate-limited", "gate-misconfigured")
BODY: Final = ("too-large", "unsupported-media-type", "invalid-application")
ORIGIN: Final = ("origin-unavailable", "internal")
EXAMPLE: Final = {"applicant_id": "A123", "income": 95000, "debt_to_income": 0.31}


def document(version: str) -> Node:
    """The whole OpenAPI document."""
    _, definitions = models_json_schema(MODELS, ref_template="#/components/schemas/{model}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lendgate",
            "version": version,
            "description": "Applications through the gate, reviews back. Every failure is RFC 9457.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": _paths(),
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _paths() -> Node:
    review_id = _parameter("review_id", "path", "The id that POST /lending-review gave.", required=True)
    return {
        "/validate": {"post": _post("validate", "validate", "The gate alone; costs no review.", "Validated")},
        "/lending-review": {"post": _review_post()},
        "/lending-review/{review_id}": {
            "get": _get("getReview", "State and result of a review.", [review_id], _json("Review"))
        },
        "/lending-review/{review_id}/events": {
            "get": _get(
                "reviewEvents",
                "Progress as server-sent events; Last-Event-ID resumes.",
                [review_id, _parameter("Last-Event-ID", "header", "The last id seen.")],
                {"text/event-stream": {"schema": {"type": "string"}}},
            )
        },
        "/livez": {"get": _health("livez", "The gate is up.")},
        "/readyz": {"get": _health("readyz", "The gate is up and its origin answers.")},
        "/openapi.json": {"get": _health("openapi", "This document.")},
    }


def _post(operation: str, scope: str, summary: str, shape: str) -> Node:
    return {
        "operationId": operation,
        "summary": summary,
        "security": [{"token": [scope]}],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/ApplicationSubmission"},
                    "example": EXAMPLE,
                }
            },
        },
        "responses": {
            "200": {"description": "Done.", "content": _json(shape)},
            **_problems((*GATE, *BODY)),
        },
    }


def _review_post() -> Node:
    node = _post("createReview", "review:write", "The gate, then the review.", "Review")
    node["parameters"] = [
        _parameter("Prefer", "header", "`wait=N`: how many seconds to wait for the result (0 to 20)."),
        _parameter("Idempotency-Key", "header", "Repeating a request with the same key is safe."),
    ]
    node["responses"] = {
        "200": {"description": "The review is complete.", "content": _json("Review")},
        "202": {
            "description": "Accepted; the result will be at Location.",
            "headers": {"Location": {"schema": {"type": "string"}}},
            "content": _json("Review"),
        },
        **_problems((*GATE, *BODY, "conflict", *ORIGIN)),
    }
    return node


def _get(operation: str, summary: str, parameters: list[Node], content: Node) -> Node:
    return {
        "operationId": operation,
        "summary": summary,
        "security": [{"token": ["review:read"]}],
        "parameters": parameters,
        "responses": {
            "200": {"description": "Found.", "content": content},
            **_problems((*GATE, "not-found", *ORIGIN)),
        },
    }


def _health(operation: str, summary: str) -> Node:
    return {
        "operationId": operation,
        "summary": summary,
        "security": [],
        "responses": {
            "200": {"description": "Yes.", "content": {"application/json": {"schema": {"type": "object"}}}}
        },
    }


def _parameter(name: str, place: str, description: str, *, required: bool = False) -> Node:
    schema = {"type": "string"}
    return {"name": name, "in": place, "description": description, "required": required, "schema": schema}


def _json(shape: str) -> Node:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}}


def _problems(kinds: tuple[str, ...]) -> Node:
    """One response a status; kinds that share a status share it."""
    titles: dict[int, list[str]] = {}
    for kind in kinds:
        titles.setdefault(KINDS[kind].status, []).append(f"{KINDS[kind].title} (`{kind}`).")
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        str(status): {"description": " ".join(words), "content": content}
        for status, words in sorted(titles.items())
    }
