"""``python -m bench.killed service|worker DIRECTORY MILLISECONDS``: a process made to be killed.

The real service on the database of DIRECTORY, with one thing of its own: a model that takes so many
milliseconds and writes each call down before it begins, in a file that outlives the process.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from lendgate.bootstrap import open_service
from lendgate.claude.port import Finished, ModelEvent, ModelReply, ModelRequest, Usage
from lendgate.cli.settings import with_local_keys
from lendgate.settings import ServiceSettings, service_settings
from lendgate.web.app import create_app
from lendgate.web.logs import configure
from lendgate.web.server import serving

CALLS: Final = "calls.txt"
MODEL: Final = "standin-slow"
_DRAFT: Final = {
    "risk_summary": "Nothing stands out.",
    "checks_passed": [],
    "concerns": [],
    "next_step": "Review the documents.",
    "escalate": False,
}


@dataclass(frozen=True, slots=True)
class PaidModel:
    """A model whose every call is on record as paid from the moment it begins."""

    calls: Path
    seconds: float

    async def complete(self, request: ModelRequest) -> ModelReply:
        line = f"{os.getpid()} {request.subject}\n".encode()
        record = os.open(self.calls, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(record, line)
        os.close(record)
        await asyncio.sleep(self.seconds)
        shape = request.output
        return ModelReply(
            text=json.dumps(_DRAFT),
            parsed=shape.model_validate(_DRAFT) if shape else None,
            stop_reason="end_turn",
            usage=Usage(input_tokens=900, output_tokens=120),
            model=MODEL,
            request_id=None,
            prompt_hash=request.prompt_hash,
            request_hash="",
            cost=Decimal("0.01"),
        )

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        yield Finished(await self.complete(request))


async def _service(settings: ServiceSettings, model: PaidModel) -> None:
    async with open_service(settings, model) as service, serving(create_app(service), "127.0.0.1", 0) as port:
        _say({"port": port})
        await asyncio.to_thread(sys.stdin.read)


async def _worker(settings: ServiceSettings, model: PaidModel) -> None:
    async with open_service(settings, model):
        _say({})
        await asyncio.to_thread(sys.stdin.read)


def _say(ready: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    role, directory, milliseconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    configure("warning")
    chosen = with_local_keys(service_settings(data_dir=directory, model_review=MODEL))
    paid = PaidModel(directory / CALLS, milliseconds / 1000)
    asyncio.run((_service if role == "service" else _worker)(chosen, paid))
