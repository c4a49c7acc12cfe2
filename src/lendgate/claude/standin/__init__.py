"""The stand-in: a Messages API server that speaks like Anthropic's and costs nothing.

For tests, for the demo without a key, and for people who build on Lendgate (``lendgate claude standin``).
It checks request bodies as the real API does, answers in its shapes, and on request fails in its ways or
answers in the voice of somebody careless, gullible, obedient or biased. It needs no SDK.

Law: deterministic (same seed, same body, same answer) and unmistakable: every message it writes carries a
model name that begins with ``standin-`` and the header ``x-simulated: true``.

    uvicorn --factory lendgate.claude.standin:app
"""

from __future__ import annotations

from lendgate.claude.standin.app import app
from lendgate.claude.standin.options import CHARACTERS, FAULTS, Options

__all__ = ["CHARACTERS", "FAULTS", "Options", "app"]
