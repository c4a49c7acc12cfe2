"""What wrangler.jsonc and the bundle say, in the API's terms; what cannot be deployed is refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.cloudflare.desired import Module, canonical, hostname_of, read_desired
from lendgate.errors import SettingsError
from tests.cloudflare_api.lab import CODE, make_desired, variables, wrangler_text


def test_bindings_in_wranglers_order() -> None:
    """Variables first, then Durable Objects and rate limits, each in the API's shape."""
    assert make_desired().bindings == (
        {"name": "EDGE_VERSION", "type": "plain_text", "text": "0.1.0"},
        {"name": "LIMITS", "type": "json", "json": {"request": {"per_minute": 600}}},
        {"name": "ORIGIN_URL", "type": "plain_text", "text": ""},
        {"name": "ORIGIN_SIGNING_KEY_ID", "type": "plain_text", "text": "edge-1"},
        {"name": "ORIGIN_SIGNING_ALG", "type": "plain_text", "text": "hmac-sha256"},
        {"name": "LIMITER", "type": "durable_object_namespace", "class_name": "BrokerLimiter"},
        {
            "name": "SHIELD",
            "type": "ratelimit",
            "namespace_id": "4201",
            "simple": {"limit": 600, "period": 10},
        },
    )


def test_ways_to_the_origin() -> None:
    """A VPC service and another Worker are bound as the API names them."""
    desired = make_desired(
        vpc_services=[{"binding": "ORIGIN", "service_id": "0190f8a0"}],
        services=[{"binding": "AUDIT", "service": "audit-worker", "entrypoint": "Audit"}],
        version_metadata={"binding": "CF_VERSION"},
        ratelimits=[],
        durable_objects={},
        vars={},
    )
    assert desired.bindings == (
        {"name": "ORIGIN", "type": "vpc_service", "service_id": "0190f8a0"},
        {"name": "AUDIT", "type": "service", "service": "audit-worker", "entrypoint": "Audit"},
        {"name": "CF_VERSION", "type": "version_metadata"},
    )


def test_a_bucket() -> None:
    """An R2 bucket by its name, in a jurisdiction where one is said."""
    buckets = [
        {"binding": "DOCUMENTS", "bucket_name": "lendgate-documents"},
        {"binding": "OTHERS", "bucket_name": "others", "jurisdiction": "eu"},
    ]
    desired = make_desired(r2_buckets=buckets, ratelimits=[], durable_objects={}, vars={})
    assert desired.bindings == (
        {"name": "DOCUMENTS", "type": "r2_bucket", "bucket_name": "lendgate-documents"},
        {"name": "OTHERS", "type": "r2_bucket", "bucket_name": "others", "jurisdiction": "eu"},
    )


def test_environment() -> None:
    """An environment is a Worker of its own; what wrangler does not inherit is not inherited here."""
    desired = make_desired(environment="staging", env={"staging": {"vars": {"ORIGIN_URL": "x"}}})
    assert (desired.worker, desired.service) == ("lendgate-gate-staging", "lendgate-gate")
    assert desired.tags == ("cf:service=lendgate-gate", "cf:environment=staging")
    assert [binding["name"] for binding in desired.bindings] == ["ORIGIN_URL"]
    assert desired.secrets == ()
    assert desired.observability["enabled"] is True


def test_addresses() -> None:
    """Custom domains and routes are told apart; with any of them workers.dev is off unless asked for."""
    routes = [
        {"pattern": "gate.lender.example", "custom_domain": True},
        {"pattern": "api.lender.example/*", "zone_name": "lender.example"},
        "https://*.old.example/v1/*",
    ]
    desired = make_desired(routes=routes, workers_dev=None)
    assert desired.domains == ("gate.lender.example",)
    assert [route.hostname for route in desired.routes] == ["api.lender.example", "old.example"]
    assert not desired.workers_dev
    assert make_desired(workers_dev=None).workers_dev


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kv_namespaces": []}, "'kv_namespaces' is not something `lendgate edge` deploys"),
        ({"migrations": [{"tag": "v1"}]}, "under 'exports', not 'migrations'"),
        ({"exports": {}}, "'exports' does not declare BrokerLimiter"),
        ({"compatibility_date": 5}, "'compatibility_date'"),
        ({"name": None}, "'name' must be a text"),
        ({"ratelimits": [{"name": "SHIELD"}]}, "'ratelimits.0.namespace_id'"),
        ({"vars": {"LIMITER": "x"}}, "binds a name twice.*LIMITER"),
        ({"vars": {"ORIGIN_SIGNING_KEY": "in the file"}}, "binds a name twice.*ORIGIN_SIGNING_KEY"),
        ({"vars": {"EDGE_CODE_SHA256": "x"}}, "binds a name twice.*EDGE_CODE_SHA256"),
    ],
)
def test_refused_files(changes: dict[str, object], words: str) -> None:
    """Each thing that cannot be deployed is named, and no secret may stand in the file."""
    with pytest.raises(SettingsError, match=words):
        read_desired(wrangler_text(**changes), None, ())


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_code_digest_names_the_code(one: bytes, other: bytes) -> None:
    """Equal code has an equal digest, other code another one."""
    first, second = make_desired(one), make_desired(other)
    assert (first.code_digest == second.code_digest) == (one == other)


def test_code_digest_covers_names() -> None:
    """The same bytes under another module name are other code."""
    text = wrangler_text()
    assert (
        read_desired(text, None, (Module("gate.js", CODE),)).code_digest
        != read_desired(text, None, (Module("index.js", CODE),)).code_digest
    )


def test_canonical_json_has_one_form() -> None:
    """The order of members does not matter."""
    assert canonical({"b": 1, "a": "é"}) == canonical({"a": "é", "b": 1}) == '{"a":"é","b":1}'.encode()


def test_variable() -> None:
    """A plain variable can be asked for; JSON and unknown ones give none."""
    desired = make_desired(vars=variables(ORIGIN_URL="https://o.example"))
    assert desired.variable("ORIGIN_URL") == "https://o.example"
    assert desired.variable("LIMITS") is None
    assert desired.variable("NOTHING") is None


@pytest.mark.parametrize(
    ("pattern", "hostname"),
    [
        ("api.example/*", "api.example"),
        ("https://api.example/v1/*", "api.example"),
        ("*.api.example/*", "api.example"),
        ("*api.example/*", "api.example"),
    ],
)
def test_hostname_of_a_pattern(pattern: str, hostname: str) -> None:
    """The zone is looked for by what is left without schemes, wildcards and paths."""
    assert hostname_of(pattern) == hostname
