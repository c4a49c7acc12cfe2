"""Checkpoints: signed statements of where a chain stood, so that cutting off its end is found.

Law: a checkpoint is kept where the database's owner cannot write (a file elsewhere, object storage, a
printed digest). It is signed with Ed25519, not with an HMAC, because whoever verifies a chain must hold
the chain's HMAC key and could forge rows with it; the checkpoint's private key stays with the service, so
not even the auditor can make one. It covers tenant, row number, MAC, time and the id of the signing key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lendgate.audit.chain import FORMAT, MAC_BYTES, Head, framed
from lendgate.audit.events import timestamp
from lendgate.audit.lines import bytes_of, number_of, object_of, text_of, write_line
from lendgate.errors import AuditError

_FIELDS: Final = frozenset({"at", "format", "key_id", "mac", "sequence", "signature", "tenant"})
_AT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z", re.ASCII)
SIGNATURE_BYTES: Final = 64
Authorities = Mapping[str, Ed25519PublicKey]
"""Public keys whose checkpoints are believed, by key id."""


@dataclass(frozen=True, slots=True)
class CheckpointKey:
    """A private key and the id that checkpoints name it by."""

    id: str
    private: Ed25519PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """At ``at`` (UTC) the chain of ``head.tenant`` ended with row ``head.sequence``."""

    head: Head
    at: datetime
    key_id: str
    signature: bytes


def make_checkpoint(key: CheckpointKey, head: Head, at: datetime) -> Checkpoint:
    """Sign where a chain stands.

    Raises:
        ValueError: ``at`` is not in UTC.
    """
    if at.utcoffset() != timedelta(0):
        raise ValueError("the time of a checkpoint is in UTC")
    return Checkpoint(head, at, key.id, key.private.sign(_statement(head, at, key.id)))


def verify_checkpoint(checkpoint: Checkpoint, authorities: Authorities) -> None:
    """Accept a checkpoint only when a known key signed exactly it.

    Raises:
        AuditError: the key is unknown or the signature does not fit.
    """
    authority = authorities.get(checkpoint.key_id)
    if authority is None:
        raise AuditError(
            f"checkpoint of row {checkpoint.head.sequence}: no key {checkpoint.key_id!r} is known"
        )
    try:
        statement = _statement(checkpoint.head, checkpoint.at, checkpoint.key_id)
        authority.verify(checkpoint.signature, statement)
    except InvalidSignature as error:
        raise AuditError(
            f"checkpoint of row {checkpoint.head.sequence}: the signature does not fit"
        ) from error


def checkpoint_line(checkpoint: Checkpoint) -> bytes:
    """A checkpoint as one line of canonical JSON, line feed included."""
    return write_line(
        {
            "at": timestamp(checkpoint.at),
            "format": FORMAT,
            "key_id": checkpoint.key_id,
            "mac": checkpoint.head.mac.hex(),
            "sequence": checkpoint.head.sequence,
            "signature": checkpoint.signature.hex(),
            "tenant": checkpoint.head.tenant,
        }
    )


def parse_checkpoint(line: bytes) -> Checkpoint:
    """Read one line that ``checkpoint_line`` wrote; the signature is not checked here.

    Raises:
        AuditError: the line is not a checkpoint of this format.
    """
    value = object_of(line, _FIELDS)
    if value["format"] != FORMAT:
        raise AuditError(f"the format is {value['format']!r}; this version reads {FORMAT!r}")
    head = Head(text_of(value, "tenant"), number_of(value, "sequence"), bytes_of(value, "mac", MAC_BYTES))
    at = text_of(value, "at")
    if not _AT.fullmatch(at):
        raise AuditError("at: must look like 2026-11-22T14:05:09.000000Z")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise AuditError(f"at: {error}") from error
    return Checkpoint(head, moment, text_of(value, "key_id"), bytes_of(value, "signature", SIGNATURE_BYTES))


def _statement(head: Head, at: datetime, key_id: str) -> bytes:
    return framed(FORMAT, "checkpoint", head.tenant, str(head.sequence), head.mac, timestamp(at), key_id)
