"""Columns of a table as members of an application: ``credit.score`` is ``score`` in ``credit``."""

from __future__ import annotations

from typing import Any

from lendgate.errors import LendgateError


class UnreadableFileError(LendgateError):
    """A file of applications that cannot be read; says where and why."""


def put(body: dict[str, Any], path: list[str], value: object) -> None:
    """Give the member at a path its value.

    Raises:
        UnreadableFileError: what is above it holds a value itself.
    """
    for token in path[:-1]:
        body = body.setdefault(token, {})
        if not isinstance(body, dict):
            raise UnreadableFileError(f"the columns {token} and {'.'.join(path)} cannot both be filled")
    body[path[-1]] = value
