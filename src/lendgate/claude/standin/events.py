"""Events: a message as the server-sent events of a stream.

Order: message_start, then for each block start, deltas and stop, then message_delta with the stop reason
and the cumulative usage, then message_stop; a ping early on, as the real API sends it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from lendgate.claude.standin.answer import Answer, Json

_PIECE: Final = 24
_TOTALS: Final = frozenset(
    {
        "input_tokens",
        "output_tokens",
        "output_tokens_details",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
    }
)


def events(answer: Answer) -> Iterator[Json]:
    """The events of a whole message."""
    head = answer.message() | {"content": [], "stop_reason": None, "stop_details": None}
    yield {"type": "message_start", "message": head | {"usage": answer.usage | {"output_tokens": 1}}}
    yield {"type": "ping"}
    for index, block in enumerate(answer.content):
        yield {"type": "content_block_start", "index": index, "content_block": _opening(block)}
        for delta in _deltas(block):
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {
        "type": "message_delta",
        "delta": {
            "stop_reason": answer.stop_reason,
            "stop_sequence": None,
            "stop_details": answer.stop_details,
        },
        "usage": {name: count for name, count in answer.usage.items() if name in _TOTALS},
    }
    yield {"type": "message_stop"}


def _opening(block: Json) -> Json:
    match block["type"]:
        case "text":
            return {"type": "text", "text": ""}
        case "thinking":
            return {"type": "thinking", "thinking": "", "signature": ""}
        case _:
            return block | {"input": {}}


def _deltas(block: Json) -> Iterator[Json]:
    match block["type"]:
        case "text":
            for piece in _pieces(str(block["text"])):
                yield {"type": "text_delta", "text": piece}
        case "thinking":
            for piece in _pieces(str(block["thinking"])):
                yield {"type": "thinking_delta", "thinking": piece}
            yield {"type": "signature_delta", "signature": block["signature"]}
        case _:
            for piece in _pieces(json.dumps(block["input"])):
                yield {"type": "input_json_delta", "partial_json": piece}


def _pieces(text: str) -> Iterator[str]:
    for at in range(0, len(text), _PIECE):
        yield text[at : at + _PIECE]


def wire(event: Json) -> bytes:
    """One event as bytes."""
    return f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
