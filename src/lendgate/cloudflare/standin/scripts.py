"""The stand-in's Workers: uploads, versions, deployments, secrets, settings."""

from __future__ import annotations

import json
import uuid
from typing import Final

from pydantic import JsonValue

from lendgate.cloudflare.standin.forms import Upload
from lendgate.cloudflare.standin.state import (
    Binding,
    Deployment,
    Namespace,
    RefusalError,
    Script,
    State,
    Version,
)

ALL: Final = 100
MOST_VERSIONS: Final = 2
AUTHOR: Final = "deployer@lender.example"
_SECRETS: Final = frozenset({"secret_text", "secret_key"})


def put_script(state: State, name: str, upload: Upload) -> JsonValue:
    """Upload and deploy at once; makes the Worker and applies Durable Object changes."""
    script = state.scripts.get(name) or Script(name)
    bindings = _resolved(script, upload)
    _reconcile(state, name, upload, bindings, apply=True)
    state.scripts[name] = script
    version = _add_version(state, script, upload, bindings)
    script.observability = upload.metadata.get("observability")
    _deploy(state, script, {version.id: ALL}, {})
    return {
        "id": name,
        "tag": script.tag,
        "etag": uuid.uuid4().hex * 2,
        "deployment_id": version.id.replace("-", ""),
        "startup_time_ms": 9,
    }


def post_version(state: State, name: str, upload: Upload) -> JsonValue:
    """Upload a version that takes no traffic."""
    script = state.script(name)
    if "migrations" in upload.metadata:
        raise RefusalError(400, 10211, "Version upload failed: Durable Object migrations are not allowed.")
    bindings = _resolved(script, upload)
    _reconcile(state, name, upload, bindings, apply=False)
    return _detail(_add_version(state, script, upload, bindings))


def list_versions(state: State, name: str) -> JsonValue:
    """Newest first."""
    return {"items": [_summary(version) for version in reversed(state.script(name).versions)]}


def get_version(state: State, name: str, version_id: str) -> JsonValue:
    """One version, secrets without text."""
    return _detail(state.script(name).version(version_id))


def post_deployment(state: State, name: str, body: JsonValue, *, force: bool) -> JsonValue:
    """Give versions their percentages."""
    script = state.script(name)
    asked = body if isinstance(body, dict) else {}
    listed = asked.get("versions")
    shares = {
        str(entry["version_id"]): float(str(entry["percentage"]))
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict)
    }
    if not 1 <= len(shares) <= MOST_VERSIONS or sum(shares.values()) != ALL:
        raise RefusalError(400, 10210, "Invalid deployment: percentages must total 100.")
    versions = [script.version(version_id) for version_id in shares]
    if len({json.dumps(version.exports, sort_keys=True) for version in versions}) > 1:
        raise RefusalError(400, 100405, "All versions must declare identical exports.")
    if not force and _goes_back(script, versions):
        raise RefusalError(400, 10220, "A secret has changed since this version was last deployed.")
    notes = asked.get("annotations")
    deployment = _deploy(state, script, shares, notes if isinstance(notes, dict) else {})
    return _deployment(deployment)


def list_deployments(state: State, name: str) -> JsonValue:
    """Newest first."""
    return {"deployments": [_deployment(deployment) for deployment in state.script(name).deployments]}


def put_secret(state: State, name: str, body: JsonValue) -> JsonValue:
    """Set a secret: a new version of the newest one, deployed at once."""
    script = state.script(name)
    newest = script.versions[-1]
    if newest.id not in script.deployments[0].shares:
        raise RefusalError(400, 10215, "The latest version of your Worker isn't currently deployed.")
    secret = body if isinstance(body, dict) else {}
    if not secret.get("text"):
        raise RefusalError(400, 10021, "invalid or missing text property")
    kept = [binding for binding in newest.bindings if binding["name"] != secret["name"]]
    upload = Upload({**newest.metadata, "annotations": {}}, dict(newest.modules))
    version = _add_version(state, script, upload, [*kept, dict(secret)], triggered_by="secret")
    _deploy(state, script, {version.id: ALL}, {})
    return {"name": secret["name"], "type": "secret_text"}


def list_secrets(state: State, name: str) -> JsonValue:
    """Names of the newest version's secrets."""
    newest = state.script(name).versions[-1]
    return [_shown(binding) for binding in newest.bindings if binding["type"] in _SECRETS]


def settings(state: State, name: str) -> JsonValue:
    """The versioned view of the newest version."""
    newest = state.script(name).versions[-1]
    return {
        "bindings": [_shown(binding) for binding in newest.bindings],
        "compatibility_date": newest.metadata.get("compatibility_date"),
    }


def _resolved(script: Script, upload: Upload) -> list[Binding]:
    """The bindings of an upload, inherited ones filled in."""
    names = [str(binding.get("name")) for binding in upload.bindings]
    if len(set(names)) < len(names):
        raise RefusalError(400, 10053, "binding names must be unique")
    return [_one(script, binding) for binding in upload.bindings]


def _one(script: Script, binding: Binding) -> Binding:
    if binding.get("type") == "secret_text" and not binding.get("text"):
        raise RefusalError(400, 10021, f"binding {binding.get('name')}: invalid or missing text property")
    if binding.get("type") != "inherit":
        return binding
    wanted = str(binding.get("version_id", "latest"))
    sources = script.versions[-1:] if wanted == "latest" else [script.version(wanted)]
    for found in (inner for source in sources for inner in source.bindings):
        if found["name"] == binding.get("old_name", binding["name"]):
            return {**found, "name": binding["name"]}
    raise RefusalError(400, 10057, f"cannot inherit binding {binding['name']}: not found")


def _reconcile(state: State, name: str, upload: Upload, bindings: list[Binding], *, apply: bool) -> None:
    """Bring the account's Durable Object namespaces to what ``exports`` says, or refuse."""
    declared = upload.exports
    there = state.classes(name)
    live = {key for key, value in declared.items() if value.get("state", "created") == "created"}
    code = b"\n".join(upload.modules.values()).decode(errors="replace")
    for class_name in sorted(live):
        if class_name not in code:
            raise RefusalError(400, 10070, f"the class {class_name} is not exported by the script")
    if apply and there - declared.keys():
        raise RefusalError(400, 100402, "exports do not account for every provisioned class")
    unmade = {str(b["class_name"]) for b in bindings if b["type"] == "durable_object_namespace"} - there
    if not apply and (unmade or live - there):
        raise RefusalError(400, 100406, "a binding depends on an export that is not provisioned")
    if unmade - live:
        raise RefusalError(400, 10061, "the Durable Object namespace does not exist")
    if apply:
        gone = {key for key, value in declared.items() if value.get("state") == "deleted"}
        state.namespaces = [n for n in state.namespaces if n.script != name or n.class_name not in gone]
        state.namespaces += [Namespace(name, class_name) for class_name in sorted(live - there)]


def _add_version(
    state: State, script: Script, upload: Upload, bindings: list[Binding], *, triggered_by: str = "upload"
) -> Version:
    before = _secret_texts(script.versions[-1].bindings) if script.versions else {}
    if _secret_texts(bindings) != before:
        script.secret_epoch += 1
    version = Version(
        id=str(uuid.uuid4()),
        number=len(script.versions) + 1,
        bindings=bindings,
        modules=upload.modules,
        metadata=upload.metadata,
        secret_epoch=script.secret_epoch,
        triggered_by=triggered_by,
        created_on=state.now(),
    )
    script.versions.append(version)
    return version


def _secret_texts(bindings: list[Binding]) -> dict[str, JsonValue]:
    return {str(b["name"]): b.get("text") for b in bindings if b["type"] in _SECRETS}


def _deploy(
    state: State, script: Script, shares: dict[str, float], notes: dict[str, JsonValue]
) -> Deployment:
    deployment = Deployment(str(uuid.uuid4()), shares, state.now(), notes, AUTHOR)
    script.deployments.insert(0, deployment)
    return deployment


def _goes_back(script: Script, versions: list[Version]) -> bool:
    """Whether a version would return whose secrets are older than those that take traffic."""
    present = script.deployments[0].shares if script.deployments else {}
    newest = max((script.version(version_id).secret_epoch for version_id in present), default=0)
    return any(version.id not in present and version.secret_epoch < newest for version in versions)


def _shown(binding: Binding) -> Binding:
    """A binding as answers show it: no secret's text, a namespace id for a Durable Object."""
    if binding["type"] in _SECRETS:
        return {"name": binding["name"], "type": binding["type"]}
    if binding["type"] == "durable_object_namespace":
        return {**binding, "namespace_id": "0f2ac74b498b48028cb68387c421e279"}
    return binding


def _summary(version: Version) -> dict[str, JsonValue]:
    return {
        "id": version.id,
        "number": version.number,
        "metadata": {
            "created_on": version.created_on,
            "source": "api",
            "author_email": AUTHOR,
            "has_preview": False,
        },
        "annotations": version.annotations,
    }


def _detail(version: Version) -> dict[str, JsonValue]:
    return {
        **_summary(version),
        "startup_time_ms": 7,
        "resources": {
            "bindings": [_shown(binding) for binding in version.bindings],
            "script": {"etag": "e2", "handlers": ["fetch"]},
            "script_runtime": {
                "compatibility_date": version.metadata.get("compatibility_date"),
                "compatibility_flags": version.metadata.get("compatibility_flags"),
                "limits": version.metadata.get("limits"),
                "usage_model": "standard",
            },
        },
    }


def _deployment(deployment: Deployment) -> JsonValue:
    return {
        "id": deployment.id,
        "created_on": deployment.created_on,
        "source": "api",
        "strategy": "percentage",
        "author_email": deployment.author_email,
        "annotations": dict(deployment.annotations),
        "versions": [
            {"version_id": version_id, "percentage": percentage}
            for version_id, percentage in deployment.shares.items()
        ],
    }
