"""The offline verifier: reads an exported trail once, in constant memory, and names the first bad row.

What is found, and by what:
 1. header edited, forged or of another tenant   the checkpoint's signature; the tenant asked for
 2. row edited, inserted or of another tenant    the row's own MAC, keyed
 3. row deleted, repeated or moved               the row's number, and the MAC of the row before
 4. end cut off, here or in the database         the header's count, and checkpoints kept elsewhere
 5. rows remade by someone who holds the key     checkpoints kept elsewhere
Law: no finding is a warning. Anything that does not fit is a defect and the verdict is not ok.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lendgate.audit.chain import AuditKey, Link, genesis, row_mac
from lendgate.audit.checkpoint import Authorities, Checkpoint, parse_checkpoint, verify_checkpoint
from lendgate.audit.export import parse_row
from lendgate.errors import AuditError


@dataclass(frozen=True, slots=True)
class Defect:
    """The first thing that does not fit: line of the export (from 1), row number (0: the header), why."""

    line: int
    sequence: int
    detail: str

    def __str__(self) -> str:
        place = f"row {self.sequence}" if self.sequence else "header"
        return f"line {self.line}, {place}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was read and whether all of it fits. ``rows`` counts the good rows before any defect."""

    tenant: str
    rows: int
    as_of: datetime | None
    defect: Defect | None

    @property
    def ok(self) -> bool:
        """Whether the trail is whole and unaltered."""
        return self.defect is None


class Verifier:
    """Takes an export line by line; ``finish`` gives the verdict. Lines after a defect are not judged.

    ``keys`` are the chain keys, ``authorities`` the public keys of checkpoints, ``checkpoints`` those kept
    elsewhere (other tenants' are passed over; this tenant's are held in memory).
    """

    def __init__(
        self,
        tenant: str,
        *,
        keys: Iterable[AuditKey],
        authorities: Authorities,
        checkpoints: Iterable[Checkpoint] = (),
    ) -> None:
        self._keys = {key.id: key for key in keys}
        self._authorities = authorities
        self._head = genesis(tenant)
        self._header: Checkpoint | None = None
        self._line = 0
        self._defect: Defect | None = None
        self._vouched: dict[int, Checkpoint] = {}
        try:
            self._keep(each for each in checkpoints if each.head.tenant == tenant)
        except AuditError as error:
            self._defect = Defect(0, 0, str(error))

    def feed(self, line: bytes) -> None:
        """Judge the next line of the export, line feed included."""
        self._line += 1
        if self._defect is not None:
            return
        try:
            if self._header is None:
                self._take_header(line)
            else:
                self._take_row(parse_row(line, self._head.tenant), self._header)
        except AuditError as error:
            self._defect = Defect(self._line, self._due, str(error))

    def finish(self) -> Verdict:
        """The verdict, once every line was fed."""
        if self._defect is None and (missing := self._missing()):
            self._defect = Defect(self._line + 1, self._due, missing)
        as_of = self._header.at if self._header else None
        return Verdict(self._head.tenant, self._head.sequence, as_of, self._defect)

    @property
    def _due(self) -> int:
        """The number of the row that is due, 0 while the header is."""
        return self._head.sequence + 1 if self._header else 0

    def _keep(self, checkpoints: Iterable[Checkpoint]) -> None:
        for checkpoint in checkpoints:
            verify_checkpoint(checkpoint, self._authorities)
            known = self._vouched.setdefault(checkpoint.head.sequence, checkpoint)
            if known.head != checkpoint.head:
                raise AuditError(f"two checkpoints disagree about row {known.head.sequence}")

    def _take_header(self, line: bytes) -> None:
        header = parse_checkpoint(line)
        if header.head.tenant != self._head.tenant:
            raise AuditError(f"this is the trail of {header.head.tenant!r}, not of {self._head.tenant!r}")
        verify_checkpoint(header, self._authorities)
        if header.head.sequence == 0 and header.head != self._head:
            raise AuditError("an empty trail has another beginning than this tenant's")
        self._header = header

    def _take_row(self, row: Link, header: Checkpoint) -> None:
        if row.sequence != self._due:
            raise AuditError(f"row {row.sequence} stands where row {self._due} is due")
        if row.sequence > header.head.sequence:
            raise AuditError(f"the header vouches for {header.head.sequence} rows only")
        if row.previous != self._head.mac:
            raise AuditError("it does not follow the row before it")
        key = self._keys.get(row.key_id)
        if key is None:
            raise AuditError(f"no audit key {row.key_id!r} is known")
        if not hmac.compare_digest(row_mac(key, self._head, row.kind, row.event), row.mac):
            raise AuditError("its MAC does not fit its content")
        for vouched in (header, self._vouched.get(row.sequence)):
            if vouched and vouched.head.sequence == row.sequence and vouched.head != row.head:
                raise AuditError(f"it is not the row that {_name(vouched)} vouches for")
        self._head = row.head

    def _missing(self) -> str | None:
        if self._header is None:
            return "the export is empty: it has no header"
        if self._head.sequence < self._header.head.sequence:
            return f"the trail ends here, but its header vouches for {self._header.head.sequence} rows"
        last = max(self._vouched, default=0)
        if self._head.sequence < last:
            return f"the trail ends here, but {_name(self._vouched[last])} vouches for row {last}"
        return None


def _name(checkpoint: Checkpoint) -> str:
    return f"the checkpoint of {checkpoint.at:%Y-%m-%d %H:%M:%S}Z"


def verify(
    lines: Iterable[bytes],
    tenant: str,
    *,
    keys: Iterable[AuditKey],
    authorities: Authorities,
    checkpoints: Iterable[Checkpoint] = (),
) -> Verdict:
    """Judge a whole export of ``tenant``; see ``Verifier``."""
    verifier = Verifier(tenant, keys=keys, authorities=authorities, checkpoints=checkpoints)
    for line in lines:
        verifier.feed(line)
    return verifier.finish()
