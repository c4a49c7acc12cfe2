"""What a command that looks after records works with: a desk, and no reviewer to ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from lendgate.bootstrap import open_desk
from lendgate.cli.settings import service_settings_for, with_local_keys
from lendgate.workflow.desk import Desk

_Result = TypeVar("_Result")


def on_desk(data_dir: Path | None, work: Callable[[Desk], Awaitable[_Result]]) -> _Result:
    """Open the store, do something at a desk on it, close it.

    Raises:
        LendgateError: it cannot be opened, with the mend.
    """

    async def run() -> _Result:
        async with open_desk(with_local_keys(service_settings_for(data_dir))) as desk:
            return await work(desk)

    return asyncio.run(run())
