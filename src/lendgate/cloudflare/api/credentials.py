"""The operator's credentials and supplied secrets: from the environment or files, never from arguments.

Law: a value on the command line is seen by every user of the machine and kept in shell histories, so
no command takes one. Values live in memory only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from lendgate.cloudflare.api.failures import CredentialsError

API_BASE: Final = "https://api.cloudflare.com/client/v4"
_ACCOUNT: Final = re.compile(r"[0-9a-f]{32}")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who Lendgate is to Cloudflare."""

    account_id: str
    token: str = field(repr=False)
    base: str = API_BASE


def read_credentials(environ: Mapping[str, str]) -> Credentials:
    """``CLOUDFLARE_API_TOKEN``, ``CLOUDFLARE_ACCOUNT_ID`` (or ``*_FILE``), ``CLOUDFLARE_API_BASE_URL``.

    Raises:
        CredentialsError: one is missing or cannot be one; says which variable and where to get it.
    """
    token = read_secret("CLOUDFLARE_API_TOKEN", environ)
    if token is None:
        raise CredentialsError(
            "CLOUDFLARE_API_TOKEN is not set. Make a token in the Cloudflare dashboard under "
            "My Profile > API Tokens and set it, or CLOUDFLARE_API_TOKEN_FILE."
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise CredentialsError("CLOUDFLARE_API_TOKEN holds characters no token has. Copy it again.")
    account = read_secret("CLOUDFLARE_ACCOUNT_ID", environ)
    if account is None:
        raise CredentialsError(
            "CLOUDFLARE_ACCOUNT_ID is not set. The id is shown in the dashboard under Workers & Pages."
        )
    if not _ACCOUNT.fullmatch(account):
        raise CredentialsError(
            "CLOUDFLARE_ACCOUNT_ID must be 32 characters 0-9 a-f, as the dashboard shows it."
        )
    return Credentials(account, token, _base(environ.get("CLOUDFLARE_API_BASE_URL", API_BASE)))


def _base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise CredentialsError("CLOUDFLARE_API_BASE_URL must begin with https://: the token travels on it.")
    return url.rstrip("/")


def read_secret(name: str, environ: Mapping[str, str]) -> str | None:
    """The value of ``NAME``, or of the file that ``NAME_FILE`` names; ``None`` when neither is set.

    Raises:
        CredentialsError: both are set, the file cannot be read, or the value is empty.
    """
    value = environ.get(name)
    path = environ.get(f"{name}_FILE")
    if value is not None and path is not None:
        raise CredentialsError(f"{name} and {name}_FILE are both set: keep one")
    if path is not None:
        try:
            value = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as cause:
            raise CredentialsError(f"{name}_FILE names a file that cannot be read.") from cause
    if value is None:
        return None
    if not value.strip():
        raise CredentialsError(f"{name} is set and empty. Set it, or leave it out.")
    return value.strip()
