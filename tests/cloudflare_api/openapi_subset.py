"""Cuts the requests Lendgate makes out of the OpenAPI document of Cloudflare's Workers endpoints.

Run it from the root of a checkout with the whole document as argument to write ``openapi.json`` anew.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from lendgate.cloudflare.api import operations
from lendgate.cloudflare.api.operations import Operation

COMMITTED: Final = Path(__file__).parent / "openapi.json"
OPERATIONS: Final = tuple(value for value in vars(operations).values() if isinstance(value, Operation))
KINDS: Final = frozenset(
    [
        "DurableObjectNamespace",
        "Inherit",
        "Json",
        "PlainText",
        "Ratelimit",
        "SecretText",
        "Service",
        "VPCService",
        "VersionMetadata",
    ]
)
"""Binding kinds Lendgate makes; the others are left out, so that one of them would be noticed."""
ADDED: Final[dict[str, Any]] = {
    "/accounts": {"get": {"operationId": "accounts-list", "parameters": []}},
    "/zones/{zone_id}/dns_records": {
        "get": {
            "operationId": "dns-records-list",
            "parameters": [{"name": "name.exact", "in": "query", "schema": {"type": "string"}}],
        }
    },
    "/zones/{zone_id}/dns_records/{dns_record_id}": {
        "delete": {"operationId": "dns-records-delete", "parameters": []}
    },
}
"""Documented by Cloudflare (developers.cloudflare.com/api) and not among the Workers endpoints."""

Node = dict[str, Any]


def subset(document: Node) -> Node:
    """The operations of ``lendgate.cloudflare.api.operations`` with the schemas of their requests."""
    paths: Node = {path: dict(item) for path, item in ADDED.items()}
    for operation in OPERATIONS:
        if operation.path in ADDED:
            continue
        item = document["paths"][operation.path]
        source = item[operation.method.lower()]
        kept: Node = {
            "operationId": source.get("operationId"),
            "parameters": _plain([*source.get("parameters", []), *item.get("parameters", [])]),
        }
        if "requestBody" in source:
            kept["requestBody"] = _plain(source["requestBody"])
        paths.setdefault(operation.path, {})[operation.method.lower()] = kept
    return {
        "openapi": document["openapi"],
        "info": {
            "title": "The requests Lendgate makes to Cloudflare's API",
            "version": document["info"]["version"],
            "description": (
                "Derived by machine from the request types of the official Python package cloudflare "
                f"{document['info']['version']}; not Cloudflare's own file. Without descriptions and answers."
            ),
        },
        "paths": paths,
        "components": {"schemas": _schemas(document, paths)},
    }


def _schemas(document: Node, paths: Node) -> Node:
    found: Node = {}
    wanted = _references(paths)
    while wanted - found.keys():
        name = min(wanted - found.keys())
        found[name] = _plain(_without_kinds(document["components"]["schemas"][name]))
        wanted |= _references(found[name])
    return found


def _without_kinds(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _without_kinds(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_without_kinds(item) for item in schema if not _foreign_kind(item)]
    return schema


def _foreign_kind(item: Any) -> bool:
    reference = item.get("$ref", "") if isinstance(item, dict) else ""
    _, _, kind = reference.partition("BindingWorkersBindingKind")
    return bool(kind) and kind not in KINDS


def _plain(node: Any) -> Any:
    """Without descriptions."""
    if isinstance(node, dict):
        return {
            key: _plain(value)
            for key, value in node.items()
            if not (key in {"description", "title"} and isinstance(value, str))
        }
    return [_plain(item) for item in node] if isinstance(node, list) else node


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"].rsplit("/", maxsplit=1)[-1]} if "$ref" in node else set()
        return own.union(*(_references(value) for value in node.values()))
    return set().union(*(_references(item) for item in node)) if isinstance(node, list) else set()


if __name__ == "__main__":
    cut = subset(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    COMMITTED.write_text(json.dumps(cut, indent=1, sort_keys=True) + "\n", encoding="utf-8")
