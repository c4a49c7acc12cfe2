"""Entity tags (RFC 9110, sections 8.8.3, 13.1): a record's version, and whether the caller knows it. Pure.

Law: a change names the version that it was decided on, strongly; anything else that is sent as one, a weak
tag, a list or ``*`` included, names another version.
"""

from __future__ import annotations

import re
from typing import Final

from lendgate.errors import LendgateError
from lendgate.review.refusals import StaleError

_VERSION: Final = re.compile(r'"([1-9][0-9]{0,5})"')


class NoVersionError(LendgateError):
    """A change without the version that it was decided on."""


def version_of(if_match: str | None) -> int:
    """The version that an If-Match header names.

    Raises:
        NoVersionError: there is no such header.
        StaleError: it names no version of ours.
    """
    if if_match is None:
        raise NoVersionError("If-Match must name the state (ETag) this was decided on.")
    match = _VERSION.fullmatch(if_match.strip())
    if match is None:
        raise StaleError("If-Match names no present state of the record; read it again.")
    return int(match[1])


def tag(version: int | str) -> str:
    """A version as an ETag."""
    return f'"{version}"'


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether the caller has this state already (weak comparison, section 13.1.2)."""
    if if_none_match is None:
        return False
    known = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return "*" in known or etag in known
