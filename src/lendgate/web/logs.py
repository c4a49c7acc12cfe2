"""JSON logs: one line an event, with the request id, and nothing about a person.

Law: only the members named in ``ALLOWED`` are written beside the message; a message is a fixed
sentence, never a body, a name, a token or a database URL.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final, TextIO

request_id_of_log: ContextVar[str | None] = ContextVar("request_id", default=None)
traceparent_of_log: ContextVar[str | None] = ContextVar("traceparent", default=None)

ALLOWED: Final = (
    "route",
    "method",
    "status",
    "milliseconds",
    "tenant",
    "broker_id",
    "review_id",
    "outcome",
    "reviewer",
    "kind",
    "policy_version",
)


class JsonFormatter(logging.Formatter):
    """One compact JSON object a line; an exception as its type and places, never its values."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        ids = {"request_id": request_id_of_log.get(), "traceparent": traceparent_of_log.get()}
        line |= {name: value for name, value in ids.items() if value}
        line |= {name: record.__dict__[name] for name in ALLOWED if name in record.__dict__}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["at"] = _places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


def _places(trace: object) -> list[str]:
    frames = traceback.extract_tb(trace)[-5:]  # type: ignore[arg-type]
    return [f"{frame.name}:{frame.lineno}" for frame in frames]


def configure(level: str, stream: TextIO = sys.stderr) -> None:
    """Send every log of this process to ``stream`` as JSON lines."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    logging.getLogger("uvicorn.access").disabled = True  # the request log below says it with an id
    for chatty in ("uvicorn", "uvicorn.error", "httpx", "psycopg.pool", "alembic"):
        logger = logging.getLogger(chatty)
        logger.handlers = []
        logger.setLevel(max(logging.WARNING, root.level))
