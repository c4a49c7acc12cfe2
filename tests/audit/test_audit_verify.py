"""Invariant e, offline: any edit, insert, delete, reorder, truncation or tenant swap is found and named."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from lendgate.audit import (
    AuditKey,
    Checkpoint,
    CheckpointKey,
    Event,
    Head,
    Link,
    Verdict,
    checkpoint_line,
    genesis,
    link,
    make_checkpoint,
    read_lines,
    row_line,
    verify,
)
from lendgate.audit.lines import MAX_LINE_BYTES

OLD_KEY, KEY = AuditKey("k1", b"1" * 32), AuditKey("k2", b"2" * 32)
SIGNER = CheckpointKey("c1", Ed25519PrivateKey.generate())
AUTHORITIES = {"c1": SIGNER.private.public_key()}
AT = datetime(2026, 11, 22, tzinfo=UTC)
ROWS = 12


def chain(tenant: str, count: int, *, word: str = "a") -> Iterator[Link]:
    """A chain whose key was rotated after row 3."""
    head = genesis(tenant)
    for number in range(1, count + 1):
        key = OLD_KEY if number <= 3 else KEY
        at = AT + timedelta(seconds=number)
        row = link(key, head, Event("review.started", f"r-{number}", "system:workflow", at, {"word": word}))
        yield row
        head = row.head


def export(rows: list[Link], tenant: str = "acme") -> list[bytes]:
    """The lines that the store would export."""
    head = rows[-1].head if rows else genesis(tenant)
    return [checkpoint_line(make_checkpoint(SIGNER, head, AT)), *map(row_line, rows)]


def judge(lines: list[bytes], checkpoints: tuple[Checkpoint, ...] = ()) -> Verdict:
    """The verdict on an export of tenant acme."""
    return verify(lines, "acme", keys=(OLD_KEY, KEY), authorities=AUTHORITIES, checkpoints=checkpoints)


TRAIL = list(chain("acme", ROWS))
LINES = export(TRAIL)
FOREIGN = list(chain("other", ROWS))
numbers = st.integers(1, ROWS)


def found(lines: list[bytes], *, row: int) -> None:
    """The verdict names exactly this row as the first bad one."""
    verdict = judge(lines)
    assert verdict.defect is not None
    assert (verdict.defect.sequence, verdict.defect.line, verdict.rows) == (row, row + 1, row - 1)


@pytest.mark.parametrize("count", [0, 1, 2, ROWS])
def test_untouched_trail_verifies(count: int) -> None:
    """A chain without tampering is whole, whatever its length, across a key rotation."""
    verdict = judge(export(list(chain("acme", count))))
    assert (verdict.ok, verdict.rows, verdict.as_of) == (True, count, AT)


@given(numbers, st.data())
@settings(max_examples=300)
def test_any_changed_byte_of_a_row_is_found(row: int, data: st.DataObject) -> None:
    """Whatever byte of a row is changed, that row is named."""
    line = LINES[row]
    place = data.draw(st.integers(0, len(line) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != line[place]))
    found([*LINES[:row], line[:place] + bytes([byte]) + line[place + 1 :], *LINES[row + 1 :]], row=row)


@given(numbers)
def test_edit_remade_with_another_key_is_found(row: int) -> None:
    """Someone without the key who edits a row and remakes its MAC is found at that row."""
    thief = AuditKey(TRAIL[row - 1].key_id, b"x" * 32)
    before = TRAIL[row - 2].head if row > 1 else genesis("acme")
    forged = link(thief, before, Event("review.failed", "r-0", "system:workflow", AT))
    found([*LINES[:row], row_line(forged), *LINES[row + 1 :]], row=row)


@given(numbers, st.integers(1, ROWS + 1))
def test_inserted_row_is_found(copied: int, place: int) -> None:
    """A row put in a second time is named where it stands."""
    found([*LINES[:place], LINES[copied], *LINES[place:]], row=place if copied != place else place + 1)


@given(numbers)
def test_deleted_row_is_found(row: int) -> None:
    """A row taken out, the last one too, is named by its number."""
    found([*LINES[:row], *LINES[row + 1 :]], row=row)


@given(st.permutations(range(1, ROWS + 1)).filter(lambda order: list(order) != sorted(order)))
def test_reordered_rows_are_found(order: list[int]) -> None:
    """The first row that stands out of order is named."""
    first = next(index for index, number in enumerate(order, 1) if index != number)
    found([LINES[0], *(LINES[number] for number in order)], row=first)


@given(st.integers(0, ROWS - 1))
def test_truncated_export_is_found(kept: int) -> None:
    """An export cut short names the first row that is missing."""
    found(LINES[: kept + 1], row=kept + 1)


@given(numbers)
def test_row_of_another_tenant_is_found(row: int) -> None:
    """A row moved in from another tenant's trail is named."""
    found([*LINES[:row], row_line(FOREIGN[row - 1]), *LINES[row + 1 :]], row=row)


def test_trail_of_another_tenant_is_found() -> None:
    """A whole, genuine trail of somebody else is not this tenant's."""
    defect = judge(export(FOREIGN, "other")).defect
    assert str(defect) == "line 1, header: this is the trail of 'other', not of 'acme'"


def test_trail_of_another_tenant_under_our_name_is_found() -> None:
    """Another tenant's rows under a header for ours fail at row 1."""
    header = make_checkpoint(SIGNER, Head("acme", ROWS, FOREIGN[-1].mac), AT)
    found([checkpoint_line(header), *map(row_line, FOREIGN)], row=1)


@given(st.integers(0, len(LINES[0]) - 1), st.integers(1, 255))
def test_any_changed_byte_of_the_header_is_found(place: int, mask: int) -> None:
    """Whatever byte of the header is changed, the header is named."""
    header = LINES[0][:place] + bytes([LINES[0][place] ^ mask]) + LINES[0][place + 1 :]
    defect = judge([header, *LINES[1:]]).defect
    assert defect is not None
    assert (defect.line, defect.sequence) == (1, 0)


def test_empty_export_is_a_defect() -> None:
    """No lines at all is not an empty trail: that has a signed header."""
    assert str(judge([]).defect) == "line 1, header: the export is empty: it has no header"


def test_empty_trail_begins_with_the_tenant() -> None:
    """A signed header for zero rows with another beginning is refused."""
    header = make_checkpoint(SIGNER, Head("acme", 0, bytes(32)), AT)
    assert "another beginning" in str(judge([checkpoint_line(header)]).defect)


@pytest.mark.parametrize("kept", [0, 4, ROWS - 1])
def test_truncation_in_the_database_is_found_by_a_checkpoint(kept: int) -> None:
    """Rows cut off before the export, header made anew, are missed by a checkpoint kept elsewhere."""
    verdict = judge(export(TRAIL[:kept]), (make_checkpoint(SIGNER, TRAIL[-1].head, AT),))
    assert verdict.defect is not None
    assert verdict.defect.sequence == kept + 1
    assert "vouches for row 12" in verdict.defect.detail


def test_trail_remade_with_the_key_is_found_by_a_checkpoint() -> None:
    """Even a holder of the chain key cannot remake rows that a checkpoint vouches for."""
    remade = export(list(chain("acme", ROWS, word="b")))
    assert judge(remade).ok
    defect = judge(remade, (make_checkpoint(SIGNER, TRAIL[4].head, AT),)).defect
    assert defect is not None
    assert (defect.sequence, "checkpoint of 2026-11-22" in defect.detail) == (5, True)


def test_fitting_checkpoints_are_no_defect() -> None:
    """Checkpoints of this chain, and those of other tenants, leave the verdict as it is."""
    kept = [make_checkpoint(SIGNER, row.head, AT) for row in (*TRAIL, *FOREIGN)]
    assert judge(LINES, (make_checkpoint(SIGNER, genesis("acme"), AT), *kept)).ok


def test_forged_checkpoint_is_a_defect() -> None:
    """A checkpoint that nobody known signed spoils the verdict instead of being passed over."""
    forger = CheckpointKey("c1", Ed25519PrivateKey.generate())
    assert "does not fit" in str(judge(LINES, (make_checkpoint(forger, TRAIL[4].head, AT),)).defect)


def test_checkpoints_that_disagree_are_a_defect() -> None:
    """Two genuine checkpoints for one row mean that the trail was remade."""
    other = next(chain("acme", 1, word="b"))
    both = (make_checkpoint(SIGNER, TRAIL[0].head, AT), make_checkpoint(SIGNER, other.head, AT))
    assert "disagree about row 1" in str(judge(LINES, both).defect)


def test_row_of_an_unknown_key_is_a_defect() -> None:
    """A chain cannot be verified without every key it was made with."""
    defect = verify(LINES, "acme", keys=(KEY,), authorities=AUTHORITIES).defect
    assert str(defect) == "line 2, row 1: no audit key 'k1' is known"


def test_rows_beyond_the_header_are_a_defect() -> None:
    """A header vouches for its rows and no more."""
    longer = list(chain("acme", ROWS + 1))
    found([LINES[0], *map(row_line, longer)], row=ROWS + 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line[:-1],
        lambda line: line[:-1] + b" \n",
        lambda line: line[:-1] + b"\r\n",
        lambda line: line.replace(b'{"event"', b'{ "event"'),
        lambda line: line.replace(b'"key_id"', b'"key_id":"k1","key_id"'),
        lambda line: line.replace(b'"data":{', b'"data":{"w":1.5,'),
        lambda line: b'{"event":[],' + line.split(b"},", 2)[-1],
        lambda line: b"\n",
        lambda line: b"x" * MAX_LINE_BYTES,
    ],
)
def test_line_in_another_spelling_is_a_defect(spoil: Callable[[bytes], bytes]) -> None:
    """What another reader could read differently is refused, even where the value is the same."""
    found([*LINES[:5], spoil(LINES[5]), *LINES[6:]], row=5)


def test_lines_are_read_in_bounded_pieces() -> None:
    """A file without line feeds is not read into memory at once."""
    pieces = list(read_lines(io.BytesIO(b"x" * (2 * MAX_LINE_BYTES + 1))))
    assert [len(piece) for piece in pieces] == [MAX_LINE_BYTES, MAX_LINE_BYTES, 1]


def test_memory_does_not_grow_with_the_trail() -> None:
    """Verifying 3,000 rows takes no more memory than verifying 300."""

    def peak(count: int) -> int:
        *_, last = chain("acme", count)
        lines = (row_line(row) for row in chain("acme", count))
        header = [checkpoint_line(make_checkpoint(SIGNER, last.head, AT))]
        tracemalloc.start()
        verdict = verify(
            (line for part in (header, lines) for line in part),
            "acme",
            keys=(OLD_KEY, KEY),
            authorities=AUTHORITIES,
        )
        high = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert verdict.ok
        return high

    peak(10)
    assert peak(3_000) < peak(300) + 20_000
