"""The audit trail: what happened, in a chain that cannot be altered unseen. Pure.

Law: nothing here reads a clock, a key store or a database; time, keys and rows are arguments. ``store``
keeps the chain, in the transaction of the change it records.
"""

from __future__ import annotations

from lendgate.audit.chain import AuditKey, Head, Link, genesis, link
from lendgate.audit.checkpoint import (
    Authorities,
    Checkpoint,
    CheckpointKey,
    checkpoint_line,
    make_checkpoint,
    parse_checkpoint,
    verify_checkpoint,
)
from lendgate.audit.events import KINDS, Event, EventKind
from lendgate.audit.export import row_line
from lendgate.audit.lines import read_lines
from lendgate.audit.verify import Defect, Verdict, Verifier, verify

__all__ = [
    "KINDS",
    "AuditKey",
    "Authorities",
    "Checkpoint",
    "CheckpointKey",
    "Defect",
    "Event",
    "EventKind",
    "Head",
    "Link",
    "Verdict",
    "Verifier",
    "checkpoint_line",
    "genesis",
    "link",
    "make_checkpoint",
    "parse_checkpoint",
    "read_lines",
    "row_line",
    "verify",
    "verify_checkpoint",
]
