"""What a model is sent in a turn, as a snapshot file holds it. ``python -m tests.assistants.snapshot`` writes
them anew: read the difference aloud before keeping it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from lendgate.claude.port import ModelRequest
from tests.assistants.characters import Cooperative, assistant_with
from tests.assistants.scripts import Talk

DIRECTORY = Path(__file__).parent / "snapshots"
SAID = ("Maria Lopez", "Well, I earn a bit each week and I guess 900 of it is what I would count on here")


def requests() -> dict[str, ModelRequest]:
    """The requests of one turn, by their purpose."""

    async def talk() -> list[ModelRequest]:
        model, talk = Cooperative(), Talk.begun("en", "personal_loan")
        async with assistant_with(model) as assistant:
            await talk.tell_to(assistant, *SAID)
        return model.asked

    return {request.purpose: request for request in asyncio.run(talk())}


def rendered(request: ModelRequest) -> str:
    """Everything that is sent, part by part."""
    return "\n\n".join(request.texts) + "\n"


if __name__ == "__main__":
    DIRECTORY.mkdir(exist_ok=True)
    for purpose, request in requests().items():
        (DIRECTORY / f"{purpose}.txt").write_text(rendered(request), encoding="utf-8")
