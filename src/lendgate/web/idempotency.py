"""``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header-07): which values are keys. Pure."""

from __future__ import annotations

import re
from typing import Final

from lendgate.errors import LendgateError

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


class NoKeyError(LendgateError):
    """The header holds something that is no key."""


def key_of(header: str) -> str:
    """The key as it is compared: byte by byte, quotes included.

    Raises:
        NoKeyError: it is empty, too long, or not visible ASCII.
    """
    if not _KEY.fullmatch(header):
        raise NoKeyError("The Idempotency-Key must be 1 to 255 visible ASCII characters without spaces.")
    return header
