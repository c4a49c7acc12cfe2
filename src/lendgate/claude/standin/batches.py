"""Batches: many requests at half the price, later. Kept in memory; done after some polls."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from pydantic import ValidationError

from lendgate.claude.standin.answer import Json
from lendgate.claude.standin.body import CreateBody, refused_form
from lendgate.claude.standin.refusal import Refusal, invalid_request, not_found
from lendgate.claude.standin.rules import check

Status = Literal["in_progress", "canceling", "ended"]
MAX_REQUESTS: Final = 100_000
_DAY: Final = timedelta(hours=24)
Write = Callable[[CreateBody], Json]
"""Writes one message."""


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Batch:
    """One batch: its requests, and its results once it has ended."""

    id: str
    created: datetime
    polls_left: int
    requests: list[tuple[str, object]]
    results: list[Json] = field(default_factory=list)
    status: Status = "in_progress"
    ended: datetime | None = None
    canceled: datetime | None = None

    def body(self, base_url: str) -> Json:
        """The batch as the API shows it."""
        kinds = [result["result"]["type"] for result in self.results if isinstance(result["result"], dict)]
        counts = {kind: kinds.count(kind) for kind in ("succeeded", "errored", "canceled", "expired")}
        done = self.status == "ended"
        return {
            "id": self.id,
            "type": "message_batch",
            "processing_status": self.status,
            "request_counts": counts | {"processing": 0 if done else len(self.requests)},
            "created_at": _stamp(self.created),
            "expires_at": _stamp(self.created + _DAY),
            "ended_at": _stamp(self.ended),
            "cancel_initiated_at": _stamp(self.canceled),
            "archived_at": None,
            "results_url": f"{base_url}v1/messages/batches/{self.id}/results" if done else None,
        }


def _stamp(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None


@dataclass(slots=True)
class Batches:
    """Every batch of one stand-in, in the order they came."""

    write: Write
    polls: int
    now: Callable[[], datetime] = utc_now
    kept: dict[str, Batch] = field(default_factory=dict)

    def create(self, given: object) -> Batch:
        """Take a batch in.

        Raises:
            Refusal: no requests, too many, a custom_id missing or used twice.
        """
        requests = given.get("requests") if isinstance(given, dict) else None
        if not isinstance(requests, list) or not requests:
            raise invalid_request("requests: at least one request is required")
        if len(requests) > MAX_REQUESTS:
            raise invalid_request(f"requests: at most {MAX_REQUESTS} requests may be sent")
        named = [(str(entry.get("custom_id", "")), entry.get("params")) for entry in requests]
        if not all(name for name, _ in named):
            raise invalid_request("requests.0.custom_id: Field required")
        if len({name for name, _ in named}) < len(named):
            raise invalid_request("requests: custom_id values must be unique")
        batch = Batch(f"msgbatch_standin_{len(self.kept) + 1:06d}", self.now(), self.polls, named)
        self.kept[batch.id] = batch
        return batch

    def get(self, batch_id: str) -> Batch:
        """A batch, one poll further.

        Raises:
            Refusal: there is none of that id.
        """
        batch = self.kept.get(batch_id)
        if batch is None:
            raise not_found(f"batch: {batch_id}")
        if batch.status != "ended":
            batch.polls_left -= 1
            if batch.polls_left < 0:
                self._end(batch)
        return batch

    def cancel(self, batch_id: str) -> Batch:
        """Ask a batch to stop; what has not run ends as canceled."""
        batch = self.get(batch_id)
        if batch.status != "ended":
            batch.status, batch.canceled = "canceling", self.now()
        return batch

    def delete(self, batch_id: str) -> None:
        """Forget a batch that has ended."""
        if self.get(batch_id).status != "ended":
            raise invalid_request("batch: only a batch that has ended can be deleted")
        del self.kept[batch_id]

    def _end(self, batch: Batch) -> None:
        canceled = batch.status == "canceling"
        # The real API promises no order; the last comes first here so that nobody relies on one.
        for name, params in reversed(batch.requests):
            result = {"type": "canceled"} if canceled else self._result(params)
            batch.results.append({"custom_id": name, "result": result})
        batch.status, batch.ended = "ended", self.now()

    def _result(self, params: object) -> Json:
        try:
            body = CreateBody.model_validate(params)
            check(body)
            return {"type": "succeeded", "message": self.write(body)}
        except ValidationError as error:
            refusal: Refusal = refused_form(error)
        except Refusal as error:
            refusal = error
        return {"type": "errored", "error": refusal.body(None)}


def results_lines(batch: Batch) -> str:
    """The results as JSON lines."""
    return "".join(f"{json.dumps(result, ensure_ascii=False)}\n" for result in batch.results)
