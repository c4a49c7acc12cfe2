"""Local keys: made once, private, whole, the same for all; and the tokens they sign."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc import jwk, jws, jwt

from lendgate.cloudflare.local_keys import AUDIENCE, ISSUER, LocalKeys, load_or_create, mint_token
from lendgate.errors import SettingsError

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FILES = ("token.json", "checkpoint.json", "webhook.json", "data.json", "origin.json", "audit.json")


@pytest.fixture
def keys(tmp_path: Path) -> LocalKeys:
    return load_or_create(tmp_path)


def mint(
    keys: LocalKeys,
    *,
    lifetime: timedelta = HOUR,
    tenant: str = "acme",
    scopes: Iterable[str] = ("validate", "review:write"),
) -> str:
    return mint_token(
        keys,
        tenant=tenant,
        broker_id="b-7",
        subject="user-1",
        scopes=scopes,
        lifetime=lifetime,
        now=NOW,
    )


def decoded(keys: LocalKeys, token: str) -> jwt.Token:
    """The token, verified with nothing but the public key set."""
    return jwt.decode(token, jwk.KeySet.import_key_set(json.loads(keys.jwks)), algorithms=["ES256"])


def test_keys_are_made_once_and_found_again(tmp_path: Path) -> None:
    """A restart signs and verifies with the same keys."""
    first, second = load_or_create(tmp_path), load_or_create(tmp_path)
    assert first.token_key.thumbprint() == second.token_key.thumbprint()
    assert (first.origin, first.audit) == (second.origin, second.audit)
    assert first.origin != first.audit


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    """Directory 0700, files 0600, and nothing half-written beside them."""
    load_or_create(tmp_path)
    directory = tmp_path / "keys"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert sorted(path.name for path in directory.iterdir()) == sorted(FILES)
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}


@pytest.mark.parametrize(("name", "mode"), [("keys", 0o750), ("keys/token.json", 0o644)])
def test_keys_that_others_may_read_are_refused(tmp_path: Path, name: str, mode: int) -> None:
    """A copied data directory does not keep its secrets by itself; the sentence says what to run."""
    load_or_create(tmp_path)
    (tmp_path / name).chmod(mode)
    with pytest.raises(SettingsError, match=rf"others may read .*{name}: run `chmod [67]00 "):
        load_or_create(tmp_path)


def test_processes_that_start_together_get_the_same_keys(tmp_path: Path) -> None:
    """Whoever comes first wins and nobody keeps a key of their own."""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(load_or_create, [tmp_path] * 16))
    assert len({keys.origin.secret for keys in made}) == 1
    assert len({keys.token_key.thumbprint() for keys in made}) == 1


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", ["", "[]", "{}", '{"kty": "EC"}', '{"secret": 7}'])
def test_a_damaged_key_file_is_named(tmp_path: Path, name: str, content: str) -> None:
    """It is never replaced silently: the audit trail hangs on one of them."""
    load_or_create(tmp_path)
    (tmp_path / "keys" / name).write_text(content)
    with pytest.raises(SettingsError, match=f"{name} is damaged: restore it"):
        load_or_create(tmp_path)


def test_a_directory_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """A file where the directory should be stands for every such cause."""
    (tmp_path / "keys").write_text("")
    with pytest.raises(SettingsError, match="cannot keep keys in"):
        load_or_create(tmp_path)


def test_the_key_set_is_public(keys: LocalKeys) -> None:
    """The Worker gets the public half only, under its RFC 7638 thumbprint."""
    [key] = json.loads(keys.jwks)["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert (key["kty"], key["crv"], key["alg"]) == ("EC", "P-256", "ES256")
    assert key["kid"] == keys.token_key.thumbprint()


def test_shared_keys_read_as_the_settings_write_them(keys: LocalKeys) -> None:
    """32 random bytes as base64url without padding, in the form of each setting."""
    origin = json.loads(keys.edge_keys)[keys.origin.key_id]
    assert origin == {"alg": "hmac-sha256", "key": keys.origin.secret}
    assert keys.audit_key == f"{keys.audit.key_id}:{keys.audit.secret}"
    for shared in (keys.origin, keys.audit):
        assert len(base64.urlsafe_b64decode(shared.secret + "=")) == 32


def test_no_secret_shows_itself(keys: LocalKeys) -> None:
    """A key set in a log shows ids only."""
    shown = repr(keys)
    assert keys.origin.key_id in shown
    assert keys.origin.secret not in shown
    assert keys.audit.secret not in shown


def test_a_token_carries_what_the_worker_asks_for(keys: LocalKeys) -> None:
    """Header and claims of RFC 9068, with integer times."""
    token = mint(keys)
    header = jws.extract_compact(token.encode()).headers()
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": keys.token_key.thumbprint()}
    claims = decoded(keys, token).claims
    issued = int(NOW.timestamp())
    assert len(claims.pop("jti")) == 22
    assert claims == {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "user-1",
        "client_id": "b-7",
        "tenant": "acme",
        "broker_id": "b-7",
        "scope": "validate review:write",
        "iat": issued,
        "nbf": issued,
        "exp": issued + 3600,
    }


def test_no_two_tokens_are_the_same(keys: LocalKeys) -> None:
    """Each has an id of its own, so one can be told from another in a log."""
    ids = {decoded(keys, mint(keys)).claims["jti"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("lifetime", "good"),
    [
        (timedelta(0), False),
        (timedelta(seconds=1), True),
        (timedelta(hours=24), True),
        (timedelta(hours=24, seconds=1), False),
        (timedelta(seconds=-5), False),
    ],
)
def test_a_token_lives_for_a_day_at_the_most(keys: LocalKeys, lifetime: timedelta, *, good: bool) -> None:
    """The Worker refuses longer ones; a sentence here is kinder than a 401 there."""
    if good:
        exp = decoded(keys, mint(keys, lifetime=lifetime)).claims["exp"]
        assert exp == int((NOW + lifetime).timestamp())
    else:
        with pytest.raises(SettingsError, match="at most 24 hours"):
            mint(keys, lifetime=lifetime)


def test_an_unknown_scope_is_refused_with_the_known_ones(keys: LocalKeys) -> None:
    """A typing error is seen when the token is made, not when it is used."""
    with pytest.raises(SettingsError, match="no scope review:writ; the scopes are: validate"):
        mint(keys, scopes=["validate", "review:writ"])


def test_an_identifier_that_is_none_is_refused(keys: LocalKeys) -> None:
    """The origin would refuse the principal later."""
    with pytest.raises(SettingsError, match="tenant must look like"):
        mint(keys, tenant="a b")
