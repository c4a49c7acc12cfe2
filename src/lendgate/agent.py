"""The one function that wires it all: validate at the edge, then review.

Law: nothing is reviewed that the gate did not let through. The review itself runs in this process, by
the same steps as the service's (``workflow.underwrite``), and stores nothing. What models cost is held under
the ceilings of one process (``MemoryLedger``).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import uuid4

from lendgate.analysis.income import income_summarized
from lendgate.analysis.questions import question_answered
from lendgate.analysis.reviewer import IN_PROCESS, Case, ChargedTo
from lendgate.analysis.risk import risk_explained
from lendgate.analysis.speaking import Topic, Words
from lendgate.bootstrap import deployment_from, opened_model, reviewer_from, rulebook_from, speaker_from
from lendgate.claude.ledger import MemoryLedger
from lendgate.client import AsyncLendgateClient, Body, RefusedError
from lendgate.client.agent_documents import AgentDocuments, AsyncAgentDocuments
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
    Review,
    Usage,
)
from lendgate.schema.support import SupportAnswer
from lendgate.settings import caller_settings, service_settings
from lendgate.workflow.underwrite import Underwritten, laid_out, underwrite

Profile = Mapping[str, Any] | Application
Spoken = AsyncGenerator[str | Words, None]
Heard = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class CaseReview:
    """A review made in this process. ``findings`` hold private policy text: do not show them outside."""

    application: Application
    recommendation: Recommendation
    memo: CreditMemo
    findings: tuple[Finding, ...]
    completeness: Completeness
    usage: Usage
    case: Case = field(repr=False, compare=False)
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
        self._settings = service_settings()
        self._rulebook = rulebook_from(self._settings)
        self._ledger = MemoryLedger()
        self.documents = AsyncAgentDocuments(self._client)
        """Documents through the gate: submit, get, of, wait."""
        deployment_from(self._settings)  # what cannot be right is said now

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
        received_on = validated.metadata.received_at.date()
        return await self._review(validated.application, received_on, validated.metadata)

    async def analyze(self, profile: Profile) -> CaseReview:
        """Review without a gate: for profiles that were validated elsewhere, for notebooks and tests.

        Raises:
            InvalidBodyError: the profile is not a valid application.
        """
        return await self._review(_application(profile), datetime.now(UTC).date(), None)

    async def summarize_income(self, profile: Profile) -> Words:
        """The income verification summary of a profile.

        Raises:
            InvalidBodyError: the profile is not a valid application.
        """
        return await self._say(income_summarized(self._case(profile)))

    async def explain_risk(self, review: CaseReview | Review) -> Words:
        """How risky a reviewed application looks, in plain words."""
        return await self._say(risk_explained(_case_of(review)))

    async def ask(self, review: CaseReview | Review, question: str) -> Words:
        """The answer to a borrower's or broker's question about a review."""
        return await self._say(_asked(review, question))

    async def ask_support(
        self, review_id: str, question: str, *, conversation_id: str | None = None
    ) -> SupportAnswer:
        """What the broker's support agent behind the gate answers about a stored review.

        Raises:
            RefusedError: the gate or the service said no, such as for a review that is not the broker's.
            GateUnavailableError: the gate cannot be reached.
            SettingsError: no gate or token is configured.
        """
        async with self._client() as gate:
            return await gate.support.ask(review_id, question, conversation_id=conversation_id)

    def stream_income_summary(self, profile: Profile) -> Spoken:
        """``summarize_income``, sentence by sentence; the last item is the whole."""
        return self._stream(income_summarized(self._case(profile)))

    def stream_risk(self, review: CaseReview | Review) -> Spoken:
        """``explain_risk``, sentence by sentence; the last item is the whole."""
        return self._stream(risk_explained(_case_of(review)))

    def stream_answer(self, review: CaseReview | Review, question: str) -> Spoken:
        """``ask``, sentence by sentence; the last item is the whole."""
        return self._stream(_asked(review, question))

    async def __call__(self, application: Body) -> str:
        """The review as text, or ``Rejected at edge: <reason>``."""
        return (await self.process_application(application)).text

    async def _review(self, application: Application, on: date, metadata: Metadata | None) -> CaseReview:
        async with opened_model(self._settings, self._ledger) as model:
            reviewer = reviewer_from(self._settings, model)
            result = await underwrite(application, on, self._rulebook, reviewer, self._charged_to())
        return _case_review(result, metadata)

    def _case(self, profile: Profile) -> Case:
        today = datetime.now(UTC).date()
        return laid_out(_application(profile), today, self._rulebook, self._charged_to())[1]

    def _charged_to(self) -> ChargedTo:
        """Every application has its own ceiling."""
        return replace(IN_PROCESS, subject=str(uuid4()))

    async def _say(self, topic: Topic) -> Words:
        async with opened_model(self._settings, self._ledger) as model:
            return await speaker_from(self._settings, model).say(topic)

    async def _stream(self, topic: Topic) -> Spoken:
        async with (
            opened_model(self._settings, self._ledger) as model,
            aclosing(speaker_from(self._settings, model).stream(topic)) as spoken,
        ):
            async for piece in spoken:
                yield piece

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
        self.documents = AgentDocuments(self._agent.documents)
        """Documents through the gate: submit, get, of, wait."""

    def process_application(self, application: Body) -> CaseReview | EdgeRejection:
        """See ``AsyncLendingAgent.process_application``."""
        return asyncio.run(self._agent.process_application(application))

    def analyze(self, profile: Profile) -> CaseReview:
        """See ``AsyncLendingAgent.analyze``."""
        return asyncio.run(self._agent.analyze(profile))

    def summarize_income(self, profile: Profile, on_text: Heard | None = None) -> Words:
        """See ``AsyncLendingAgent.summarize_income``; ``on_text`` hears each sentence as it comes."""
        return asyncio.run(_told(self._agent.stream_income_summary(profile), on_text))

    def explain_risk(self, review: CaseReview | Review, on_text: Heard | None = None) -> Words:
        """See ``AsyncLendingAgent.explain_risk``; ``on_text`` hears each sentence as it comes."""
        return asyncio.run(_told(self._agent.stream_risk(review), on_text))

    def ask(self, review: CaseReview | Review, question: str, on_text: Heard | None = None) -> Words:
        """See ``AsyncLendingAgent.ask``; ``on_text`` hears each sentence as it comes."""
        return asyncio.run(_told(self._agent.stream_answer(review, question), on_text))

    def ask_support(
        self, review_id: str, question: str, *, conversation_id: str | None = None
    ) -> SupportAnswer:
        """See ``AsyncLendingAgent.ask_support``."""
        return asyncio.run(self._agent.ask_support(review_id, question, conversation_id=conversation_id))

    def __call__(self, application: Body) -> str:
        """The review as text, or ``Rejected at edge: <reason>``."""
        return self.process_application(application).text


def lending_agent(application: Body) -> str:
    """Validate at the gate, then review: three short paragraphs, or ``Rejected at edge: <reason>``."""
    return _agent()(application)


def process_application(application: Body) -> CaseReview | EdgeRejection:
    """``lending_agent`` with the typed result instead of text."""
    return _agent().process_application(application)


def analyze_lending_case(profile: Profile) -> CaseReview:
    """Review a profile in this process, without a gate."""
    return _agent().analyze(profile)


def summarize_income(profile: Profile, on_text: Heard | None = None) -> Words:
    """The income verification summary of a profile; ``on_text`` hears each sentence as it comes."""
    return _agent().summarize_income(profile, on_text)


def explain_risk(review: CaseReview | Review, on_text: Heard | None = None) -> Words:
    """How risky a reviewed application looks, in plain words."""
    return _agent().explain_risk(review, on_text)


def ask(review: CaseReview | Review, question: str, on_text: Heard | None = None) -> Words:
    """The answer to a borrower's or broker's question about a review."""
    return _agent().ask(review, question, on_text)


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
        case=result.case,
        metadata=metadata,
    )


def _application(profile: Profile) -> Application:
    return profile if isinstance(profile, Application) else validate(dict(profile)).application


def _asked(review: CaseReview | Review, question: str) -> Topic:
    application = review.application if isinstance(review, CaseReview) else None
    return question_answered(_case_of(review), question, application)


def _case_of(review: CaseReview | Review) -> Case:
    """The case of a review; one that came over the wire tells no facts, so nothing can be said of any."""
    if isinstance(review, CaseReview):
        return review.case
    return Case(
        product=review.product,
        facts={},
        checks=review.findings,
        risk=review.recommendation.risk if review.recommendation else "undetermined",
        completeness=review.completeness
        or Completeness(complete=False, missing_documents=[], missing_fields=[]),
        charged_to=replace(IN_PROCESS, subject=review.review_id),
    )


async def _told(spoken: Spoken, on_text: Heard | None) -> Words:
    """The whole of what is said; ``on_text`` hears its sentences first.

    Raises:
        RuntimeError: nothing was said at all.
    """
    async with aclosing(spoken):
        async for piece in spoken:
            if isinstance(piece, Words):
                return piece
            if on_text:
                on_text(piece)
    raise RuntimeError("a topic always ends with its words")
