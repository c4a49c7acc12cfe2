"""Numbers for Prometheus: requests, reviews, and what models cost.

Law: labels are closed lists (routes, statuses, outcomes, models); never an id, a tenant or a person.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from lendgate.schema import Review, Usage

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
        self.model_cost = Counter(
            "lendgate_model_cost_usd",
            "US dollars that reviews cost, failed attempts included",
            ("model",),
            registry=self.registry,
        )
        self.model_tokens = Counter(
            "lendgate_model_tokens",
            "Tokens that reviews used: input (cached ones apart), cached, output",
            ("model", "kind"),
            registry=self.registry,
        )
        self.unfinished = Gauge(
            "lendgate_reviews_unfinished", "Reviews under way in this process", registry=self.registry
        )

    def count(self, review: Review) -> None:
        """Count a review that ended in this process, whether its caller still waited or not."""
        if review.recommendation is None or review.memo is None:
            return
        self.reviews.labels(review.product, review.recommendation.outcome, review.memo.reviewer).inc()
        self.dropped_claims.labels(review.memo.reviewer).inc(review.memo.dropped_claims)
        self._count_cost(review.usage)

    def _count_cost(self, usage: Usage) -> None:
        if usage.model is None:
            return
        self.model_cost.labels(usage.model).inc(float(usage.cost_usd))
        self.model_tokens.labels(usage.model, "input").inc(usage.input_tokens - usage.cached_tokens)
        self.model_tokens.labels(usage.model, "cached").inc(usage.cached_tokens)
        self.model_tokens.labels(usage.model, "output").inc(usage.output_tokens)

    async def endpoint(self, _request: Request) -> Response:
        """Prometheus text format."""
        return Response(generate_latest(self.registry), media_type="text/plain; version=0.0.4")
