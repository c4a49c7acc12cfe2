"""The generated workerd configuration: every binding, nothing else, and no way out of a string."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.cloudflare.capnp import EDGE_ONLY_HEADERS, LocalGate, quote, render, secret_variable
from lendgate.cloudflare.wrangler import DurableObject, WranglerConfig
from lendgate.errors import SettingsError

CONFIG = WranglerConfig(
    name="gate",
    main="src/index.ts",
    compatibility_date="2026-10-23",
    compatibility_flags=("nodejs_compat",),
    vars={"JWKS_URL": "", "LIMITS": {"a": 1}, "ISSUER": "https://id.example"},
    durable_objects=(DurableObject("LIMITER", "BrokerLimiter", sql=True),),
)
SECRET_GATE = LocalGate(origin_port=8100, secrets=("ORIGIN_SIGNING_KEY",))


def test_every_binding_of_the_worker_is_there() -> None:
    """Text, JSON, secret, Durable Object and the origin, each of its kind."""
    text = render(CONFIG, SECRET_GATE)
    for binding in (
        '(name = "ISSUER", text = "https://id.example")',
        '(name = "LIMITS", json = "{\\x22a\\x22: 1}")',
        '(name = "ORIGIN_SIGNING_KEY", fromEnvironment = "LENDGATE_GATE_ORIGIN_SIGNING_KEY")',
        '(name = "LIMITER", durableObjectNamespace = "BrokerLimiter")',
        '(name = "ORIGIN", service = "origin")',
    ):
        assert binding in text
    assert secret_variable("ORIGIN_SIGNING_KEY") == "LENDGATE_GATE_ORIGIN_SIGNING_KEY"


def test_settings_replace_values_of_variables() -> None:
    """The local issuer stands where the published one was."""
    text = render(CONFIG, LocalGate(origin_port=1, variables={"ISSUER": "urn:local"}))
    assert '(name = "ISSUER", text = "urn:local")' in text
    assert "id.example" not in text


def test_a_setting_that_is_no_variable_is_refused() -> None:
    """wrangler.jsonc stays the one list of bindings."""
    with pytest.raises(SettingsError, match="has no variable OTHER"):
        render(CONFIG, LocalGate(origin_port=1, variables={"OTHER": "x"}))


def test_a_name_bound_twice_is_refused() -> None:
    """A secret that is a plain variable too would be ambiguous."""
    with pytest.raises(SettingsError, match="bind one name twice"):
        render(CONFIG, LocalGate(origin_port=1, secrets=("ISSUER",)))


def test_it_listens_and_speaks_on_loopback_only() -> None:
    """No address but 127.0.0.1 appears."""
    text = render(CONFIG, LocalGate(origin_port=8100, port=8787))
    assert re.findall(r'address = "([^"]*)"', text) == ["127.0.0.1:8100", "127.0.0.1:8787"]


def test_the_headers_of_the_edge_are_taken_from_callers() -> None:
    """Every header that only the edge may set is removed at the socket, and request.cf cannot be sent."""
    text = render(CONFIG, SECRET_GATE)
    [removed] = re.findall(r"injectRequestHeaders = \[(.*)\]", text)
    assert re.findall(r'\(name = "([^"]*)"\)', removed) == list(EDGE_ONLY_HEADERS)
    assert "cfBlobHeader" not in text


def test_there_is_no_way_out_without_a_jwks_url() -> None:
    """The Worker's own fetch ends in a Worker that refuses."""
    text = render(CONFIG, SECRET_GATE)
    assert 'globalOutbound = "egress"' in text
    assert "network" not in text
    assert "internet" not in text


def test_a_jwks_url_opens_that_one_address() -> None:
    """Only the key set's address passes, without following redirects."""
    text = render(CONFIG, LocalGate(origin_port=1, variables={"JWKS_URL": "https://id.example/keys"}))
    assert '(name = "ALLOWED", text = "https://id.example/keys")' in text
    assert "trustBrowserCas = true" in text


def test_durable_objects_live_in_memory_or_in_a_directory() -> None:
    """With storage they are found again after a restart, under a key that does not change."""
    memory = render(CONFIG, SECRET_GATE)
    disk = render(CONFIG, LocalGate(origin_port=1, storage=Path("/data/limits")))
    assert "durableObjectStorage = (inMemory = void)" in memory
    assert 'durableObjectStorage = (localDisk = "storage")' in disk
    assert 'disk = (path = "/data/limits", writable = true)' in disk
    for text in (memory, disk):
        assert '(className = "BrokerLimiter", uniqueKey = "gate-BrokerLimiter", enableSql = true)' in text


def test_the_young_generation_is_small() -> None:
    """The measured V8 flags are in every configuration."""
    expected = 'v8Flags = ["--max-semi-space-size=2", "--min-semi-space-size=1"]'
    assert expected in render(CONFIG, SECRET_GATE)


@pytest.mark.parametrize(("port", "good"), [(-1, False), (0, True), (65_535, True), (65_536, False)])
def test_a_port_is_a_port(port: int, *, good: bool) -> None:
    """Both ends of the range, and one beyond each."""
    if good:
        assert f"127.0.0.1:{port}" in render(CONFIG, LocalGate(origin_port=1, port=port))
    else:
        with pytest.raises(SettingsError, match="is not a port"):
            render(CONFIG, LocalGate(origin_port=1, port=port))


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_a_quoted_text_cannot_leave_its_string(text: str) -> None:
    """Inside the quotes stand plain characters and byte escapes only, and they read back as the text."""
    literal = quote(text)
    inside = literal[1:-1]
    assert re.fullmatch(r"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\x[0-9a-f]{2})*", inside)
    assert inside.encode().decode("unicode_escape").encode("latin-1").decode() == text


def test_a_nul_is_refused() -> None:
    """C strings end there; no setting needs one."""
    with pytest.raises(SettingsError, match="NUL"):
        quote("a\x00b")
