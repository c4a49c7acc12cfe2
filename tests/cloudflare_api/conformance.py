"""Holds a recorded request against the committed part of Cloudflare's OpenAPI document.

Stricter than the document: a key it does not know is an error too, because the API ignores typing errors.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, Final

from jsonschema import Draft202012Validator

from lendgate.cloudflare.standin.app import Recorded
from tests.cloudflare_api.openapi_subset import COMMITTED

Node = dict[str, Any]

ARGUED: Final = {
    # Not in the document for versions; the server takes them, because wrangler always sends them.
    "/accounts/{account_id}/workers/scripts/{script_name}/versions": {"observability", "limits"},
}
MODULE_TYPES: Final = {"application/javascript+module"}


@cache
def document() -> Node:
    """The committed document."""
    loaded: Node = json.loads(COMMITTED.read_text(encoding="utf-8"))
    return loaded


def problems(request: Recorded) -> list[str]:
    """What is wrong with a request; nothing when it is as documented."""
    found = _find(request.method.lower(), request.path)
    if found is None:
        return [f"{request.method} {request.path} is not documented"]
    path, operation = found
    known = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"}
    wrong = [f"{path}: unknown query {name}" for name in request.query.keys() - known]
    if "requestBody" not in operation:
        return [*wrong, *([f"{path}: takes no body"] if request.body not in {b"", b"null"} else [])]
    content = operation["requestBody"]["content"]
    kind = request.content_type.split(";")[0]
    if kind not in content:
        return [*wrong, f"{path}: content type {kind} is not documented"]
    schema = content[kind]["schema"]
    if kind == "multipart/form-data":
        return [*wrong, *_form_problems(path, request, schema["properties"]["metadata"])]
    return [*wrong, *_json_problems(path, request.json, schema)]


def _find(method: str, path: str) -> tuple[str, Node] | None:
    # Paths without variables first: /user/tokens/verify is also a /user/tokens/{token_id}.
    for template in sorted(document()["paths"], key=lambda known: known.count("{")):
        pattern = re.sub(r"\{[a-z_]+\}", "[^/]+", re.sub(r"\.", r"\\.", template))
        if re.fullmatch(pattern, path) and method in document()["paths"][template]:
            return template, document()["paths"][template][method]
    return None


def _json_problems(path: str, value: Any, schema: Node) -> list[str]:
    whole = {**schema, "components": document()["components"]}
    errors = [f"{path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(value)]
    if isinstance(value, dict):
        unknown = value.keys() - _keys(schema) - ARGUED.get(path, set())
        errors += [f"{path}: unknown key {key}" for key in sorted(unknown)]
    return errors


def _form_problems(path: str, request: Recorded, schema: Node) -> list[str]:
    parts = {part.name: part for part in request.parts}
    if "metadata" not in parts:
        return [f"{path}: the form has no metadata"]
    metadata = json.loads(parts["metadata"].content)
    modules = {name: part for name, part in parts.items() if name != "metadata"}
    wrong = [
        f"{path}: module {name} has the type {part.content_type} or another file name"
        for name, part in modules.items()
        if part.content_type not in MODULE_TYPES or part.filename != name
    ]
    if metadata.get("main_module") not in modules:
        wrong.append(f"{path}: main_module is not among the parts")
    return [*wrong, *_json_problems(path, metadata, schema)]


def _keys(schema: Node) -> set[str]:
    """Every property a schema knows, through references and alternatives."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", maxsplit=1)[-1]
        return _keys(document()["components"]["schemas"][name])
    own = set(schema.get("properties", {}))
    inner = [*schema.get("allOf", []), *schema.get("anyOf", []), *schema.get("oneOf", [])]
    return own.union(*(_keys(part) for part in inner))
