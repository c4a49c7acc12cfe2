"""The plan: every difference once, the losses marked, and never a secret's value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.cloudflare.actual import Actual, Live
from lendgate.cloudflare.api.addresses import Held, PlacedRoute
from lendgate.cloudflare.api.answers import (
    Deployment,
    Domain,
    Namespace,
    ScriptSettings,
    Share,
    Subdomain,
    VersionDetail,
)
from lendgate.cloudflare.desired import Desired
from lendgate.cloudflare.plan import Plan, make_plan
from tests.cloudflare_api.lab import CODE, make_desired, variables

DOMAIN = {"pattern": "gate.lender.example", "custom_domain": True}
ROUTE = {"pattern": "api.lender.example/*", "zone_name": "lender.example"}


def _live(desired: Desired, **changes: Any) -> Live:
    """A Worker that is exactly as desired, as Cloudflare would answer, with parts replaced."""
    bindings = [dict(binding) for binding in desired.bindings]
    for binding in bindings:
        if binding["type"] == "durable_object_namespace":
            binding["namespace_id"] = "0f2a"
        if binding["name"] == "EDGE_VERSION":
            binding["text"] = f"{binding['text']}+0123456789ab"
    bindings += [{"name": name, "type": "secret_text"} for name in desired.secrets]
    bindings.append({"name": "EDGE_CODE_SHA256", "type": "plain_text", "text": desired.code_digest})
    resources = {
        "bindings": changes.pop("bindings", bindings),
        "script_runtime": {
            "compatibility_date": desired.compatibility_date,
            "compatibility_flags": None,
            "limits": None,
        },
    }
    parts: dict[str, Any] = {
        "deployment": Deployment(id="d1", versions=[Share(version_id="v1", percentage=100)]),
        "baseline": VersionDetail.model_validate({"id": "v1", "number": 1, "resources": resources}),
        "versions": (),
        "settings": ScriptSettings(observability=dict(desired.observability), tags=list(desired.tags)),
        "subdomain": Subdomain(enabled=desired.workers_dev),
        "namespaces": tuple(
            Namespace.model_validate({"class": name, "script": desired.worker}) for name in desired.exports
        ),
    }
    return Live(**(parts | changes))


def _changes(plan: Plan) -> list[str]:
    return [str(change) for change in plan.changes]


def test_nothing_differs() -> None:
    """What is as it should be makes an empty plan, although Cloudflare adds nulls and ids of its own."""
    desired = make_desired()
    plan = make_plan(desired, Actual(_live(desired)))
    assert plan.changes == ()
    assert not plan.needs_version


def test_everything_is_new() -> None:
    """Without a Worker everything is an addition; secrets by name."""
    plan = make_plan(make_desired(), Actual(None))
    assert plan.needs_put
    assert not plan.destructive
    assert {change.action for change in plan.changes} <= {"add", "change"}
    assert "+ secret ORIGIN_SIGNING_KEY" in _changes(plan)
    assert "+ worker lendgate-gate" in _changes(plan)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"vars": variables(ORIGIN_URL="https://o.example")}, "~ variable ORIGIN_URL: https://o.example"),
        ({"vars": variables(NEW="1")}, "+ variable NEW: 1"),
        ({"compatibility_date": "2026-11-01"}, "~ compatibility: 2026-10-23 -> 2026-11-01"),
        ({"limits": {"cpu_ms": 200}}, "~ limits: {} -> {cpu_ms=200}"),
        ({"ratelimits": []}, "- rate limit SHIELD"),
        ({"workers_dev": False}, "~ workers.dev: on -> off"),
        ({"preview_urls": True}, "~ workers.dev: on -> on with previews"),
        ({"observability": {"enabled": False}}, "~ observability: {enabled=true"),
        ({"secrets": {"required": ["ORIGIN_SIGNING_KEY", "MORE"]}}, "+ secret MORE"),
        ({"routes": [DOMAIN], "workers_dev": True}, "+ domain gate.lender.example"),
        ({"routes": [ROUTE], "workers_dev": True}, "+ route api.lender.example/*"),
        ({"version_metadata": {"binding": "CF"}}, "+ binding CF: {type=version_metadata}"),
    ],
)
def test_one_difference_is_one_line(changes: dict[str, Any], line: str) -> None:
    """Each kind of difference is one line, with what it was and what it becomes."""
    plan = make_plan(make_desired(**changes), Actual(_live(make_desired())))
    assert len(plan.changes) == 1
    assert _changes(plan)[0].startswith(line)


def test_code_difference() -> None:
    """Code is compared by its digest; code of another tool is called that."""
    desired = make_desired()
    changed = make_desired(CODE + b"//")
    foreign = _live(desired, bindings=[{"name": "ORIGIN_SIGNING_KEY", "type": "secret_text"}])

    assert _changes(make_plan(changed, Actual(_live(desired)))) == [
        f"~ code: {desired.code_digest[:12]} -> {changed.code_digest[:12]}"
    ]
    assert "~ code: not uploaded by Lendgate" in _changes(make_plan(desired, Actual(foreign)))[0]


def test_losses_are_marked() -> None:
    """Domains, routes and Durable Object classes that would go are destructive."""
    desired = make_desired()
    live = _live(desired, namespaces=(Namespace.model_validate({"class": "Old", "script": "x"}),))
    domain = Domain(id="1", hostname="gate.lender.example", service="lendgate-gate")
    actual = Actual(live, (domain,), (PlacedRoute("z", "r", "old.example/*", "lendgate-gate"),))

    lost = [(change.part, change.name) for change in make_plan(desired, actual).destructive]

    assert lost == [
        ("durable object", "Old"),
        ("domain", "gate.lender.example"),
        ("route", "old.example/*"),
    ]


def test_renamed_class_is_no_loss() -> None:
    """A class that moves its data is a change of Durable Objects and loses nothing."""
    exports = {
        "BrokerLimiter": {"type": "durable-object", "storage": "sqlite"},
        "Old": {"type": "durable-object", "state": "renamed", "renamed_to": "BrokerLimiter"},
    }
    desired = make_desired(exports=exports)
    live = _live(desired, namespaces=(Namespace.model_validate({"class": "Old", "script": "x"}),))
    plan = make_plan(desired, Actual(live))
    assert plan.needs_put
    assert not plan.destructive


def test_key_id_on_the_worker_stays() -> None:
    """After a rotation the key id differs from the file's: that is a note and no change."""
    desired = make_desired()
    rotated = make_desired(vars=variables(ORIGIN_SIGNING_KEY_ID="edge-2"))
    plan = make_plan(desired, Actual(_live(rotated)))
    assert plan.changes == ()
    (note,) = plan.notes
    assert note == (
        "ORIGIN_SIGNING_KEY_ID stays edge-2: it belongs to the signing key on the Worker. "
        "Write that value into wrangler.jsonc, which says edge-1."
    )


def test_replaced_secret_is_a_change_by_name() -> None:
    """A new value for a secret that is there shows by name and makes a version."""
    desired = make_desired()
    plan = make_plan(desired, Actual(_live(desired)), new_secrets=["ORIGIN_SIGNING_KEY"])
    assert _changes(plan) == ["~ secret ORIGIN_SIGNING_KEY"]
    assert plan.needs_version


def test_unknown_secret_and_canary_are_notes() -> None:
    """What is there and not in the file, or under way, is told and not touched."""
    desired = make_desired(secrets={"required": []})
    shares = [Share(version_id="v1aaaaaaa", percentage=90), Share(version_id="v2bbbbbbb", percentage=10)]
    live = _live(make_desired(), deployment=Deployment(id="d", versions=shares))
    notes = make_plan(desired, Actual(live)).notes
    assert any("canary is in progress (v1aaaaaa 90 %, v2bbbbbb 10 %)" in note for note in notes)
    assert any("the secret ORIGIN_SIGNING_KEY" in note for note in notes)


def test_held_addresses_are_named() -> None:
    """An address of somebody else is told with its holder."""
    desired = make_desired()
    plan = make_plan(desired, Actual(_live(desired), held=(Held("gate.lender.example", "the Worker shop"),)))
    assert plan.held == ("gate.lender.example is held by the Worker shop",)


def test_long_values_are_told_apart() -> None:
    """Two long values that begin alike do not look alike."""
    desired = make_desired(vars=variables(JWKS="k" * 300 + "a"))
    before = _live(make_desired(vars=variables(JWKS="k" * 300 + "b")))
    (line,) = _changes(make_plan(desired, Actual(before)))
    left, right = line.removeprefix("~ variable JWKS: ").split(" -> ")
    assert left != right
    assert len(line) < 250


@given(st.dictionaries(st.sampled_from(["A", "B", "C"]), st.text(max_size=80)))
def test_planning_is_quiet_after_itself(values: dict[str, str]) -> None:
    """Whatever the variables, what was made as desired needs no further change."""
    desired = make_desired(vars={**variables(), **values})
    assert make_plan(desired, Actual(_live(desired))).changes == ()
