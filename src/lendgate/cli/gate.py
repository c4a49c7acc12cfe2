"""The gate a command speaks to, from the caller's settings."""

from __future__ import annotations

from lendgate.client import LendgateClient
from lendgate.errors import SettingsError
from lendgate.settings import caller_settings


def gate_or_none() -> LendgateClient | None:
    """A client for ``WORKER_BASE_URL``, or None when no gate is configured.

    Raises:
        SettingsError: a gate without a token.
    """
    settings = caller_settings()
    if settings.worker_base_url is None:
        return None
    if settings.token is None:
        raise SettingsError("LENDGATE_TOKEN is not set: mint a local one with `lendgate token`")
    token = settings.token.get_secret_value()
    return LendgateClient(settings.worker_base_url, token, timeout=settings.timeout_seconds)
