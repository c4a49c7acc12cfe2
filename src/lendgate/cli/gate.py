"""The gate a command speaks to, from the caller's settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lendgate.client import LendgateClient
from lendgate.errors import SettingsError
from lendgate.settings import caller_settings


@contextmanager
def gate_or_none() -> Iterator[LendgateClient | None]:
    """A client for ``WORKER_BASE_URL`` while the block runs, or None when no gate is configured.

    Raises:
        SettingsError: a gate without a token.
    """
    settings = caller_settings()
    if settings.worker_base_url is None:
        yield None
        return
    if settings.token is None:
        raise SettingsError("LENDGATE_TOKEN is not set: mint a local one with `lendgate token`")
    token = settings.token.get_secret_value()
    with LendgateClient(settings.worker_base_url, token, timeout=settings.timeout_seconds) as gate:
        yield gate
