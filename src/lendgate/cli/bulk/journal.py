"""The journal beside an output: where a run stands, so that a killed one goes on where it was.

Law: the journal never says more than the disk holds: the output is on the disk before the journal tells how
long it is, and the journal is replaced whole. Going on cuts the output to that length, so each application
has exactly one line in it. A run goes on with the same input, in the same way, under the same policy, or
not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal
from uuid import uuid4

from lendgate.cli.bulk.tally import Tally, tally_from
from lendgate.errors import LendgateError

How = Literal["gate", "in-process", "policy-only", "batch"]
_HEAD: Final = 1 << 20


class ResumeError(LendgateError):
    """A run that cannot go on, or an output that must not be overwritten; says what to do."""


@dataclass(slots=True)
class Journal:
    """``rows`` applications are done, and their results are the output's first ``size`` bytes."""

    path: Path
    run: str
    input: str
    how: How
    policy: str
    rows: int = 0
    size: int = 0
    done: bool = False
    tally: Tally = field(default_factory=Tally)
    batch: dict[str, Any] | None = None
    """The part of a ``batch`` run that is under way, as ``batch`` keeps it."""

    def write(self, output: BinaryIO) -> None:
        """Put down where the run stands, once the output is safe."""
        output.flush()
        os.fsync(output.fileno())
        self.size = output.tell()
        fresh = self.path.with_name(f"{self.path.name}.new")
        document = asdict(self) | {"tally": self.tally.as_json()}
        del document["path"]
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)


def journal_of(output: Path) -> Path:
    """Where the journal of an output is."""
    return output.with_name(f"{output.name}.journal")


def begin(output: Path, source: Path, how: How, policy: str, *, resume: bool) -> Journal:
    """A new journal for a new output, or that of a run to go on with.

    Raises:
        ResumeError: there is an output already, or the run was another one.
    """
    path = journal_of(output)
    if path.exists() and not resume:
        raise ResumeError(f"{path} is there: add --resume to go on, or remove it and {output} to begin anew")
    if output.exists() and not path.exists():
        raise ResumeError(f"{output} is there and was not written by a run that can go on: name another file")
    fresh = Journal(path, str(uuid4()), identity(source), how, policy)
    return _continued(path, fresh) if path.exists() else fresh


def _continued(path: Path, fresh: Journal) -> Journal:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        earlier = Journal(path=path, **{**document, "tally": tally_from(document["tally"])})
    except (ValueError, TypeError, KeyError, OSError) as cause:
        raise ResumeError(f"{path} is not the journal of a run: remove it to begin anew") from cause
    for what, then, now in (
        ("the input is another one", earlier.input, fresh.input),
        ("it was done another way", earlier.how, fresh.how),
        ("the policy has changed", earlier.policy, fresh.policy),
    ):
        if then != now:
            raise ResumeError(f"this run cannot go on: {what} ({then}, now {now})")
    return earlier


def identity(source: Path) -> str:
    """What tells one input from another: its size and the digest of its beginning."""
    try:
        with source.open("rb") as file:
            digest = hashlib.sha256(file.read(_HEAD)).hexdigest()
            return f"{source.stat().st_size} bytes, sha256 {digest[:16]}"
    except OSError as cause:
        raise ResumeError(f"cannot read {source}: {cause.strerror}") from cause


def opened(output: Path, journal: Journal) -> BinaryIO:
    """The output, cut to what the journal knows of and ready for what comes next."""
    file = output.open("r+b" if output.exists() else "w+b")
    if file.seek(0, os.SEEK_END) < journal.size:
        file.close()
        raise ResumeError(f"{output} is shorter than its journal says: it was changed; begin anew")
    file.truncate(journal.size)
    file.seek(journal.size)
    return file
