"""Entity tags: strong, of the bytes, and compared as If-None-Match asks."""

from __future__ import annotations

import pytest

from lendgate.web.etag import etag_of, is_known

TAG = etag_of("a body")


def test_a_tag_is_of_the_bytes() -> None:
    """Another byte, another tag; it is quoted."""
    assert etag_of("a body") == TAG
    assert etag_of("a body ") != TAG
    assert f'"{TAG[1:-1]}"' == TAG


@pytest.mark.parametrize("known", [TAG, f"W/{TAG}", "*", f'"x", {TAG}', f'W/"y",{TAG}', f" {TAG} "])
def test_a_tag_that_is_named_is_known(known: str) -> None:
    """Alone, in a list, weak or any."""
    assert is_known(known, TAG)


@pytest.mark.parametrize("known", [None, "", '""', '"x"', TAG[1:-1], f"{TAG[:-1]}", '"*"', "* ,"])
def test_a_tag_that_is_not_named_is_unknown(known: str | None) -> None:
    """Without quotes it is no tag."""
    assert not is_known(known, TAG)
