"""Damaged and hostile files through the reader process: a clear answer each, and the next file is read."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator

import pytest

from lendgate.documents.limits import Limits
from lendgate.documents.model import Reading, Refusal
from lendgate.documents.sandbox import Sandbox
from lendgate.documents.triage import triage
from tests.documents.printed import pay_stub
from tests.documents.printed_forms import w2
from tests.documents.printed_statements import statement
from tests.documents.reading import CASE
from tests.documents.sheet import Sheet, pdf_of

GOOD = pdf_of(pay_stub(1).sheet, w2(1).sheet, statement(1).sheet)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One reader for the module; pages of these files are quick."""
    with Sandbox(Limits(page_seconds=20)) as running:
        yield running


def damaged(seed: int) -> bytes:
    """The good file cut, scrambled, torn or repeated in parts."""
    rng = random.Random(seed)
    content = bytearray(GOOD)
    start = rng.randrange(len(content))
    end = min(start + rng.randrange(1, 1500), len(content))
    way = seed % 5
    if way == 0:
        return bytes(content[:start])
    if way == 1:
        for _ in range(10):
            content[rng.randrange(len(content))] = rng.randrange(256)
    elif way == 2:
        del content[start:end]
    elif way == 3:
        content[start:start] = content[start:end] * 20
    else:
        content[start:start] = rng.randbytes(400)
    return bytes(content)


def answered(sandbox: Sandbox, content: bytes) -> str:
    """Where a hostile file goes; the reader answers whatever it is."""
    result = sandbox.read(content)
    assert isinstance(result, Reading | Refusal)
    routed = triage(result, CASE).routed
    assert routed.destination in {"accept", "human_review", "return_to_sender"}
    return routed.destination


def test_damaged_files_are_answered(sandbox: Sandbox) -> None:
    """Ten ways to damage a file."""
    for seed in range(10):
        answered(sandbox, damaged(seed))
    assert isinstance(sandbox.read(GOOD), Reading)


def test_a_page_tree_that_goes_round_in_circles(sandbox: Sandbox) -> None:
    """A loop of page nodes ends."""
    answered(sandbox, GOOD.replace(b"/Type /Pages /Kids [", b"/Type /Pages /Kids [2 0 R "))


def test_a_content_stream_that_inflates_without_end() -> None:
    """Fifty megabytes of drawing in fifty kilobytes of file."""
    bomb = zlib.compress(b"0 0 m 9 9 l S\n" * 4_000_000, 9)
    page = pdf_of(Sheet())
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(bomb) + bomb + b"\nendstream"
    content = pdf_of(Sheet(), objects=(stream,)).replace(b"/Contents 6 0 R", b"/Contents 4 0 R")
    assert content != page
    with Sandbox(Limits(page_seconds=3)) as hasty:
        assert answered(hasty, content) in {"human_review", "return_to_sender"}


def test_a_page_larger_than_any_paper(sandbox: Sandbox) -> None:
    """The page is drawn small enough, whatever it claims."""
    answered(sandbox, GOOD.replace(b"/MediaBox [0 0 612 792]", b"/MediaBox [0 0 9e9 9e9]"))


def test_forms_within_forms(sandbox: Sandbox) -> None:
    """A drawing that draws itself ends."""
    body = b"/Fm0 Do"
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /Fm0 4 0 R >> >> "
    stream = form + b"/Length %d >>\nstream\n" % len(body) + body + b"\nendstream"
    sheet = Sheet(extra="/Fm0 Do")
    content = pdf_of(sheet, objects=(stream,)).replace(b"/Font <<", b"/XObject << /Fm0 4 0 R >> /Font <<")
    answered(sandbox, content)
