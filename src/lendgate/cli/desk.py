"""What a command that looks after records works with: the store and the audit key, and no reviewer to ask."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from lendgate.analysis.rules import RulesReviewer
from lendgate.audit import AuditKey
from lendgate.bootstrap import open_database, rulebook_from, secret_key
from lendgate.claude.ledger import utc_now
from lendgate.cli.settings import service_settings_for, with_local_keys
from lendgate.workflow.desk import Desk

_Result = TypeVar("_Result")


def on_desk(data_dir: Path | None, work: Callable[[Desk], Awaitable[_Result]]) -> _Result:
    """Open the store, do something at a desk on it, close it.

    Raises:
        LendgateError: it cannot be opened, with the mend.
    """
    settings = with_local_keys(service_settings_for(data_dir))
    audit_key = AuditKey(*secret_key("LENDGATE_AUDIT_KEY", settings.audit_key))
    rulebook = rulebook_from(settings)

    async def run() -> _Result:
        async with open_database(settings, 2) as database:
            return await work(Desk(database, rulebook, RulesReviewer(), audit_key, utc_now, uuid.uuid4))

    return asyncio.run(run())
