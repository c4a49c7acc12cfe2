"""``lendgate review FILE --batch``: settings, store and server put together for a run of batches."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from lendgate.bootstrap import open_database, opened_batches, rulebook_from
from lendgate.claude.ledger import utc_now
from lendgate.cli.bulk.batch_part import Asking
from lendgate.cli.bulk.batching import Batching
from lendgate.cli.bulk.journal import Journal, begin
from lendgate.cli.bulk.reviewing import Numbered
from lendgate.cli.bulk.run import Keeper, into
from lendgate.cli.bulk.tally import Tally
from lendgate.cli.output import err
from lendgate.settings import ServiceSettings
from lendgate.store.spend import PostgresLedger


def review_in_batches(
    settings: ServiceSettings,
    tenant: str,
    source: Path,
    output: Path,
    rows: Iterator[Numbered],
    *,
    resume: bool,
) -> Tally:
    """Review a portfolio in batches into ``output``; what it came to. ``rows`` are all of the input's.

    Raises:
        SettingsError, ResumeError, ModelError, StoreUnavailableError: with the mend; --resume goes on.
    """
    rulebook = rulebook_from(settings)
    policy = f"{rulebook.version}, {settings.model_review} for {tenant}"
    journal = begin(output, source, "batch", policy, resume=resume)
    asking = Asking(rulebook, tenant, journal.run, settings.model_review, settings.model_effort)
    for _ in zip(range(journal.rows), rows, strict=False):
        pass
    with into(output, journal) as keeper:
        asyncio.run(_run(settings, asking, journal, keeper, rows))
    return journal.tally


async def _run(
    settings: ServiceSettings, asking: Asking, journal: Journal, keeper: Keeper, rows: Iterator[Numbered]
) -> None:
    async with (
        open_database(settings, 2) as database,
        opened_batches(settings, PostgresLedger(database)) as (port, till),
    ):
        await Batching(asking, port, till, journal, keeper, utc_now, _say).run(rows)


def _say(sentence: str) -> None:
    err.print(sentence, highlight=False, markup=False)
