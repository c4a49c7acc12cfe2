"""``ETag`` and ``If-None-Match`` (RFC 9110, 8.8.3 and 13.1.2). Pure."""

from __future__ import annotations

import hashlib
import re
from typing import Final

_TAG: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def etag_of(body: str) -> str:
    """The strong entity tag of a representation: of its bytes and nothing else."""
    return f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether the caller has this representation already; compared weakly, as 13.1.2 asks."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag in _TAG.findall(if_none_match)
