"""The one function that wires it all: validate at the edge, then review.

Law: nothing is reviewed that the gate did not let through. The review itself runs in this process, by
the same steps as the service's (``workflow.underwrite``), and stores nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from lendgate.bootstrap import reviewer_from, rulebook_from
from lendgate.client import AsyncLendgateClient, Body, RefusedError
from lendgate.errors import SettingsError
from lendgate.intake.parse import validate
from lendgate.policy.model import Finding
from lendgate.schema import (
    Application,
    Completeness,
    CreditMemo,
    Metadata,
    Problem,
    Recommendation,
    Usage,
)
from lendgate.settings import caller_settings, service_settings
from lendgate.workflow.underwrite import Underwritten, underwrite


@dataclass(frozen=True, slots=True)
class CaseReview:
    """A review made in this process. ``findings`` hold private policy text: do not show them outside."""

    application: Application
    recommendation: Recommendation
    memo: CreditMemo
    findings: tuple[Finding, ...]
    completeness: Completeness
    usage: Usage
    metadata: Metadata | None = None

    @property
    def text(self) -> str:
        """Risk summary, checks passed, next step: three short paragraphs."""
        return self.memo.text


@dataclass(frozen=True, slots=True)
class EdgeRejection:
    """The gate's no. ``text`` is what ``lending_agent`` says."""

    problem: Problem

    @property
    def text(self) -> str:
        errors = self.problem.errors if len(self.problem.errors) > 1 else []  # one is the reason itself
        where = "; ".join(f"{error.pointer or 'body'} {error.detail}" for error in errors)
        return f"Rejected at edge: {self.problem.reason}" + (f" ({where})" if where else "")


class AsyncLendingAgent:
    """Validates at the gate and reviews in this process.

    ``base_url`` and ``token`` default to ``WORKER_BASE_URL`` and ``LENDGATE_TOKEN``.
    """

    def __init__(self, base_url: str | None = None, token: str | None = None) -> None:
        self._base_url = base_url
        self._token = token
        service = service_settings()
        self._rulebook = rulebook_from(service)
        self._reviewer = reviewer_from(service)

    async def process_application(self, application: Body) -> CaseReview | EdgeRejection:
        """Send an application through the gate and review what the gate hands back.

        Raises:
            GateUnavailableError: the gate cannot be reached; nothing was reviewed.
            SettingsError: no gate or token is configured.
        """
        async with self._client() as gate:
            try:
                validated = await gate.validate(application)
            except RefusedError as refusal:
                return EdgeRejection(refusal.problem)
        received_at = validated.metadata.received_at
        result = await underwrite(validated.application, received_at.date(), self._rulebook, self._reviewer)
        return _case_review(result, validated.metadata)

    async def analyze(self, profile: Mapping[str, Any] | Application) -> CaseReview:
        """Review without a gate: for profiles that were validated elsewhere, for notebooks and tests.

        Raises:
            InvalidBodyError: the profile is not a valid application.
        """
        application = profile if isinstance(profile, Application) else validate(dict(profile)).application
        today = datetime.now(UTC).date()
        return _case_review(await underwrite(application, today, self._rulebook, self._reviewer), None)

    async def __call__(self, application: Body) -> str:
        """The review as text, or ``Rejected at edge: <reason>``."""
        return (await self.process_application(application)).text

    def _client(self) -> AsyncLendgateClient:
        settings = caller_settings()
        base_url = self._base_url or settings.worker_base_url
        token = self._token or (settings.token and settings.token.get_secret_value())
        if not base_url:
            raise SettingsError("WORKER_BASE_URL is not set: name the gate, or run `lendgate serve`")
        if not token:
            raise SettingsError("LENDGATE_TOKEN is not set: mint a local one with `lendgate token`")
        return AsyncLendgateClient(base_url, token, timeout=settings.timeout_seconds)


class LendingAgent:
    """Synchronous face of ``AsyncLendingAgent``; call it from code that runs no event loop."""

    def __init__(self, base_url: str | None = None, token: str | None = None) -> None:
        self._agent = AsyncLendingAgent(base_url, token)

    def process_application(self, application: Body) -> CaseReview | EdgeRejection:
        """See ``AsyncLendingAgent.process_application``."""
        return asyncio.run(self._agent.process_application(application))

    def analyze(self, profile: Mapping[str, Any] | Application) -> CaseReview:
        """See ``AsyncLendingAgent.analyze``."""
        return asyncio.run(self._agent.analyze(profile))

    def __call__(self, application: Body) -> str:
        """The review as text, or ``Rejected at edge: <reason>``."""
        return self.process_application(application).text


def lending_agent(application: Body) -> str:
    """Validate at the gate, then review: three short paragraphs, or ``Rejected at edge: <reason>``."""
    return _agent()(application)


def process_application(application: Body) -> CaseReview | EdgeRejection:
    """``lending_agent`` with the typed result instead of text."""
    return _agent().process_application(application)


def analyze_lending_case(profile: Mapping[str, Any] | Application) -> CaseReview:
    """Review a profile in this process, without a gate."""
    return _agent().analyze(profile)


@cache
def _agent() -> LendingAgent:
    """The agent of the functions above: policy is read and compiled once a process, not once a call."""
    return LendingAgent()


def _case_review(result: Underwritten, metadata: Metadata | None) -> CaseReview:
    return CaseReview(
        application=result.application,
        recommendation=result.recommendation,
        memo=result.reviewed.memo,
        findings=result.assessment.findings,
        completeness=result.completeness,
        usage=result.reviewed.usage,
        metadata=metadata,
    )
