"""The prompts of the intake assistant as they are sent: a change of a word shows here."""

from __future__ import annotations

import pytest

from tests.assistants.snapshot import DIRECTORY, rendered, requests


@pytest.mark.parametrize("purpose", ["intake-hearing", "intake-wording"])
def test_request_reads_as_its_snapshot(purpose: str) -> None:
    """Instructions, questions and what of the message may be passed on."""
    assert rendered(requests()[purpose]) == (DIRECTORY / f"{purpose}.txt").read_text(encoding="utf-8")


def test_instructions_are_the_same_bytes_in_every_call() -> None:
    """They come first and are cached."""
    for request in requests().values():
        assert [block.cache for block in request.system] == ["1h"]
        assert "{{" not in rendered(request)
