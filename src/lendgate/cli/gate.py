"""The gate a command speaks to, from the caller's settings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from lendgate.client import LendgateClient, RefusedError
from lendgate.errors import SettingsError
from lendgate.settings import caller_settings

LONGEST_PAUSE: Final = 60
"""Seconds; whoever is told to come back later than that (a day's quota) is told so instead."""
_TOO_MANY_REQUESTS: Final = 429
Answer = TypeVar("Answer")


def patiently(ask: Callable[[], Answer], pause: Callable[[float], None] = time.sleep) -> Answer:
    """The gate's answer, asked for again when the minute's quota allows it: a file is a request a line.

    Raises:
        RefusedError: any other refusal.
    """
    while True:
        try:
            return ask()
        except RefusedError as refusal:
            later = refusal.retry_after
            if refusal.problem.status != _TOO_MANY_REQUESTS or later is None or later > LONGEST_PAUSE:
                raise
        pause(later)


@contextmanager
def the_gate() -> Iterator[LendgateClient]:
    """A client for ``WORKER_BASE_URL`` while the block runs.

    Raises:
        SettingsError: no gate, or no token, is configured.
    """
    with gate_or_none() as gate:
        if gate is None:
            raise SettingsError("WORKER_BASE_URL is not set: name the gate, or run `lendgate serve`")
        yield gate


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
