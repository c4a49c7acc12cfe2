"""The reader process: whatever a file does there comes back as an answer, and the next file is read."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from lendgate.documents.limits import Limits
from lendgate.documents.model import Reading, Refusal
from lendgate.documents.sandbox import Sandbox
from tests.documents.printed import pay_stub
from tests.documents.reading import read_bytes
from tests.documents.sheet import Sheet, pdf_of, picture_of, png_of


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One reader for the module."""
    with Sandbox() as running:
        yield running


def small_picture() -> bytes:
    """A picture with two words on it."""
    sheet = Sheet()
    sheet.put(60, 100, "Hello reader", 24)
    return png_of(picture_of(sheet, side=500))


def test_a_file_is_read_as_in_this_process(sandbox: Sandbox) -> None:
    """Pages, boxes and marks come through unchanged, page by page."""
    content = pdf_of(pay_stub(131).sheet, Sheet())
    told: list[tuple[int, int]] = []
    result = sandbox.read(content, lambda done, of: told.append((done, of)))
    assert result == read_bytes(content)
    assert told == [(1, 2), (2, 2)]


def test_pages_are_shown_and_places_read_again(sandbox: Sandbox) -> None:
    """A PNG of a page, and a second reading of a box."""
    content = pdf_of(pay_stub(131).sheet)
    result = sandbox.read(content)
    assert isinstance(result, Reading)
    (page,) = result.pages
    assert sandbox.picture(content, page, 300).startswith(b"\x89PNG")
    net = next(span for span in page.spans if span.text == "Net Pay")
    (span,) = sandbox.reread(content, page, [net.box])
    assert span.text.replace(" ", "").casefold() == "netpay"


def test_bad_files_are_answered_and_the_next_one_is_read(sandbox: Sandbox) -> None:
    """A refusal does not end the reader."""
    for content, code in ((b"", "empty"), (b"%PDF-1.7 x", "broken"), (b"GIF89a", "unsupported")):
        result = sandbox.read(content)
        assert isinstance(result, Refusal)
        assert result.code == code
    assert isinstance(sandbox.read(pdf_of(Sheet())), Reading)


def test_a_page_that_takes_too_long_is_ended() -> None:
    """The kernel ends the child; the answer says so."""
    with Sandbox(Limits(page_seconds=0)) as hasty:
        result = hasty.read(small_picture())
    assert isinstance(result, Refusal)
    assert result.code == "timed_out"


def test_a_file_that_needs_too_much_memory_is_ended() -> None:
    """The child's address space is bounded; OCR does not fit into it."""
    with Sandbox(Limits(memory_bytes=400 * 1024 * 1024)) as tight:
        result = tight.read(small_picture())
        assert isinstance(result, Refusal)
        assert result.code in {"out_of_memory", "crashed"}
        assert isinstance(tight.read(pdf_of(Sheet())), Reading)


def test_a_reader_that_dies_is_replaced(sandbox: Sandbox) -> None:
    """Killed between two files, it starts anew after one refusal."""
    assert isinstance(sandbox.read(pdf_of(Sheet())), Reading)
    assert sandbox._process is not None
    os.kill(sandbox._process._process.pid, 9)
    sandbox._process._process.wait()
    first = sandbox.read(pdf_of(Sheet()))
    assert isinstance(first, Refusal)
    assert first.code == "crashed"
    assert isinstance(sandbox.read(pdf_of(Sheet())), Reading)


def test_the_reader_inherits_no_secret(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment holds where modules are, and nothing of ours."""
    monkeypatch.setenv("LENDGATE_TEST_SECRET", "hunter2")
    with Sandbox() as fresh:
        assert isinstance(fresh.read(pdf_of(Sheet())), Reading)
        assert fresh._process is not None
        with open(f"/proc/{fresh._process._process.pid}/environ", "rb") as environment:  # noqa: PTH123 - procfs
            assert b"hunter2" not in environment.read()
    assert sandbox is not fresh
