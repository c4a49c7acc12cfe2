"""A file that a command leaves for its user alone: somebody's papers, in the open.

Law: nobody but its owner may read it, from the moment it is there; nothing is written over unless that was
asked for; and what could not be written whole is not left behind.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import typer

from lendgate.cli.output import NO, fail

Save = Callable[[bytes], None]


@contextmanager
def private_file(path: Path, *, force: bool) -> Iterator[Save]:
    """A place that is free, and what puts bytes there; it is looked for before anything is done for them.

    With ``force`` the new file takes the place of what is there, whose mode and links it does not inherit.

    Raises:
        typer.Exit: it is taken, or cannot be written, and why is said.
    """
    place = path.with_name(f".{path.name}.{uuid4().hex}") if force else path
    descriptor, saved = _created(place, path), False

    def save(content: bytes) -> None:
        nonlocal saved
        try:
            _write(descriptor, content)
            if force:
                place.replace(path)
        except OSError as cause:
            raise _unwritten(path, cause) from cause
        saved = True

    try:
        yield save
    finally:
        os.close(descriptor)
        if not saved:
            place.unlink(missing_ok=True)


def _created(place: Path, path: Path) -> int:
    try:
        # O_EXCL follows no link that somebody laid there.
        return os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as cause:
        raise fail(f"{path} is there already; --force puts the new file in its place", NO) from cause
    except OSError as cause:
        raise _unwritten(path, cause) from cause


def _write(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _unwritten(path: Path, cause: OSError) -> typer.Exit:
    return fail(f"cannot write {path}: {cause.strerror}", NO)
