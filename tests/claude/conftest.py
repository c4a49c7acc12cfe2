"""What this room's tests ask for: a request that is right, to be changed where a test needs it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lendgate.claude.port import ModelReply, ModelRequest, SystemBlock, Turn, Usage


@pytest.fixture
def ask() -> Callable[..., ModelRequest]:
    """Makes a request; keyword arguments replace its parts."""

    def make(**changes: object) -> ModelRequest:
        parts: dict[str, object] = {
            "purpose": "memo",
            "model": "claude-opus-5-5",
            "system": (SystemBlock("You write memos about cases. " * 100, "1h"),),
            "messages": (Turn("user", '<facts>{"debt_to_income":0.31,"income":95000}</facts>'),),
            "max_tokens": 1000,
            "tenant": "acme",
            "subject": "review-1",
            "deadline_seconds": 60.0,
            "prompt_hash": "0" * 64,
        }
        return ModelRequest(**(parts | changes))  # type: ignore[arg-type] # each test gives what it says

    return make


@pytest.fixture
def reply() -> ModelReply:
    """A reply that is all right."""
    return ModelReply(
        text="Fine.",
        parsed=None,
        stop_reason="end_turn",
        usage=Usage(input_tokens=100, output_tokens=20),
        model="standin-claude-opus-5-5",
        request_id="req_1",
        prompt_hash="0" * 64,
        request_hash="1" * 64,
        inference_geo="global",
    )
