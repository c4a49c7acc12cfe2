"""``lendgate audit verify`` without a database: whole trails, and every way to spoil one."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr
from typer.testing import Result

from lendgate.audit import (
    AuditKey,
    CheckpointKey,
    Event,
    checkpoint_line,
    genesis,
    link,
    make_checkpoint,
    row_line,
)
from lendgate.audit.export import parse_row
from lendgate.bootstrap import secret_key
from lendgate.cloudflare.local_keys import load_or_create
from tests.support.command import json_lines, lendgate, said

AT = datetime(2026, 11, 22, 14, 5, 9, tzinfo=UTC)
ROWS = 5
Lines = list[bytes]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def trail(data_dir: Path) -> Lines:
    """An export as the keys of the data directory make it: a header and its rows."""
    keys = load_or_create(data_dir)
    key = AuditKey(*secret_key("", SecretStr(keys.audit_key)))
    key_id, seed = secret_key("", SecretStr(keys.checkpoint_key))
    head, rows = genesis("local"), []
    for number in range(ROWS):
        event = Event("review.completed", f"review-{number}", "system:workflow", AT + timedelta(number))
        added = link(key, head, event)
        head = added.head
        rows.append(row_line(added))
    signer = CheckpointKey(key_id, Ed25519PrivateKey.from_private_bytes(seed))
    return [checkpoint_line(make_checkpoint(signer, head, AT)), *rows]


@pytest.fixture
def verify(data_dir: Path, tmp_path: Path) -> Callable[..., Result]:
    """Verifies lines as a file."""

    def check(lines: Lines, *options: str) -> Result:
        file = tmp_path / "trail.jsonl"
        file.write_bytes(b"".join(lines))
        return lendgate("audit", "verify", str(file), "--data-dir", str(data_dir), *options)

    return check


def test_a_whole_trail_is_exit_0(trail: Lines, verify: Callable[..., Result]) -> None:
    """In words and as JSON."""
    assert f"is whole: {ROWS} rows verified" in said(verify(trail))
    (verdict,) = json_lines(verify(trail, "--json"))
    assert verdict == {"ok": True, "tenant": "local", "rows": ROWS, "defect": None}


SPOILED: dict[str, tuple[Callable[[Lines], Lines], str]] = {
    "edited": (lambda t: [*t[:3], t[3].replace(b"review-2", b"review-9"), *t[4:]], "line 4, row 3: its MAC"),
    "deleted": (lambda t: [*t[:3], *t[4:]], "line 4, row 3: row 4 stands where row 3 is due"),
    "repeated": (lambda t: [*t[:3], t[2], *t[3:]], "line 4, row 3: row 2 stands where row 3 is due"),
    "swapped": (lambda t: [*t[:2], t[3], t[2], *t[4:]], "line 3, row 2: row 3 stands"),
    "cut off": (lambda t: t[:-1], f"line {ROWS + 1}, row {ROWS}: the trail ends here"),
    "without header": (lambda t: t[1:], "line 1, header"),
    "empty": (lambda _t: [], "the export is empty"),
    "not a trail": (lambda _t: [b"hello\n"], "line 1, header"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_invariant_e_a_spoiled_trail_is_exit_1_and_names_the_row(
    name: str, trail: Lines, verify: Callable[..., Result]
) -> None:
    """The first line that does not fit, with its row."""
    spoil, words = SPOILED[name]
    result = verify(spoil(trail))
    assert result.exit_code == 1
    assert words in said(result)


def test_a_spoiled_trail_as_json_is_exit_1_too(trail: Lines, verify: Callable[..., Result]) -> None:
    """Programs read the same verdict."""
    result = verify(trail[:-1], "--json")
    (verdict,) = json_lines(result)
    assert (result.exit_code, verdict["ok"], verdict["rows"]) == (1, False, ROWS - 1)


def test_a_checkpoint_kept_elsewhere_finds_a_trail_made_anew(
    trail: Lines, verify: Callable[..., Result], tmp_path: Path
) -> None:
    """The header of an earlier export vouches for rows that a shorter, well-formed trail lacks."""
    kept = tmp_path / "kept.jsonl"
    kept.write_bytes(trail[0])
    assert verify(trail, "--checkpoints", str(kept)).exit_code == 0
    other = lendgate("audit", "verify", str(kept), "--tenant", "other", "--data-dir", str(tmp_path / "data"))
    assert other.exit_code == 1
    assert "this is the trail of 'local', not of 'other'" in said(other)


def test_a_trail_checked_with_other_keys_does_not_verify(trail: Lines, tmp_path: Path) -> None:
    """Whose keys they are is part of the proof."""
    file = tmp_path / "trail.jsonl"
    file.write_bytes(b"".join(trail))
    assert lendgate("audit", "verify", str(file), "--data-dir", str(tmp_path / "elsewhere")).exit_code == 1


def test_a_trail_whose_key_was_rotated_verifies_with_both(
    trail: Lines, verify: Callable[..., Result], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key in force first, the earlier one after it; with one of them alone it does not verify."""
    keys = load_or_create(data_dir)
    new = AuditKey("audit-2", b"n" * 32)
    key_id, seed = secret_key("", SecretStr(keys.checkpoint_key))
    last = parse_row(trail[-1], "local")
    added = link(new, last.head, Event("review.completed", "review-5", "system:workflow", AT))
    signer = CheckpointKey(key_id, Ed25519PrivateKey.from_private_bytes(seed))
    lines = [checkpoint_line(make_checkpoint(signer, added.head, AT)), *trail[1:], row_line(added)]
    alone = f"audit-2:{base64.urlsafe_b64encode(new.secret).decode()}"
    monkeypatch.setenv("LENDGATE_AUDIT_KEY", f"{alone},{keys.audit_key}")
    assert f"is whole: {ROWS + 1} rows verified" in said(verify(lines))
    monkeypatch.setenv("LENDGATE_AUDIT_KEY", alone)
    assert "line 2, row 1: no audit key" in said(verify(lines))
    monkeypatch.setenv("LENDGATE_AUDIT_KEY", keys.audit_key)
    assert f"row {ROWS + 1}: no audit key 'audit-2' is known" in said(verify(lines))


@pytest.mark.parametrize("option", ["", "--checkpoints"])
def test_a_file_that_is_not_there_is_exit_1(
    option: str, trail: Lines, verify: Callable[..., Result], tmp_path: Path
) -> None:
    """One sentence."""
    missing = str(tmp_path / "nowhere.jsonl")
    result = verify(trail, option, missing) if option else lendgate("audit", "verify", missing)
    assert result.exit_code == 1
    assert "cannot read" in said(result)
