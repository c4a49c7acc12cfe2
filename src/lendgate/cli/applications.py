"""Files of applications: JSON, JSON Lines, CSV or Parquet, read one at a time in constant memory.

Law: a line is handed on as the bytes that stood there, so that the gate judges what was written and not
what a reader made of it. CSV cells become JSON numbers, booleans or text by the schema's own types;
an empty cell is a field that was left out; ``credit.score`` is a member of ``credit``. What costs time
(making a body of a row) is apart from what has to be done in order (reading rows), so that other processes
can do it.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from lendgate.cli.columns import UnreadableFileError, put
from lendgate.cli.parquet import parquet_rows, plain_values
from lendgate.schema.application import Application


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


Row = bytes | list[str] | dict[str, Any]
"""What stood in a file: a line, the cells of a line, or the values of a row."""
Body = bytes | dict[str, Any]
"""An application: as bytes to be judged, or as the values that JSON would hold."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an open file, what makes an application of one, and the share of the file that was read."""

    rows: Generator[Row, None, None]
    body: Callable[[Row], Body]
    share: Callable[[], float]


def read_applications(source: str) -> Iterator[bytes]:
    """Every application of a file, or of standard input for ``-``.

    Raises:
        UnreadableFileError: the file cannot be read or is of no known kind.
    """
    with open_rows(source) as opened:
        for row in opened.rows:
            body = opened.body(row)
            yield body if isinstance(body, bytes) else json.dumps(body).encode()


@contextmanager
def open_rows(source: str) -> Iterator[Rows]:
    """The rows of a file, or of standard input for ``-``, while the block runs.

    Raises:
        UnreadableFileError: the file cannot be read or is of no known kind.
        RuntimeMissingError: it is Parquet and nothing that reads it is installed.
    """
    if source == "-":
        yield Rows(_piped(sys.stdin.buffer), _as_it_stands, lambda: 0.0)
        return
    path = Path(source)
    try:
        with path.open("rb") as stream:
            opened = _rows_of(path.suffix.lower(), stream, path.stat().st_size or 1)
            with closing(opened.rows):
                yield opened
    except OSError as cause:
        raise UnreadableFileError(f"cannot read {source}: {cause.strerror}") from cause


def _rows_of(suffix: str, stream: BinaryIO, size: int) -> Rows:
    def share() -> float:
        return stream.tell() / size

    match suffix:
        case ".jsonl" | ".ndjson":
            return Rows((line for line in iter(stream.readline, b"") if line.strip()), _as_it_stands, share)
        case ".csv":
            cells, lines = _csv(stream)
            return Rows(lines, cells, share)
        case ".parquet":
            rows = parquet_rows(stream)
            return Rows(rows.rows, plain_values, lambda: rows.given / (rows.total or 1))
        case ".json":
            return Rows(_from_text(stream.read()), _as_it_stands, share)
    kind = f"a file that ends in {suffix}" if suffix else "a file without ending"
    raise UnreadableFileError(f"cannot read {kind}: give .json, .jsonl, .csv or .parquet, or - for JSON")


def _as_it_stands(row: Row) -> Body:
    if isinstance(row, list):
        raise TypeError("cells are not JSON as it stands")
    return row


def _piped(stream: BinaryIO) -> Generator[bytes, None, None]:
    """Lines as they come, where the first is an application; anything else is read whole."""
    first = next((line for line in iter(stream.readline, b"") if line.strip()), b"")
    if not _is_whole(first):
        yield from _from_text(first + stream.read())
        return
    yield first
    yield from (line for line in iter(stream.readline, b"") if line.strip())


def _from_text(body: bytes) -> Generator[bytes, None, None]:
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


@dataclass(frozen=True, slots=True)
class Cells:
    """Makes an application of a line's cells, which stand under these names."""

    names: tuple[str, ...]

    def __call__(self, row: Row) -> Body:
        """The application.

        Raises:
            UnreadableFileError: two columns that exclude each other are filled.
        """
        body: dict[str, Any] = {}
        for name, cell in zip(self.names, row, strict=False):
            if isinstance(cell, str) and cell:
                path = name.split(".")
                put(body, path, _value(path[-1], cell.strip()))
        return body


def _csv(stream: BinaryIO) -> tuple[Cells, Generator[list[str], None, None]]:
    lines = _lines(stream)
    names = tuple(name.strip() for name in next(lines, ()))
    try:
        _check_header(names)
    except UnreadableFileError:
        lines.close()
        raise
    return Cells(names), lines


def _lines(stream: BinaryIO) -> Generator[list[str], None, None]:
    """The cells of each line, the header's first. Blank lines are none."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    reader, most = csv.reader(text, strict=True), 0
    try:
        with _as_csv():
            for cells in reader:
                most = most or len(cells)
                if len(cells) > most:
                    raise UnreadableFileError(
                        f"line {reader.line_num} has more cells than the header has names"
                    )
                if cells:
                    yield cells
    finally:
        text.detach()  # the stream is closed by whoever opened it


@contextmanager
def _as_csv() -> Iterator[None]:
    try:
        yield
    except (UnicodeDecodeError, csv.Error) as cause:
        raise UnreadableFileError(f"cannot read the file as CSV in UTF-8: {cause}") from cause


def _check_header(names: tuple[str, ...]) -> None:
    for name in names:
        if not name or names.count(name) > 1:
            fault = f"the column {name} twice" if name else "a column without a name"
            raise UnreadableFileError(f"the header has {fault}: give each column a name of its own")


def _value(name: str, cell: str) -> object:
    """A cell as JSON: text where the schema wants text, else a number or a boolean if it reads as one."""
    if name in _TEXT:
        return cell
    try:
        value: object = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    return value if isinstance(value, int | float | bool) else cell
