"""What the second reader is sent, as the snapshot file holds it. ``python -m tests.documents.snapshot``
writes it anew: read the difference aloud before keeping it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from lendgate.claude.port import ModelReply, Usage
from lendgate.claude.scripted import ScriptedModel
from lendgate.documents.claude_reader import ClaudeReader, DraftReading
from tests.documents.printed_forms import w2
from tests.documents.reading import document

FILE = Path(__file__).parent / "snapshots" / "read-document.txt"


def sent() -> str:
    """Every word that is sent of a W-2."""
    reply = ModelReply(
        "", DraftReading(type="w2", fields=[]), "end_turn", Usage(), "claude-haiku-5-5", None, "p", "r"
    )
    model = ScriptedModel([reply])
    reader = ClaudeReader(model, "claude-haiku-5-5", 30.0)
    asyncio.run(reader.read(document(w2(6)), tenant="t-1", subject="r-1"))
    return "\n\n".join(model.asked[0].texts) + "\n"


if __name__ == "__main__":
    FILE.write_text(sent(), encoding="utf-8")
