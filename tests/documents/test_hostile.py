"""Damaged and hostile files through the reader process: a clear answer each, and the next file is read."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from lendgate.documents.limits import Limits
from lendgate.documents.model import Reading, Refusal
from lendgate.documents.refuse import SENTENCES
from lendgate.documents.route import IN_REVIEW, Routed
from lendgate.documents.sandbox import Sandbox
from lendgate.documents.triage import Triage, triage
from tests.documents.hostile import HOSTILE, damaged
from tests.documents.printed import pay_stub
from tests.documents.printed_forms import w2
from tests.documents.printed_statements import statement
from tests.documents.reading import CASE
from tests.documents.sheet import pdf_of

GOOD = pdf_of(pay_stub(1).sheet, w2(1).sheet, statement(1).sheet)
REFUSED = {
    "encrypted_pdf": {"encrypted"},
    "png_of_50000_by_50000": {"too_many_pixels"},
    "png_with_a_bomb_of_text": {"broken"},
    "pdf_of_ten_thousand_pages": {"too_many_pages"},
    "pdf_that_claims_ten_thousand_pages": {"too_many_pages", "broken"},
    "pdf_full_of_letters": {"too_much_text"},
    "tiff_of_six_hundred_pages": {"too_many_pages"},
    "zip_called_pdf": {"unsupported"},
}
"""Those that have one right answer; the others are read, or refused for what the kernel ended them for."""
MARKED = {"pdf_with_a_script": "script", "pdf_with_a_launch": "script", "pdf_with_a_file": "attachment"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One hasty reader for the module; pages of these files are quick, or never end."""
    with Sandbox(Limits(page_seconds=3, file_seconds=6, memory_bytes=2 * 1024**3)) as running:
        yield running


def answered(sandbox: Sandbox, content: bytes) -> Triage:
    """The triage of a hostile file: whatever it is, it goes somewhere, with a sentence."""
    result = triage(sandbox.read(content), CASE)
    assert isinstance(result.file, Reading | Refusal)
    assert result.routed.destination == "accept" or clear(result.routed)
    return result


def clear(routed: Routed) -> bool:
    """Whether the sender is told something to act on, or that a person looks."""
    return bool(routed.told) and (routed.destination == "return_to_sender" or IN_REVIEW in routed.told)


@pytest.mark.parametrize("name", HOSTILE)
def test_every_hostile_file_has_a_clear_answer(name: str, sandbox: Sandbox) -> None:
    """Bombs, circles, claims and carriers: refused for the right cause, or read and marked."""
    result = answered(sandbox, HOSTILE[name]())
    if name in REFUSED:
        assert isinstance(result.file, Refusal)
        assert result.file.code in REFUSED[name]
        assert result.file.detail == SENTENCES[result.file.code]
    if name in MARKED:
        assert isinstance(result.file, Reading)
        assert MARKED[name] in {mark.kind for mark in result.file.marks}
        assert "active_content" in {reason.code for reason in result.routed.reasons}


def test_the_next_file_is_read_as_ever(sandbox: Sandbox) -> None:
    """Nothing of the hostile ones is left behind."""
    assert isinstance(sandbox.read(GOOD), Reading)


def test_damaged_files_are_answered(sandbox: Sandbox) -> None:
    """A small sample of what ``bench.documents_fuzz`` does by the hundred."""
    rng = random.Random(1)
    for _ in range(8):
        answered(sandbox, damaged(GOOD, rng))
