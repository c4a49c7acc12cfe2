"""The three forms of a conversation's events: golden frames, and the choice between them."""

from __future__ import annotations

import json

import pytest

from lendgate.assistants.intake.transcript import (
    AssistantSaid,
    Entry,
    EventId,
    PersonSaid,
    TranscriptEvent,
    event_id,
    events_of,
)
from lendgate.web.intake_streams import FORMS, Protocol, protocol_of

TURN = (
    Entry(2, "m-1", None, PersonSaid("Maria Lopez")),
    Entry(3, "a-1", 2, AssistantSaid(("Noted.", "How much?"), "amount_requested", "asking")),
)
GOLDEN: dict[Protocol, str] = {
    "native": """id: 2.1
event: received
data: {"session_id":"s-1","message_id":"m-1"}

id: 3.1
event: started
data: {"session_id":"s-1","message_id":"a-1"}

id: 3.2
event: delta
data: {"session_id":"s-1","message_id":"a-1","text":"Noted.\\n"}

id: 3.3
event: delta
data: {"session_id":"s-1","message_id":"a-1","text":"How much?"}

id: 3.4
event: completed
data: {"session_id":"s-1","message_id":"a-1","asks":"amount_requested","phase":"asking"}

""",
    "ag-ui": """id: 2.1
data: {"type":"CUSTOM","name":"received","value":{"messageId":"m-1"}}

data: {"type":"RUN_STARTED","threadId":"s-1","runId":"a-1"}

id: 3.1
data: {"type":"TEXT_MESSAGE_START","messageId":"a-1","role":"assistant"}

id: 3.2
data: {"type":"TEXT_MESSAGE_CONTENT","messageId":"a-1","delta":"Noted.\\n"}

id: 3.3
data: {"type":"TEXT_MESSAGE_CONTENT","messageId":"a-1","delta":"How much?"}

data: {"type":"TEXT_MESSAGE_END","messageId":"a-1"}

data: {"type":"STATE_SNAPSHOT","snapshot":{"asks":"amount_requested","phase":"asking"}}

id: 3.4
data: {"type":"RUN_FINISHED","threadId":"s-1","runId":"a-1"}

""",
    "ai-sdk": """id: 2.1
data: {"type":"data-received","data":{"sessionId":"s-1","messageId":"m-1"},"transient":true}

data: {"type":"start","messageId":"a-1"}

id: 3.1
data: {"type":"text-start","id":"a-1"}

id: 3.2
data: {"type":"text-delta","id":"a-1","delta":"Noted.\\n"}

id: 3.3
data: {"type":"text-delta","id":"a-1","delta":"How much?"}

data: {"type":"text-end","id":"a-1"}

data: {"type":"data-intake","data":{"asks":"amount_requested","phase":"asking"}}

id: 3.4
data: {"type":"finish"}

data: [DONE]

""",
}


def streamed(protocol: Protocol, events: list[TranscriptEvent]) -> str:
    """A whole stream in a form."""
    form = FORMS[protocol]
    return "".join(form.frames(event, "s-1") for event in events) + form.end


@pytest.mark.parametrize("protocol", FORMS)
def test_a_turn_reads_as_its_golden_stream(protocol: Protocol) -> None:
    """Frame by frame."""
    assert streamed(protocol, events_of(TURN)) == GOLDEN[protocol]


@pytest.mark.parametrize("protocol", FORMS)
def test_every_frame_is_json_and_every_event_has_its_id_once(protocol: Protocol) -> None:
    """A reader that only counts ids sees them all, in order."""
    frames = streamed(protocol, events_of(TURN)).strip().split("\n\n")
    data = [
        line.removeprefix("data: ")
        for frame in frames
        for line in frame.splitlines()
        if line.startswith("data")
    ]
    assert all(json.loads(one) for one in data if one != "[DONE]")
    ids = [line for frame in frames for line in frame.splitlines() if line.startswith("id: ")]
    assert ids == ["id: 2.1", "id: 3.1", "id: 3.2", "id: 3.3", "id: 3.4"]


@pytest.mark.parametrize(
    ("accept", "protocol"),
    [
        (None, "native"),
        ("text/event-stream", "native"),
        ("*/*", "native"),
        ("text/event-stream; protocol=ag-ui", "ag-ui"),
        ('text/event-stream;protocol="ai-sdk", */*;q=0.1', "ai-sdk"),
        ("text/event-stream; Protocol=AG-UI", "ag-ui"),
        ("text/event-stream; protocol=ag-ui-2", "native"),
    ],
)
def test_accept_chooses_the_form(accept: str | None, protocol: Protocol) -> None:
    """What is not known is answered in our own."""
    assert protocol_of(accept) == protocol


def test_the_ai_sdk_is_told_by_its_header() -> None:
    """As the SDK expects it."""
    assert FORMS["ai-sdk"].headers == {"x-vercel-ai-ui-message-stream": "v1"}


@pytest.mark.parametrize(
    "text", [None, "", "x", "3", "3.", ".2", "3.x", "-1.2", "1.2.3", "\u0663.1", "9999999999.1"]
)
def test_what_is_no_event_id_is_the_beginning(text: str | None) -> None:
    """A wrong id loses nothing."""
    assert event_id(text) == EventId(0, 0)


def test_event_ids_sort_as_numbers() -> None:
    """Ten comes after two."""
    assert event_id("2.10") > event_id("2.2")
    assert event_id("10.1") > event_id("9.99")
