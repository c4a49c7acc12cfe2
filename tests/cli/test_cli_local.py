"""The pieces of a local platform that need no process: keys, settings, the limits it is given."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from lendgate.cli.local import _trusting_own_gate, _variables, local_token
from lendgate.cli.settings import service_settings_for, with_local_keys
from lendgate.cloudflare.local_keys import load_or_create
from lendgate.settings import ServiceSettings
from tests.support.service import closed_service

OTHER = {"edge-7": {"alg": "hmac-sha256", "key": "c2VjcmV0"}}


def test_keys_of_the_environment_go_before_local_ones(tmp_path: Path) -> None:
    """What is named is used; what is not named comes from the data directory."""
    named = ServiceSettings(data_dir=tmp_path, audit_key=SecretStr("prod:abc"))
    filled = with_local_keys(named)
    keys = load_or_create(tmp_path)
    assert filled.audit_key == SecretStr("prod:abc")
    assert filled.checkpoint_key == SecretStr(keys.checkpoint_key)
    assert filled.data_key == SecretStr(keys.data_key)
    assert filled.edge_keys == SecretStr(keys.edge_keys)


def test_with_every_key_named_no_local_one_is_made(tmp_path: Path) -> None:
    """A production service leaves no keys on its disk."""
    all_named = ServiceSettings(
        data_dir=tmp_path / "data",
        edge_keys=SecretStr("{}"),
        audit_key=SecretStr("a:b"),
        checkpoint_key=SecretStr("c:d"),
        data_key=SecretStr("e:f"),
    )
    assert with_local_keys(all_named) == all_named
    assert not (tmp_path / "data").exists()


def test_a_local_gate_is_trusted_beside_the_edges_of_the_environment(tmp_path: Path) -> None:
    """`lendgate serve` where LENDGATE_EDGE_KEYS is set: its own gate gets in, too."""
    keys = load_or_create(tmp_path)
    trusting = _trusting_own_gate(ServiceSettings(edge_keys=SecretStr(json.dumps(OTHER))), keys)
    assert trusting.edge_keys is not None
    assert json.loads(trusting.edge_keys.get_secret_value()) == OTHER | json.loads(keys.edge_keys)


@pytest.mark.parametrize("text", ["not json", "[]"])
def test_edge_keys_that_are_none_stay_to_be_refused(text: str, tmp_path: Path) -> None:
    """A typing error is not covered up by the local key."""
    settings = ServiceSettings(edge_keys=SecretStr(text))
    assert _trusting_own_gate(settings, load_or_create(tmp_path)) == settings


def test_the_option_goes_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--data-dir wins over LENDGATE_DATA_DIR."""
    monkeypatch.setenv("LENDGATE_DATA_DIR", str(tmp_path / "environment"))
    assert service_settings_for(None).data_dir == tmp_path / "environment"
    assert service_settings_for(tmp_path / "option").data_dir == tmp_path / "option"


def test_the_workers_settings_hold_no_private_key(tmp_path: Path) -> None:
    """The public half of the token key only; the signing key goes another way."""
    keys = load_or_create(tmp_path)
    service = closed_service()
    variables = _variables(keys, service, None)
    (key,) = json.loads(variables["JWKS"])["keys"]
    assert "d" not in key
    assert keys.origin.secret not in json.dumps(variables)
    assert "LIMITS" not in variables
    assert _variables(keys, service, '{"request":{}}')["LIMITS"] == '{"request":{}}'


def test_the_demo_brokers_token_says_who_it_is(tmp_path: Path) -> None:
    """Twelve hours, tenant local, all the scopes of a broker."""
    payload = local_token(load_or_create(tmp_path)).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert (claims["tenant"], claims["broker_id"]) == ("local", "demo-broker")
    assert claims["exp"] - claims["iat"] == 12 * 3600
    brokers = "validate review:write review:read documents:write documents:read intake support"
    assert claims["scope"] == brokers
