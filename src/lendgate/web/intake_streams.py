"""An intake conversation's events in the forms that chat interfaces read. Pure.

Law: the id of a frame is the event's in every form, so ``Last-Event-ID`` resumes in any.
Forms, chosen by ``Accept``:

    text/event-stream                     our own events, as ``assistants.intake.transcript`` has them
    text/event-stream; protocol=ag-ui     AG-UI 1.0: RUN_STARTED, TEXT_MESSAGE_START, …, RUN_FINISHED
    text/event-stream; protocol=ai-sdk    Vercel AI SDK, UI message stream 1: start, text-start, text-delta, …
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from lendgate.assistants.intake.transcript import TranscriptEvent

Protocol = Literal["native", "ag-ui", "ai-sdk"]
_PROTOCOL: Final = re.compile(r';\s*protocol\s*=\s*"?(ag-ui|ai-sdk)"?\s*(?=$|[,;])', re.IGNORECASE)
_Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Form:
    """One form of the stream: its frames, what comes after the last one, and headers of its own."""

    frames: Callable[[TranscriptEvent, str], str]
    end: str
    headers: Mapping[str, str]


def protocol_of(accept: str | None) -> Protocol:
    """The form that an Accept header asks for; our own where it names none we know."""
    match = _PROTOCOL.search(accept or "")
    if match is None:
        return "native"
    return "ag-ui" if match[1].lower() == "ag-ui" else "ai-sdk"


def native(event: TranscriptEvent, session_id: str) -> str:
    """Our own form: the event's kind, and what there is to it."""
    data: _Json = {"session_id": session_id, "message_id": event.message_id}
    if event.kind == "delta":
        data["text"] = event.text
    if event.kind == "completed":
        data |= {"asks": event.asks, "phase": event.phase}
    return _frame(event, [data], event.kind)


def ag_ui(event: TranscriptEvent, session_id: str) -> str:
    """AG-UI: a run is one answer; its thread is the session."""
    run: _Json = {"threadId": session_id, "runId": event.message_id}
    match event.kind:
        case "received":
            data: list[_Json] = [
                {"type": "CUSTOM", "name": "received", "value": {"messageId": event.message_id}}
            ]
        case "started":
            begun: _Json = {"type": "TEXT_MESSAGE_START", "messageId": event.message_id, "role": "assistant"}
            data = [{"type": "RUN_STARTED", **run}, begun]
        case "delta":
            data = [{"type": "TEXT_MESSAGE_CONTENT", "messageId": event.message_id, "delta": event.text}]
        case "completed":
            snapshot = {"asks": event.asks, "phase": event.phase}
            data = [
                {"type": "TEXT_MESSAGE_END", "messageId": event.message_id},
                {"type": "STATE_SNAPSHOT", "snapshot": snapshot},
                {"type": "RUN_FINISHED", **run},
            ]
    return _frame(event, data)


def ai_sdk(event: TranscriptEvent, session_id: str) -> str:
    """The AI SDK's UI message stream, version 1."""
    match event.kind:
        case "received":
            value = {"sessionId": session_id, "messageId": event.message_id}
            data: list[_Json] = [{"type": "data-received", "data": value, "transient": True}]
        case "started":
            data = [
                {"type": "start", "messageId": event.message_id},
                {"type": "text-start", "id": event.message_id},
            ]
        case "delta":
            data = [{"type": "text-delta", "id": event.message_id, "delta": event.text}]
        case "completed":
            data = [
                {"type": "text-end", "id": event.message_id},
                {"type": "data-intake", "data": {"asks": event.asks, "phase": event.phase}},
                {"type": "finish"},
            ]
    return _frame(event, data)


FORMS: Final[Mapping[Protocol, Form]] = {
    "native": Form(native, "", {}),
    "ag-ui": Form(ag_ui, "", {}),
    "ai-sdk": Form(ai_sdk, "data: [DONE]\n\n", {"x-vercel-ai-ui-message-stream": "v1"}),
}


def _frame(event: TranscriptEvent, data: list[_Json], kind: str | None = None) -> str:
    """Frames of one event. All but the last lack the id: a reader cut between them is sent them all again."""
    named = f"event: {kind}\n" if kind else ""
    lines = [f"{named}data: {json.dumps(one, ensure_ascii=False, separators=(',', ':'))}\n\n" for one in data]
    return "".join((*lines[:-1], f"id: {event.id}\n{lines[-1]}"))
