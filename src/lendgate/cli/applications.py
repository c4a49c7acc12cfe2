"""Files of applications: JSON, JSON Lines or CSV, read one at a time in constant memory.

Law: a line is handed on as the bytes that stood there, so that the gate judges what was written and not
what a reader made of it. CSV cells become JSON numbers, booleans or text by the schema's own types;
an empty cell is a field that was left out; ``credit.score`` is a member of ``credit``.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from lendgate.errors import LendgateError
from lendgate.schema.application import Application


class UnreadableFileError(LendgateError):
    """A file of applications that cannot be read; says where and why."""


def _text_members() -> frozenset[str]:
    """Names of members that hold text wherever they stand: a postal code of digits is no number."""
    schema = Application.model_json_schema()
    objects = [schema, *schema["$defs"].values()]
    members = [member for each in objects for member in each.get("properties", {}).items()]
    return frozenset(name for name, member in members if _is_text(member))


def _is_text(member: dict[str, Any]) -> bool:
    return any(branch.get("type") == "string" for branch in member.get("anyOf", [member]))


_TEXT: Final = _text_members()
_SPACE: Final = frozenset(" \t\r\n")


def read_applications(source: str) -> Iterator[bytes]:
    """Every application of a file, or of standard input for ``-``.

    Raises:
        UnreadableFileError: the file cannot be read or is of no known kind.
    """
    if source == "-":
        yield from _from_text(sys.stdin.buffer.read())
        return
    path = Path(source)
    try:
        with path.open("rb") as stream:
            yield from _from_stream(path.suffix.lower(), stream)
    except OSError as cause:
        raise UnreadableFileError(f"cannot read {source}: {cause.strerror}") from cause
    except (UnicodeDecodeError, csv.Error) as cause:
        raise UnreadableFileError(f"cannot read {source} as CSV in UTF-8: {cause}") from cause


def _from_stream(suffix: str, stream: BinaryIO) -> Iterator[bytes]:
    if suffix in (".jsonl", ".ndjson"):
        yield from (line for line in stream if line.strip())
    elif suffix == ".csv":
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        try:
            yield from _from_csv(text)
        finally:
            text.detach()  # the stream is closed by whoever opened it
    elif suffix == ".json":
        yield from _from_text(stream.read())
    else:
        kind = f"a file that ends in {suffix}" if suffix else "a file without ending"
        raise UnreadableFileError(f"cannot read {kind}: give .json, .jsonl or .csv, or - for JSON")


def _from_text(body: bytes) -> Iterator[bytes]:
    """One application, several lines of them, or a list of them; each as the bytes that stood there."""
    text = body.strip()
    if text.startswith(b"["):
        yield from _items(text) or [body]
    elif b"\n" in text and _is_whole(text.split(b"\n", 1)[0]):
        yield from (line for line in text.split(b"\n") if line.strip())
    else:
        yield body


def _items(array: bytes) -> list[bytes]:
    """The members of a JSON list, untouched; nothing when it is not one."""
    decoder, items, at = json.JSONDecoder(), [], 1
    try:
        text = array.decode()
        while True:
            at = _after_space(text, at)
            end = decoder.raw_decode(text, at)[1]
            items.append(text[at:end].encode())
            at = _after_space(text, end)
            if text[at : at + 1] != ",":
                return items if text[at:] == "]" else []
            at += 1
    except (ValueError, RecursionError):
        return []


def _after_space(text: str, at: int) -> int:
    while text[at : at + 1] in _SPACE:
        at += 1
    return at


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _from_csv(lines: Iterable[str]) -> Iterator[bytes]:
    reader = csv.DictReader(lines, strict=True)
    _check_header([name.strip() for name in reader.fieldnames or ()])
    for row in reader:
        if None in row:
            raise UnreadableFileError(f"line {reader.line_num} has more cells than the header has names")
        body: dict[str, Any] = {}
        for name, cell in row.items():
            if cell:
                _put(body, name.strip().split("."), cell.strip())
        yield json.dumps(body).encode()


def _check_header(names: list[str]) -> None:
    for name in names:
        if not name or names.count(name) > 1:
            fault = f"the column {name} twice" if name else "a column without a name"
            raise UnreadableFileError(f"the header has {fault}: give each column a name of its own")


def _put(body: dict[str, Any], path: list[str], cell: str) -> None:
    for token in path[:-1]:
        body = body.setdefault(token, {})
        if not isinstance(body, dict):
            raise UnreadableFileError(f"the columns {token} and {'.'.join(path)} cannot both be filled")
    body[path[-1]] = _value(path[-1], cell)


def _value(name: str, cell: str) -> object:
    """A cell as JSON: text where the schema wants text, else a number or a boolean if it reads as one."""
    if name in _TEXT:
        return cell
    try:
        value: object = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    return value if isinstance(value, int | float | bool) else cell
