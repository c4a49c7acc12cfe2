"""The Worker's live log, read over Cloudflare's WebSocket and shown without anything private.

Law: every line goes through ``redact``. The address of the live log is itself a credential: it is never
shown, and the log is closed at Cloudflare when the reading ends, however it ends.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import JsonValue
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from lendgate.cloudflare.api.failures import CloudflareError
from lendgate.cloudflare.api.worker import Worker
from lendgate.cloudflare.redact import member, path_only, redact_text, redact_value

PROTOCOL: Final = Subprotocol("trace-v1")
_MILLISECONDS: Final = 1000
_SILENT: Final = logging.Logger("tail", logging.CRITICAL + 1)  # noqa: LOG001 - in no tree: no level wakes it
"""The library's debug log would show the address."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One invocation of the Worker."""

    at: str
    """RFC 3339, UTC."""
    outcome: str
    """Cloudflare's word: ok, exception, exceededCpu, canceled …"""
    method: str
    path: str
    status: int | None
    ray: str
    version: str
    messages: tuple[str, ...]

    def __str__(self) -> str:
        status = self.status if self.status is not None else "-"
        head = f"{self.at} {self.outcome} {self.method} {self.path} {status} ray={self.ray} {self.version}"
        return "\n  ".join([head.rstrip(), *self.messages])

    def as_json(self) -> dict[str, JsonValue]:
        """For ``--json``."""
        return {**asdict(self), "messages": list(self.messages)}


async def follow(worker: Worker) -> AsyncGenerator[LogLine, None]:
    """The Worker's invocations as they happen, until Cloudflare ends the live log (some hours).

    Raises:
        CloudflareError: the live log cannot be opened.
    """
    async with _opened(worker) as url:
        try:
            async with connect(url, subprotocols=[PROTOCOL], logger=_SILENT) as socket:
                await socket.send(json.dumps({"debug": False}))
                async for message in socket:
                    yield read_event(message)
        except ConnectionClosed:
            return
        except (OSError, InvalidHandshake) as cause:
            raise CloudflareError(
                f"the live log cannot be reached ({type(cause).__name__}). Run the command again."
            ) from None


@asynccontextmanager
async def _opened(worker: Worker) -> AsyncIterator[str]:
    tail = await worker.start_tail()
    worker.api.scrub.learn(tail.url)
    try:
        yield tail.url
    finally:
        await worker.stop_tail(tail.id)


def read_event(message: str | bytes) -> LogLine:
    """One ``trace-v1`` message, redacted."""
    try:
        event = json.loads(message)
    except ValueError:
        event = {}
    event = event if isinstance(event, dict) else {}
    status = member(event, "event", "response", "status")
    return LogLine(
        at=_at(event),
        outcome=_text(event, "outcome"),
        method=_text(event, "event", "request", "method") or "-",
        path=path_only(str(member(event, "event", "request", "url") or "")),
        status=status if isinstance(status, int) else None,
        ray=_text(event, "event", "request", "headers", "cf-ray"),
        version=_text(event, "scriptVersion", "id"),
        messages=(*_logs(event), *_exceptions(event)),
    )


def _at(event: dict[str, JsonValue]) -> str:
    stamp = member(event, "eventTimestamp")
    if not isinstance(stamp, int | float):
        return "-"
    return datetime.fromtimestamp(stamp / _MILLISECONDS, UTC).isoformat(timespec="milliseconds")


def _text(event: dict[str, JsonValue], *names: str) -> str:
    value = member(event, *names)
    return redact_text(value) if isinstance(value, str) else ""


def _logs(event: dict[str, JsonValue]) -> list[str]:
    logs = member(event, "logs")
    lines = [entry for entry in logs if isinstance(entry, dict)] if isinstance(logs, list) else []
    return [f"{entry.get('level', 'log')}: {_words(entry.get('message'))}" for entry in lines]


def _words(message: JsonValue) -> str:
    parts = message if isinstance(message, list) else [message]
    return " ".join(_word(part) for part in parts)


def _word(part: JsonValue) -> str:
    """A logged value; text that is JSON is treated as the structure it is."""
    if isinstance(part, str):
        try:
            read = json.loads(part)
        except ValueError:
            return redact_text(part)
        part = read if isinstance(read, dict | list) else part
    shown = redact_value(part)
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)


def _exceptions(event: dict[str, JsonValue]) -> list[str]:
    found = member(event, "exceptions")
    thrown = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    return [f"exception: {_text(entry, 'name')}: {_text(entry, 'message')}".rstrip(": ") for entry in thrown]
