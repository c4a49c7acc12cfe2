"""Settings: read once, from the environment or from files, refusing what cannot be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from lendgate.errors import SettingsError
from lendgate.settings import caller_settings, service_settings, unknown_variables


def test_defaults_need_no_environment() -> None:
    """A laptop with nothing set starts an embedded database in .lendgate."""
    settings = service_settings()
    assert settings.database_url is None
    assert settings.data_dir == Path(".lendgate")


def test_a_secret_can_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NAME_FILE names a file whose text is the value, without its line end."""
    secret = tmp_path / "token"
    secret.write_text("abc.def.ghi\n")
    monkeypatch.setenv("LENDGATE_TOKEN_FILE", str(secret))
    token = caller_settings().token
    assert token is not None
    assert token.get_secret_value() == "abc.def.ghi"


def test_a_missing_secret_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable and the path are in the message."""
    monkeypatch.setenv("LENDGATE_AUDIT_KEY_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError, match="LENDGATE_AUDIT_KEY_FILE"):
        service_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LENDGATE_DATABASE_POOL", "0"),
        ("LENDGATE_WAIT_SECONDS", "21"),
        ("LENDGATE_LOG_LEVEL", "loud"),
        ("LENDGATE_WAIT_SECONDS", "soon"),
    ],
)
def test_a_value_that_cannot_be_right_refuses_to_start(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the variable."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        service_settings()


def test_secrets_do_not_print(monkeypatch: pytest.MonkeyPatch) -> None:
    """repr() of the settings shows no secret."""
    monkeypatch.setenv("LENDGATE_DATABASE_URL", "postgresql://u:hunter2@db/lendgate")
    assert "hunter2" not in repr(service_settings())


def test_a_misspelt_variable_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A LENDGATE_ name nobody reads is most often a typing error."""
    monkeypatch.setenv("LENDGATE_DATABSE_URL", "x")
    assert unknown_variables() == ["LENDGATE_DATABSE_URL"]


def test_a_secret_given_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guessing which of two was meant would be wrong half of the time."""
    monkeypatch.setenv("LENDGATE_TOKEN", "a")
    monkeypatch.setenv("LENDGATE_TOKEN_FILE", str(tmp_path / "token"))
    with pytest.raises(SettingsError, match="both set"):
        caller_settings()
