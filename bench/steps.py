"""What the steps of a review cost by themselves, in this process, without HTTP or database.

Law: the functions measured are the service's own. Each is timed in batches and the best batch counts, as
whatever disturbs makes it slower. In the service, with colder caches, they take about twice as long.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from bench.applications import SMALL, WHOLE
from lendgate.analysis.rules import RulesReviewer
from lendgate.bootstrap import rulebook_from
from lendgate.intake.parse import parse_application
from lendgate.policy.evaluate import assess
from lendgate.settings import service_settings
from lendgate.workflow.underwrite import underwrite

_BATCHES: Final = 7
_CALLS: Final = 200


def steps() -> dict[str, float]:
    """Microseconds a call, by what is called."""
    return {**_steps_of("personal loan", SMALL), **_steps_of("mortgage", WHOLE)}


def _steps_of(kind: str, body: bytes) -> dict[str, float]:
    rulebook, reviewer = rulebook_from(service_settings(policy_dir=None)), RulesReviewer()
    application, today = parse_application(body).application, datetime.now(UTC).date()
    pack = rulebook.packs[application.product]

    async def underwritten() -> None:
        for _ in range(_CALLS):
            await underwrite(application, today, rulebook, reviewer)

    return {
        f"{kind}: strict parse": _best(_batch(lambda: parse_application(body))),
        f"{kind}: policy, facts and findings": _best(_batch(lambda: assess(pack, application, today))),
        f"{kind}: policy, memo and recommendation": _best(lambda: asyncio.run(underwritten())),
    }


def _batch(call: Callable[[], object]) -> Callable[[], None]:
    def batch() -> None:
        for _ in range(_CALLS):
            call()

    return batch


def _best(batch: Callable[[], None]) -> float:
    """Microseconds of CPU time a call in the best batch."""
    taken = []
    for _ in range(_BATCHES):
        begun = time.process_time()
        batch()
        taken.append(time.process_time() - begun)
    return min(taken) / _CALLS * 1e6
