"""The stand-in refuses what Cloudflare refuses, with the same codes: what passes on it means something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lendgate.cloudflare.standin import places, scripts
from lendgate.cloudflare.standin.forms import Upload, read_upload
from lendgate.cloudflare.standin.routes import find_route
from lendgate.cloudflare.standin.state import RefusalError, State
from tests.cloudflare_api.lab import ACCOUNT, CODE, NAME, ZONE, new_state

LIVE = {"type": "durable-object", "storage": "sqlite"}
LIMITER = {"name": "LIMITER", "type": "durable_object_namespace", "class_name": "BrokerLimiter"}
SECRET = {"name": "KEY", "type": "secret_text", "text": "a secret value"}


def _upload(*bindings: dict[str, Any], **metadata: Any) -> Upload:
    given = {"main_module": "gate.js", "bindings": list(bindings), "exports": {"BrokerLimiter": LIVE}}
    return Upload(given | metadata, {"gate.js": CODE})


@pytest.fixture
def state() -> State:
    """An account with one deployed Worker that has a Durable Object and a secret."""
    made = new_state()
    scripts.put_script(made, NAME, _upload(LIMITER, SECRET))
    return made


def _code(act: Callable[[], object]) -> int:
    with pytest.raises(RefusalError) as refused:
        act()
    return refused.value.code


def _split(state: State, *shares: float, version: str = "") -> dict[str, Any]:
    ids = [version or found.id for found in state.scripts[NAME].versions]
    return {
        "versions": [
            {"version_id": version_id, "percentage": share}
            for version_id, share in zip(ids, shares, strict=False)
        ]
    }


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (_upload(LIMITER, LIMITER), 10053),
        (_upload({"name": "KEY", "type": "secret_text"}), 10021),
        (_upload({"name": "GONE", "type": "inherit"}), 10057),
        (_upload({"name": "KEY", "type": "inherit", "version_id": "no-such-version"}), 10221),
        (_upload(exports={"Other": LIVE}), 10070),
        (_upload(exports={}), 100402),
        (_upload({**LIMITER, "class_name": "Nowhere"}), 10061),
    ],
)
def test_refused_uploads(state: State, upload: Upload, code: int) -> None:
    """An upload that Cloudflare would refuse changes nothing and is refused with the same code."""
    assert _code(lambda: scripts.put_script(state, NAME, upload)) == code
    assert len(state.scripts[NAME].versions) == 1


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (_upload(migrations={"new_tag": "v2"}), 10211),
        (_upload({**LIMITER, "class_name": "Nowhere"}), 100406),
    ],
)
def test_refused_versions(state: State, upload: Upload, code: int) -> None:
    """A version cannot carry a change of Durable Objects."""
    assert _code(lambda: scripts.post_version(state, NAME, upload)) == code


def test_refused_deployments(state: State) -> None:
    """Percentages total 100, versions exist, their Durable Objects agree, secrets do not go back."""
    scripts.post_version(state, NAME, _upload(LIMITER, {**SECRET, "text": "another value"}))
    scripts.post_version(state, NAME, _upload(SECRET, exports={"BrokerLimiter": {**LIVE, "container": "x"}}))

    def deploy(*shares: float, version: str = "") -> Callable[[], object]:
        return lambda: scripts.post_deployment(
            state, NAME, _split(state, *shares, version=version), force=False
        )

    assert _code(deploy(60, 60)) == 10210
    assert _code(deploy(50, 25, 25)) == 10210
    assert _code(deploy(100, version="no-such-version")) == 10221
    assert _code(deploy(0, 50, 50)) == 10210
    first, second, third = (version.id for version in state.scripts[NAME].versions)
    halves = [{"version_id": name, "percentage": 50} for name in (first, third)]
    both: dict[str, Any] = {"versions": halves}
    assert _code(lambda: scripts.post_deployment(state, NAME, both, force=False)) == 100405
    deploy(100, version=second)()
    assert _code(deploy(100, version=first)) == 10220


def test_secrets_need_the_newest_version_deployed(state: State) -> None:
    """A secret is set on the newest version, which must be the deployed one; its text is never answered."""
    body: dict[str, Any] = {"name": "MORE", "text": "more secrets", "type": "secret_text"}
    scripts.put_secret(state, NAME, body)
    assert scripts.list_secrets(state, NAME) == [
        {"name": "KEY", "type": "secret_text"},
        {"name": "MORE", "type": "secret_text"},
    ]
    assert "secret value" not in str(scripts.get_version(state, NAME, state.scripts[NAME].versions[-1].id))
    scripts.post_version(state, NAME, _upload(LIMITER))
    assert _code(lambda: scripts.put_secret(state, NAME, body)) == 10215


def test_inheriting_without_a_version_means_the_latest(state: State) -> None:
    """Cloudflare's default, and the trap: the latest upload, deployed or not."""
    scripts.post_version(state, NAME, _upload(LIMITER, {**SECRET, "text": "not deployed"}))
    scripts.post_version(state, NAME, _upload(LIMITER, {"name": "KEY", "type": "inherit"}))
    assert state.scripts[NAME].versions[-1].text("KEY") == "not deployed"


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("application/json", b"{}", 10006),
        ("multipart/form-data; boundary=x", b"--x\r\n", 10006),
        ("multipart/form-data; boundary=x", b"--x--\r\n", 10006),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{}\r\n--x--\r\n',
            10021,
        ),
    ],
)
def test_refused_forms(content_type: str, body: bytes, code: int) -> None:
    """A form that is not one, or lacks its main module."""
    assert _code(lambda: read_upload(content_type, body)) == code


def test_addresses_are_not_overridden(state: State) -> None:
    """A domain of another Worker, one with DNS records, one of another zone, and a second route."""
    domain = {"hostname": "gate.lender.example", "service": NAME, "zone_id": ZONE}
    state.domains["d"] = {"id": "d", "hostname": "gate.lender.example", "service": "shop"}
    state.dns["r"] = {"id": "r", "type": "A", "name": "www.lender.example"}
    route: dict[str, Any] = {"pattern": "api.lender.example/*", "script": NAME}
    places.post_route(state, ZONE, route)

    assert _code(lambda: places.put_domain(state, dict(domain))) == 100116
    assert _code(lambda: places.put_domain(state, {**domain, "hostname": "www.lender.example"})) == 100117
    assert _code(lambda: places.put_domain(state, {**domain, "hostname": "gate.other.example"})) == 100112
    assert _code(lambda: places.post_route(state, ZONE, route)) == 10020


def test_what_is_not_there(state: State) -> None:
    """Unknown paths, Workers and addresses are not found."""
    assert _code(lambda: find_route("GET", f"/accounts/{ACCOUNT}/workers/services/x")) == 7003
    assert _code(lambda: scripts.list_versions(state, "shop")) == 10007
    assert _code(lambda: places.delete_domain(state, "x")) == 100114
    assert _code(lambda: places.delete_route(state, ZONE, "x")) == 10009
    assert _code(lambda: places.delete_dns(state, "x")) == 81044
