"""The public API as OpenAPI 3.1, as it is offered at the Worker.

Law: shapes come from ``lendgate.schema`` and routes from ``contract.operations``.
``tests/contract/test_openapi.py`` holds them against the routes of the origin and of the Worker.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from contract.operations import OPERATIONS, Answer, Body, Operation, Parameter
from contract.shapes import SENT
from lendgate.schema import Decision, Problem, Review, Validated
from lendgate.schema.casefile import Casefile, ReferralPage
from lendgate.schema.inspection import Inspection, InspectionPage
from lendgate.schema.problem import KINDS
from lendgate.schema.support import SupportAnswer, SupportRequest, SupportStatus

Node = dict[str, Any]
_ANSWERS: Final[tuple[type[BaseModel], ...]] = (
    Validated,
    Review,
    Decision,
    ReferralPage,
    Casefile,
    InspectionPage,
    Inspection,
    SupportAnswer,
    SupportStatus,
    SupportRequest,
    Problem,
)


def document(version: str) -> Node:
    """The whole OpenAPI document."""
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "validation") for model in SENT.values()]
    models += [(model, "serialization") for model in _ANSWERS]
    _, definitions = models_json_schema(models, ref_template="#/components/schemas/{model}")
    paths: dict[str, Node] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lendgate",
            "version": version,
            "description": "Applications through the gate, reviews back. Every failure is RFC 9457.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "responses": _problem_responses(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _operation(operation: Operation) -> Node:
    node: Node = {
        "operationId": operation.id,
        "summary": operation.summary,
        "security": [{"token": [operation.scope]}] if operation.scope else [],
    }
    if operation.parameters:
        node["parameters"] = [_parameter(parameter) for parameter in operation.parameters]
    if operation.body:
        node["requestBody"] = {"required": True, "content": _content(operation.body)}
    answers = {str(answer.status): _answer(answer) for answer in operation.answers}
    return node | {"responses": answers | _problems(operation.problems)}


def _content(body: Body) -> Node:
    if body.shape is None:
        return {media_type: {} for media_type in body.media_types}
    media: Node = {"schema": _reference(SENT[body.shape].__name__)}
    if body.example is not None:
        media["example"] = body.example
    return dict.fromkeys(body.media_types, media)


def _answer(answer: Answer) -> Node:
    node: Node = {"description": answer.says}
    if answer.headers:
        node["headers"] = {name: {"schema": {"type": "string"}} for name in answer.headers}
    if answer.media_types:
        node["content"] = {media: {"schema": _schema(media, answer.shape)} for media in answer.media_types}
    return node


def _schema(media_type: str, shape: str | None) -> Node:
    if media_type.startswith("text/"):
        return {"type": "string"}
    if media_type != "application/json":
        return {}  # bytes: OpenAPI 3.1 has no type for them
    return _reference(shape) if shape else {"type": "object"}


def _reference(shape: str) -> Node:
    return {"$ref": f"#/components/schemas/{shape}"}


def _parameter(parameter: Parameter) -> Node:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.says,
        "required": parameter.required,
        "schema": {"type": "string"},
    }


def _problems(kinds: tuple[str, ...]) -> Node:
    """One response a status; kinds that share a status share it."""
    return {
        str(status): {"$ref": f"#/components/responses/{'.'.join(named)}"}
        for status, named in sorted(_by_status(kinds).items())
    }


def _problem_responses() -> Node:
    """Every response that ``_problems`` refers to, by the kinds it stands for."""
    content = {"application/problem+json": {"schema": _reference("Problem")}}
    together = {tuple(named) for o in OPERATIONS for named in _by_status(o.problems).values()}
    return {
        ".".join(named): {
            "description": " ".join(f"{KINDS[kind].title} (`{kind}`)." for kind in named),
            "content": content,
        }
        for named in sorted(together)
    }


def _by_status(kinds: tuple[str, ...]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for kind in sorted(kinds):
        found.setdefault(KINDS[kind].status, []).append(kind)
    return found
