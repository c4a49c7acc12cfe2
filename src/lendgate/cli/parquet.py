"""Parquet files of applications, row group by row group; the only place that knows pyarrow.

Law: pyarrow is an extra (``lendgate[parquet]``), so it is imported when a Parquet file is read. A column is
a field, ``credit.score`` and a struct's member are members of ``credit``, and null is a field left out.
Values become what JSON would hold: decimals their digits, days and moments their RFC 3339 text.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Final

from lendgate.cli.columns import UnreadableFileError, put
from lendgate.errors import RuntimeMissingError

_AT_A_TIME: Final = 1_000


@dataclass(slots=True)
class ParquetRows:
    """The rows of one file; ``given`` of ``total`` have been taken."""

    total: int
    rows: Generator[dict[str, Any], None, None] = field(init=False)
    given: int = 0


def parquet_rows(stream: BinaryIO) -> ParquetRows:
    """The rows of an open file.

    Raises:
        RuntimeMissingError: pyarrow is not installed.
        UnreadableFileError: it is no Parquet file.
    """
    try:
        from pyarrow import ArrowException, parquet  # noqa: PLC0415 - see the law of this file
    except ImportError as cause:
        raise RuntimeMissingError(
            "reading Parquet takes pyarrow, which is not installed: run `pip install 'lendgate[parquet]'`, "
            "or save the file as .csv or .jsonl"
        ) from cause
    try:
        file = parquet.ParquetFile(stream)
    except ArrowException as cause:
        raise UnreadableFileError(f"this is not a Parquet file: {cause}") from cause
    found = ParquetRows(file.metadata.num_rows)

    def rows() -> Generator[dict[str, Any], None, None]:
        for batch in file.iter_batches(batch_size=_AT_A_TIME):
            for row in batch.to_pylist():
                found.given += 1
                yield row

    found.rows = rows()
    return found


def plain_values(row: object) -> dict[str, Any]:
    """An application of a row's values.

    Raises:
        UnreadableFileError: two columns that exclude each other are filled.
    """
    body: dict[str, Any] = {}
    for name, value in row.items() if isinstance(row, dict) else ():
        if value is not None:
            put(body, str(name).split("."), _plain(value))
    return body


def _plain(value: object) -> object:
    match value:
        case dict():
            return plain_values(value)
        case list():
            return [_plain(item) for item in value]
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value.tzinfo else str(value)
        case date():
            return value.isoformat()
        case _:
            return value
