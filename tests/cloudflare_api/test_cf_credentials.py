"""Credentials come from the environment or files, and what cannot be one is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from lendgate.cloudflare.api.credentials import API_BASE, read_credentials, read_secret
from lendgate.cloudflare.api.failures import CredentialsError
from tests.cloudflare_api.lab import ACCOUNT, TOKEN

GOOD = {"CLOUDFLARE_API_TOKEN": TOKEN, "CLOUDFLARE_ACCOUNT_ID": ACCOUNT}


def test_from_the_environment() -> None:
    """Both variables are all that is needed; the token is not in the representation."""
    credentials = read_credentials(GOOD)
    assert (credentials.account_id, credentials.token, credentials.base) == (ACCOUNT, TOKEN, API_BASE)
    assert TOKEN not in repr(credentials)


def test_from_a_file(tmp_path: Path) -> None:
    """The token may stand in a file; the line end is not part of it."""
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    environ = {"CLOUDFLARE_API_TOKEN_FILE": str(file), "CLOUDFLARE_ACCOUNT_ID": ACCOUNT}
    assert read_credentials(environ).token == TOKEN


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "CLOUDFLARE_API_TOKEN is not set"),
        ({**GOOD, "CLOUDFLARE_API_TOKEN": " "}, "CLOUDFLARE_API_TOKEN is set and empty"),
        ({**GOOD, "CLOUDFLARE_API_TOKEN": "two words"}, "characters no token has"),
        ({"CLOUDFLARE_API_TOKEN": TOKEN}, "CLOUDFLARE_ACCOUNT_ID is not set"),
        ({**GOOD, "CLOUDFLARE_ACCOUNT_ID": "lender"}, "must be 32 characters 0-9 a-f"),
        ({**GOOD, "CLOUDFLARE_API_TOKEN_FILE": "/etc/hostname"}, "both set: keep one"),
        ({**GOOD, "CLOUDFLARE_API_BASE_URL": "http://api.example"}, "must begin with https://"),
    ],
)
def test_what_cannot_be_a_credential(environ: dict[str, str], words: str) -> None:
    """Each mistake is told by the variable's name and never by its value."""
    with pytest.raises(CredentialsError, match=words) as refused:
        read_credentials(environ)
    assert TOKEN not in str(refused.value)


def test_unreadable_file() -> None:
    """A file that is not there is told by the variable that names it."""
    with pytest.raises(CredentialsError, match="SECRET_FILE names a file that cannot be read"):
        read_secret("SECRET", {"SECRET_FILE": "/nowhere/at/all"})


def test_loopback_may_be_plain() -> None:
    """A rehearsal against the stand-in needs no TLS."""
    environ = {**GOOD, "CLOUDFLARE_API_BASE_URL": "http://127.0.0.1:9/client/v4/"}
    assert read_credentials(environ).base == "http://127.0.0.1:9/client/v4"
