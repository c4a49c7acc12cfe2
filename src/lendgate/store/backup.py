"""Backups of the embedded database: one file with everything but the keys.

Law: a backup is a tar of ``manifest.json``, ``database.dump`` (pg_dump's own format, one snapshot) and the
sealed blobs below ``documents/``; it is taken while the service runs, database first: a blob is there before
its row is. The file appears whole or not at all. Keys are never in it: who has a backup reads nothing.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from lendgate.errors import LendgateError
from lendgate.store.cluster import advice, find_programs

_MANIFEST: Final = "manifest.json"
_DUMP: Final = "database.dump"
_DOCUMENTS: Final = "documents"
_CHUNK: Final = 1 << 20


class BackupError(LendgateError):
    """A backup that could not be made or read; says why. Nothing was left half done."""


class Manifest(BaseModel):
    """What a backup says about itself; of keys it names the ids that a restore needs.

    ``heads`` are signed checkpoints, one line each, that every tenant's audit trail must reach.
    ``database_sha256`` and ``documents``, how many, are filled in when it is written: pg_restore takes a dump
    that was cut off for a whole one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["lendgate-backup-1"] = "lendgate-backup-1"
    made_at: str
    revision: str
    master_keys: tuple[str, ...]
    heads: tuple[str, ...]
    database_sha256: str = ""
    documents: int = 0


def write_backup(file: Path, manifest: Manifest, database_url: str, documents: Path) -> int:
    """Write a backup; its size in bytes.

    Args:
        file: where; it must not be there yet.
        manifest: what it says about itself.
        database_url: of somebody whom row-level security does not stop.
        documents: the directory of blobs, which may be missing.

    Raises:
        BackupError: the file is there already, the disk is full, or the database could not be dumped.
    """
    if file.exists():
        raise BackupError(f"{file} is there already: a backup replaces nothing")
    partial = file.with_name(f".{file.name}.partial")
    try:
        with partial.open("xb") as target:
            partial.chmod(0o600)
            _write(target, manifest, database_url, documents)
            os.fsync(target.fileno())
        partial.rename(file)
    except OSError as cause:
        raise BackupError(f"{file}: {advice(str(cause))}") from cause
    finally:
        partial.unlink(missing_ok=True)
    return file.stat().st_size


def _write(target: IO[bytes], manifest: Manifest, database_url: str, documents: Path) -> None:
    with (
        tempfile.TemporaryFile(dir=Path(target.name).parent) as dump,
        tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        _run("pg_dump", "--format=custom", f"--dbname={database_url}", output=dump)
        size, digest, blobs = dump.tell(), _sha256(dump), _blobs(documents)
        filled = manifest.model_copy(update={"database_sha256": digest, "documents": len(blobs)})
        text = filled.model_dump_json().encode()
        tar.addfile(_member(_MANIFEST, len(text)), io.BytesIO(text))
        tar.addfile(_member(_DUMP, size), _rewound(dump))
        for blob in blobs:
            tar.add(blob, f"{_DOCUMENTS}/{blob.relative_to(documents)}")


def _blobs(documents: Path) -> list[Path]:
    """What has arrived; uploads under way are in hidden directories."""
    files = (path for path in documents.rglob("*") if path.is_file())
    return sorted(
        path for path in files if not any(part.startswith(".") for part in path.relative_to(documents).parts)
    )


@contextmanager
def opened_backup(file: Path) -> Iterator[tuple[Manifest, tarfile.TarFile]]:
    """A backup's manifest, and the rest of it for ``restore_into``.

    Raises:
        BackupError: it cannot be read, or is not a backup of this format.
    """
    try:
        with tarfile.open(file, mode="r:") as tar:
            first = tar.next()
            content = tar.extractfile(first) if first and first.name == _MANIFEST else None
            if content is None:
                raise BackupError(f"{file} is not a backup of Lendgate")
            yield Manifest.model_validate_json(content.read()), tar
    except (OSError, tarfile.TarError, ValidationError) as cause:
        raise BackupError(f"{file} cannot be read as a backup: {advice(str(cause))}") from cause


def restore_into(manifest: Manifest, tar: tarfile.TarFile, database_url: str, documents: Path) -> None:
    """Fill an empty database and a directory of blobs.

    Raises:
        BackupError: it is not what the manifest says, or the database does not take it.
    """
    blobs, restored = 0, False
    for member in tar:
        if member.name == _DUMP:
            _restore_database(tar, member, manifest.database_sha256, database_url)
            restored = True
        elif member.name.startswith(f"{_DOCUMENTS}/") and member.isfile():
            member.name = member.name.removeprefix(f"{_DOCUMENTS}/")
            tar.extract(member, documents, filter="data")
            blobs += 1
        elif member.name != _MANIFEST:
            raise BackupError(f"the backup holds {member.name!r}, which no backup does")
    if not restored or blobs != manifest.documents:
        raise BackupError(f"the backup is cut short: {blobs:,} of {manifest.documents:,} documents are in it")


def _restore_database(tar: tarfile.TarFile, member: tarfile.TarInfo, sha256: str, database_url: str) -> None:
    content = tar.extractfile(member)
    if content is None:
        raise BackupError("the backup's database is not a file")
    with tempfile.TemporaryFile() as dump:
        while chunk := content.read(_CHUNK):
            dump.write(chunk)
        if _sha256(dump) != sha256:
            raise BackupError("the database in the backup is damaged: its digest is another")
        options = ("--exit-on-error", "--single-transaction", f"--dbname={database_url}")
        _run("pg_restore", *options, source=_rewound(dump))


def _run(
    program: str, *options: str, source: IO[bytes] | None = None, output: IO[bytes] | None = None
) -> None:
    command = [str(find_programs() / program), *options]
    done = subprocess.run(  # noqa: S603 - the wheel's own programs
        command,
        stdin=source or subprocess.DEVNULL,
        stdout=output or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        check=False,
    )
    if done.returncode != 0:
        raise BackupError(f"{program}: {advice(done.stderr.decode(errors='replace'))}")
    if output is not None:
        output.seek(0, os.SEEK_END)


def _rewound(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    return file


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _sha256(file: IO[bytes]) -> str:
    """Of the whole file."""
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
