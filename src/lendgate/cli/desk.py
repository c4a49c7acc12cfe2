"""What a command that looks after records works with: a desk, the shelf of documents, no reviewer to ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from lendgate.bootstrap import blobs_from, open_desk
from lendgate.cli.settings import service_settings_for, with_local_keys
from lendgate.store.blobs import Blobs
from lendgate.workflow.desk import Desk

_Result = TypeVar("_Result")


def on_desk(data_dir: Path | None, work: Callable[[Desk], Awaitable[_Result]]) -> _Result:
    """Open the store, do something at a desk on it, close it.

    Raises:
        LendgateError: it cannot be opened, with the mend.
    """
    return on_shelf(data_dir, lambda desk, _: work(desk))


def on_shelf(data_dir: Path | None, work: Callable[[Desk, Blobs], Awaitable[_Result]]) -> _Result:
    """The same, with the shelf that the originals of documents lie on.

    Raises:
        LendgateError: as ``on_desk``.
    """

    async def run() -> _Result:
        settings = with_local_keys(service_settings_for(data_dir))
        async with open_desk(settings) as desk:
            return await work(desk, blobs_from(settings))

    return asyncio.run(run())
