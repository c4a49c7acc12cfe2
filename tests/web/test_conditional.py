"""Entity tags: one version, strongly named; everything else is another one."""

from __future__ import annotations

import pytest

from lendgate.review.refusals import StaleError
from lendgate.web.conditional import NoVersionError, is_known, tag, version_of
from lendgate.web.preferences import prefers_pdf


def test_a_tag_reads_back_as_its_version() -> None:
    """And spaces around it are nothing."""
    assert version_of(tag(7)) == version_of(f" {tag(7)} ") == 7


@pytest.mark.parametrize("header", ["", "*", "7", '"0"', '"07"', 'W/"7"', '"7","8"', '"x"', '"1234567"'])
def test_what_names_no_version_is_stale(header: str) -> None:
    """412, never a guess."""
    with pytest.raises(StaleError):
        version_of(header)


def test_a_change_without_a_version_is_refused() -> None:
    """428."""
    with pytest.raises(NoVersionError):
        version_of(None)


@pytest.mark.parametrize(
    ("header", "known"),
    [(None, False), ('"1"', True), ('W/"1"', True), ('"0", "1"', True), ("*", True), ('"2"', False)],
)
def test_what_the_caller_knows(header: str | None, *, known: bool) -> None:
    """Weak comparison, as RFC 9110 13.1.2 says."""
    assert is_known(header, '"1"') is known


@pytest.mark.parametrize(
    ("accept", "pdf"),
    [
        (None, False),
        ("*/*", False),
        ("text/html", False),
        ("application/pdf", True),
        ("text/html;q=0.5, application/pdf", True),
        ("text/html, application/pdf;q=0.9", False),
        ("application/*", True),
        ("application/pdf;q=0, */*", False),
        ("application/pdf;q=nonsense", False),
    ],
)
def test_pdf_is_sent_where_it_is_preferred(accept: str | None, *, pdf: bool) -> None:
    """HTML otherwise."""
    assert prefers_pdf(accept) is pdf
