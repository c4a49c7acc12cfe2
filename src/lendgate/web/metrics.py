"""Numbers for Prometheus: requests and reviews.

Law: labels are closed lists (routes, statuses, outcomes); never an id, a tenant or a person.
"""

from __future__ import annotations

import asyncio
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from lendgate.schema import Review

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """One registry a service, so that two services in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "lendgate_requests", "Requests answered", ("route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "lendgate_request_seconds",
            "Time to answer",
            ("route",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.reviews = Counter(
            "lendgate_reviews",
            "Reviews completed",
            ("product", "outcome", "reviewer"),
            registry=self.registry,
        )
        self.dropped_claims = Counter(
            "lendgate_dropped_claims",
            "Memo claims that no fact supported",
            ("reviewer",),
            registry=self.registry,
        )
        self.unfinished = Gauge(
            "lendgate_reviews_unfinished", "Reviews under way in this process", registry=self.registry
        )

    def count(self, task: asyncio.Task[Review]) -> None:
        """Count a review that ended, whether its caller still waited or not."""
        if task.cancelled() or task.exception() is not None:
            return
        review = task.result()
        if review.recommendation is None or review.memo is None:
            return
        self.reviews.labels(review.product, review.recommendation.outcome, review.memo.reviewer).inc()
        self.dropped_claims.labels(review.memo.reviewer).inc(review.memo.dropped_claims)

    async def endpoint(self, _request: Request) -> Response:
        """Prometheus text format."""
        return Response(generate_latest(self.registry), media_type="text/plain; version=0.0.4")
