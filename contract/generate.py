"""Write what both languages sign: JSON Schemas and the tables the Worker is built with.

    python -m contract.generate            write
    python -m contract.generate --check    exit 1 when a file is not what the models say

Law: everything written here comes from ``src/lendgate``; nothing written here is edited by hand.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from contract.gate_schema import flatten
from contract.openapi import document
from contract.pages import problems_page, settings_page
from contract.shapes import SENT
from lendgate import __version__
from lendgate.policy.library import load_packs, requirements_table
from lendgate.policy.reference import render
from lendgate.schema import SCHEMA_VERSION, Completeness, Decision, Problem, Review, Validated
from lendgate.schema.base import Sent
from lendgate.schema.problem import KINDS, PREFIX

ROOT = Path(__file__).resolve().parent.parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"
PUBLISHED: dict[str, type[BaseModel]] = {
    **SENT,
    "completeness": Completeness,
    "decision": Decision,
    "problem": Problem,
    "review": Review,
    "validated": Validated,
}


def files() -> dict[Path, str]:
    """Every generated file and its text."""
    schemas = {name: _schema(model) for name, model in PUBLISHED.items()}
    texts = {ROOT / "contract/schemas" / f"{name}.json": schema for name, schema in schemas.items()}
    texts[ROOT / "contract/openapi.json"] = document(__version__)
    generated = ROOT / "edge/src/generated"
    for name in SENT:
        texts[generated / "shapes" / f"{name}.json"] = flatten(schemas[name])
    texts[generated / "problems.json"] = _problems()
    texts[generated / "completeness.json"] = requirements_table(load_packs())
    written = {path: _pretty(value) for path, value in texts.items()}
    return written | {
        ROOT / "docs/reference/policy.md": render(load_packs()),
        ROOT / "docs/reference/settings.md": settings_page(),
        ROOT / "docs/reference/problems.md": problems_page(),
    }


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    mode: JsonSchemaMode = "validation" if issubclass(model, Sent) else "serialization"
    return {"$schema": DIALECT, **model.model_json_schema(mode=mode)}


def _problems() -> dict[str, Any]:
    kinds = {name: {"status": kind.status, "title": kind.title} for name, kind in KINDS.items()}
    return {"schema_version": SCHEMA_VERSION, "prefix": PREFIX, "kinds": kinds}


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` name those that drifted."""
    drifted = [path for path, text in files().items() if not path.exists() or path.read_text() != text]
    if "--check" in arguments:
        for path in drifted:
            print(f"{path.relative_to(ROOT)} is not what the models say: run `make contract`")
        return 1 if drifted else 0
    for path in drifted:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files()[path])
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
