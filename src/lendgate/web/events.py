"""Progress of a review as server-sent events (WHATWG HTML, 9.2).

Law: the id of an event is its number in the store, so ``Last-Event-ID`` resumes after a cut without
losing or repeating one; a caller that has them all gets 204, which tells an EventSource to stop coming
back; a comment every few seconds keeps proxies from closing the line.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC
from typing import Final
from uuid import UUID

from starlette.responses import Response, StreamingResponse

from lendgate.schema import Principal
from lendgate.store.database import Database
from lendgate.store.progress import Progress, load_progress

_POLL_SECONDS: Final = 0.25
_QUIET_POLLS: Final = 60
_FINAL: Final = ("completed", "failed")


async def review_events(
    database: Database, principal: Principal, review_id: UUID, last_event_id: str | None
) -> Response:
    """The events after ``last_event_id``, until the review ends; 204 when there is nothing after it."""
    async with database.tenant(principal.tenant) as tx:
        steps = await load_progress(tx, review_id)
    after = _known(steps, last_event_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if steps and steps[-1].event in _FINAL and steps[-1].seq == after:
        return Response(status_code=204, headers=headers)
    stream = _stream(database, principal.tenant, review_id, after)
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


def _known(steps: Sequence[Progress], last_event_id: str | None) -> int:
    """The number of the last event the caller has; 0 for what was never an id of this review."""
    given = re.fullmatch(r"[0-9]{1,9}", last_event_id or "", re.ASCII)
    number = int(given[0]) if given else 0
    return number if steps and number <= steps[-1].seq else 0


async def _stream(database: Database, tenant: str, review_id: UUID, after: int) -> AsyncIterator[str]:
    quiet = 0
    while True:
        async with database.tenant(tenant) as tx:
            steps = await load_progress(tx, review_id, after)
        for step in steps:
            after = step.seq
            yield _event(step, review_id)
        if steps and steps[-1].event in _FINAL:
            return
        quiet = 0 if steps else quiet + 1
        if quiet and quiet % _QUIET_POLLS == 0:
            yield ": still here\n\n"
        await asyncio.sleep(_POLL_SECONDS)


def _event(step: Progress, review_id: UUID) -> str:
    at = step.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    data = {"review_id": str(review_id), "status": step.event, "at": at}
    return f"id: {step.seq}\nevent: {step.event}\ndata: {json.dumps(data)}\n\n"
