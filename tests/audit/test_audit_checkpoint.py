"""A checkpoint is believed only when a known key signed exactly it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lendgate.audit import (
    Checkpoint,
    CheckpointKey,
    Head,
    checkpoint_line,
    genesis,
    make_checkpoint,
    parse_checkpoint,
    verify_checkpoint,
)
from lendgate.errors import AuditError

KEY = CheckpointKey("c1", Ed25519PrivateKey.generate())
AUTHORITIES = {"c1": KEY.private.public_key()}
AT = datetime(2026, 11, 22, 14, 5, 9, 123456, tzinfo=UTC)
HEAD = Head("acme", 7, b"\x07" * 32)
CHECKPOINT = make_checkpoint(KEY, HEAD, AT)


def test_signed_checkpoint_is_believed_after_a_round_trip() -> None:
    """Writing and reading a checkpoint keeps it whole."""
    read = parse_checkpoint(checkpoint_line(CHECKPOINT))
    verify_checkpoint(read, AUTHORITIES)
    assert read == CHECKPOINT


@pytest.mark.parametrize(
    "forged",
    [
        replace(CHECKPOINT, head=replace(HEAD, tenant="other")),
        replace(CHECKPOINT, head=replace(HEAD, sequence=6)),
        replace(CHECKPOINT, head=replace(HEAD, mac=b"\x08" * 32)),
        replace(CHECKPOINT, at=AT + timedelta(microseconds=1)),
        replace(CHECKPOINT, signature=bytes(64)),
        make_checkpoint(CheckpointKey("c1", Ed25519PrivateKey.generate()), HEAD, AT),
    ],
    ids=["tenant", "number", "mac", "time", "signature", "another key"],
)
def test_altered_checkpoint_is_refused(forged: Checkpoint) -> None:
    """The signature covers every part of the statement."""
    with pytest.raises(AuditError, match="does not fit"):
        verify_checkpoint(forged, AUTHORITIES)


def test_checkpoint_of_an_unknown_key_is_refused() -> None:
    """A key nobody vouched for signs nothing."""
    with pytest.raises(AuditError, match="no key 'c1' is known"):
        verify_checkpoint(CHECKPOINT, {})


def test_checkpoint_is_made_in_utc() -> None:
    """A naive time is refused."""
    with pytest.raises(ValueError, match="in UTC"):
        make_checkpoint(KEY, genesis("acme"), AT.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"lendgate-audit-1", b"lendgate-audit-9", "this version reads"),
        (b'"sequence":7', b'"sequence":true', "sequence"),
        (b'"sequence":7', b'"sequence":-7', "sequence"),
        (b"0707", b"07g7", "mac"),
        (b"2026-11-22T", b"2026-11-22 ", "at"),
        (b"2026-11-22T", b"2026-11-31T", "at"),
        (b'"tenant":"acme"', b'"tenant":1', "tenant"),
        (b',"tenant":"acme"', b"", "exactly"),
        (b"\n", b"", "cut off"),
    ],
)
def test_line_that_is_not_a_checkpoint_is_refused(old: bytes, new: bytes, said: str) -> None:
    """Each part must be there, of its type, and in its one spelling."""
    with pytest.raises(AuditError, match=said):
        parse_checkpoint(checkpoint_line(CHECKPOINT).replace(old, new, 1))


def test_private_key_is_not_printed() -> None:
    """A key that ends up in a log shows its id only."""
    assert "Ed25519" not in repr(KEY)
