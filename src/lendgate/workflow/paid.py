"""What a model was paid for is kept before it is used.

Law: a reply goes to the store first and to the reviewer second, so a review that is carried out again
finds it there and pays for nothing twice but what was under way when the process died. The key is the
review and a fingerprint of everything that was asked: another prompt, model or fact is another question.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from pydantic import BaseModel, ConfigDict

from lendgate.claude.output import schema_text
from lendgate.claude.port import (
    Finished,
    ModelEvent,
    ModelPort,
    ModelReply,
    ModelRequest,
    TextDelta,
    Usage,
)
from lendgate.store.database import Database, StoreUnavailableError
from lendgate.store.model_replies import PaidReply, find_reply, keep_reply

_WAITS: Final = (0.1, 0.3, 1.0, 3.0, 5.0)
"""Seconds between attempts to keep a reply: it was paid for, and a database soon comes back."""


class _Kept(BaseModel):
    """A ``ModelReply`` as it is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    parsed: str | None
    stop_reason: str
    usage: Usage
    model: str
    request_id: str | None
    prompt_hash: str
    request_hash: str
    inference_geo: str | None
    metered: bool
    cost: Decimal


@dataclass(frozen=True, slots=True)
class SavedModel:
    """A port that asks the store before it asks the model behind it."""

    inner: ModelPort
    database: Database
    now: Callable[[], datetime]

    async def complete(self, request: ModelRequest) -> ModelReply:
        """The kept reply, or a new one, kept.

        Raises:
            StoreUnavailableError: the store could not be asked, or a paid reply not be kept.
        """
        kept = await self._find(request)
        return kept or await self._keep(request, await self.inner.complete(request))

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """The kept reply in one piece, or a new one as it comes, kept before its end is told."""
        kept = await self._find(request)
        if kept is not None:
            yield TextDelta(kept.text)
            yield Finished(kept)
            return
        async with aclosing(self.inner.stream(request)) as events:
            async for event in events:
                if isinstance(event, Finished):
                    yield Finished(await self._keep(request, event.reply))
                else:
                    yield event

    async def _find(self, request: ModelRequest) -> ModelReply | None:
        async with self.database.tenant(request.tenant) as tx:
            text = await find_reply(tx, request.subject, fingerprint(request))
        return _read(text, request) if text is not None else None

    async def _keep(self, request: ModelRequest, reply: ModelReply) -> ModelReply:
        """Keep a paid reply, however long the database takes to come back; the one to use."""
        # Shielded: a caller that gives up now would have paid for nothing.
        return await asyncio.shield(asyncio.ensure_future(self._insisting(request, reply)))

    async def _insisting(self, request: ModelRequest, reply: ModelReply) -> ModelReply:
        for wait in _WAITS:
            try:
                return await self._keep_once(request, reply)
            except StoreUnavailableError:
                await asyncio.sleep(wait)
        return await self._keep_once(request, reply)

    async def _keep_once(self, request: ModelRequest, reply: ModelReply) -> ModelReply:
        key = fingerprint(request)
        paid = PaidReply(
            subject=request.subject,
            fingerprint=key,
            purpose=request.purpose,
            model=reply.model,
            reply=_write(reply),
            cost=reply.cost,
            at=self.now(),
        )
        async with self.database.tenant(request.tenant) as tx:
            if await keep_reply(tx, paid):
                return reply
            first = await find_reply(tx, request.subject, key)
        return _read(first, request) if first is not None else reply


def fingerprint(request: ModelRequest) -> bytes:
    """SHA-256 of everything that is asked of the model, and of nothing else."""
    asked = {
        "purpose": request.purpose,
        "model": request.model,
        "system": [[block.text, block.cache] for block in request.system],
        "messages": [[turn.role, turn.text] for turn in request.messages],
        "max_tokens": request.max_tokens,
        "prompt_hash": request.prompt_hash,
        "output": schema_text(request.output) if request.output else None,
        "effort": request.effort,
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()


def _write(reply: ModelReply) -> str:
    parsed = reply.parsed.model_dump_json() if reply.parsed is not None else None
    fields = {**asdict(reply), "parsed": parsed, "usage": reply.usage}
    return _Kept.model_validate(fields).model_dump_json()


def _read(text: str, request: ModelRequest) -> ModelReply:
    kept = _Kept.model_validate_json(text)
    shape = request.output
    parsed = shape.model_validate_json(kept.parsed) if shape and kept.parsed is not None else None
    return ModelReply(**{**dict(kept), "parsed": parsed})
