"""The page's own files, as they lie in the package."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

STYLE: Final = "text/css; charset=utf-8"
SCRIPT: Final = "text/javascript; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Static:
    """A file that is the same for everybody, and its entity tag (RFC 9110 section 8.8.3)."""

    body: bytes
    media_type: str
    etag: str


def content(name: str) -> bytes:
    """The bytes of a packaged file."""
    return files("lendgate.web.chat").joinpath(name).read_bytes()


@cache
def static(name: str) -> Static:
    """A packaged script or style sheet."""
    body = content(name)
    media_type = STYLE if name.endswith(".css") else SCRIPT
    return Static(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
