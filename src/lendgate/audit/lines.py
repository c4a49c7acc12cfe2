"""Reading the lines of an exported trail: every member typed, every value in its one spelling.

Law: a line that could be read in two ways is refused, so that nobody can hide an edit from one reader
and show it to another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final

from lendgate.audit.canonical import Json, canonical_bytes, parse_canonical
from lendgate.errors import AuditError

MAX_LINE_BYTES: Final = 131_072


def write_line(value: Mapping[str, Json]) -> bytes:
    """One line of canonical JSON, line feed included."""
    return canonical_bytes(value) + b"\n"


def read_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of an export in constant memory; a line that is too long comes in pieces, and is refused."""
    while line := file.readline(MAX_LINE_BYTES):
        yield line


def object_of(line: bytes, fields: frozenset[str]) -> Mapping[str, Json]:
    """The members of one line, which must be exactly ``fields``, in canonical form.

    Raises:
        AuditError: it is anything else.
    """
    if not line.endswith(b"\n"):
        raise AuditError("the line is cut off")
    try:
        value = parse_canonical(line[:-1])
    except ValueError as error:
        raise AuditError(str(error)) from error
    if not isinstance(value, Mapping) or value.keys() != fields:
        raise AuditError(f"must be an object of exactly {', '.join(sorted(fields))}")
    return value


def text_of(value: Mapping[str, Json], name: str) -> str:
    """A member that is text."""
    member = value.get(name)
    if not isinstance(member, str):
        raise AuditError(f"{name}: must be text")
    return member


def number_of(value: Mapping[str, Json], name: str) -> int:
    """A member that is a whole number, zero or more."""
    member = value.get(name)
    if isinstance(member, bool) or not isinstance(member, int) or member < 0:
        raise AuditError(f"{name}: must be a whole number, zero or more")
    return member


def bytes_of(value: Mapping[str, Json], name: str, size: int) -> bytes:
    """A member of ``size`` bytes in lower-case hex."""
    member = text_of(value, name)
    if not re.fullmatch(f"[0-9a-f]{{{2 * size}}}", member, re.ASCII):
        raise AuditError(f"{name}: must be {2 * size} lower-case hex digits")
    return bytes.fromhex(member)
