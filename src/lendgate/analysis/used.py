"""What a model's answer used, in the published shape: failed attempts counted in."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from lendgate.claude.errors import ModelError
from lendgate.claude.port import ModelReply, ModelRequest
from lendgate.claude.port import Usage as Tokens
from lendgate.schema import Usage

_MOST_DOLLARS: Final = Decimal(1_000_000)


def usage_of(reply: ModelReply) -> Usage:
    """What a reply used."""
    return _usage(reply.model, reply.usage, reply.cost, reply.prompt_hash, reply.request_id)


def usage_after(error: ModelError, request: ModelRequest) -> Usage:
    """What a call that came to nothing used."""
    return _usage(request.model, error.usage or Tokens(), error.cost, request.prompt_hash, error.request_id)


def _usage(model: str, tokens: Tokens, cost: Decimal, prompt: str, request_id: str | None) -> Usage:
    return Usage(
        model=model,
        input_tokens=tokens.total_input,
        cached_tokens=tokens.cache_read_tokens,
        output_tokens=tokens.output_tokens,
        cost_usd=min(cost, _MOST_DOLLARS),
        prompt_sha256=prompt,
        request_id=request_id,
    )
