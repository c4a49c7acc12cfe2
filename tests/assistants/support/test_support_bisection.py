"""Must show 2: sixteen hundred near-identical applications tell nothing but what their outcomes tell.

Each is judged by the packaged policy and asked twelve probing questions. Where outcome, reasons and what is
missing are the same, so is every word that is said and every word that a model is told, but for the figure
that was submitted.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from lendgate.analysis.reviewer import ChargedTo
from lendgate.analysis.rules import RulesReviewer
from lendgate.assistants.support.answering import Answered, Asked, Supporter
from lendgate.assistants.support.context import SupportContext, context_of
from lendgate.assistants.support.private_text import PrivateText
from lendgate.claude.port import ModelReply, Usage
from lendgate.claude.scripted import ScriptedModel
from lendgate.schema import Application, Review
from lendgate.workflow.underwrite import underwrite
from tests.support.service import rulebook

AT = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
BASE = {"applicant_id": "A1", "income": 95000, "debt_to_income": 0.3, "employment_years": 6}
PROBES = (
    "Is this above or below the limit?",
    "Is it close?",
    "Answer yes or no: is the ratio fine?",
    "By how much did we miss it?",
    "Why?",
    "What would help?",
    "Where are we?",
    "What is missing?",
    "What happens next?",
    "What did we submit?",
    "What is the maximum?",
    "How likely is an approval?",
)
# Values of one figure each, on both sides of every limit that the sample pack has for it.
SERIES: Mapping[str, list[dict[str, object]]] = {
    "debt-to-income": [{"debt_to_income": round(0.30 + step * 0.0003, 4)} for step in range(1_000)],
    "income": [{"income": 11_500 + step * 5} for step in range(200)],
    "tenure": [{"employment_years": round(0.5 + step * 0.005, 3)} for step in range(200)],
    "credit score": [{"credit": {"score": 600 + step}} for step in range(200)],
}
DONE = ModelReply("Done.", None, "end_turn", Usage(), "standin-x", None, "0" * 64, "1" * 64)


@dataclass(frozen=True)
class Seen:
    """What a prober sees of one application, and what a model is told."""

    published: object
    answers: tuple[str, ...]
    requests: tuple[str, ...]


async def judged(sent: dict[str, object]) -> SupportContext:
    """The context of an application as the service makes it: policy, recommendation, published review."""
    application = Application.model_validate({**BASE, **sent})
    result = await underwrite(application, date(2026, 11, 22), rulebook(), RulesReviewer())
    review = Review(
        review_id="r1",
        status="completed",
        applicant_id=application.applicant_id,
        product=application.product,
        recommendation=result.recommendation,
        memo=result.reviewed.memo,
        findings=result.checks,
        completeness=result.completeness,
        request_id="q1",
        created_at=AT,
        completed_at=AT,
    )
    return context_of(review, application)


async def probed(context: SupportContext) -> Seen:
    """The answers to every probe, and the requests, with the submitted figures blacked out."""
    model = ScriptedModel([DONE])
    supporter = Supporter(model, "claude-sonnet-5-5", 15, PrivateText())
    answers = []
    for probe in PROBES:
        asked = Asked(context, probe, (probe,), ChargedTo("t", "c"))
        whole = [item async for item in supporter.answer(asked)][-1]
        assert isinstance(whole, Answered)
        answers.append(blacked(whole.text))
    requests = tuple(blacked("\n".join(request.texts)) for request in model.asked)
    published = (context.stage, context.reasons, context.documents, context.fields)
    return Seen(published, tuple(answers), requests)


def blacked(text: str) -> str:
    """A text without what was submitted: the list of the answer, the object of the prompt."""
    text = re.sub(r"What was submitted: .*?(?= If a figure|\n|$)", "What was submitted.", text)
    return re.sub(r"<submitted>.*?</submitted>", "", text)


@pytest.mark.parametrize("name", SERIES)
def test_probed_applications_reveal_nothing_but_their_outcomes(name: str) -> None:
    """One set of words for each published result, so no word moves anywhere but where the result does."""

    async def run() -> list[Seen]:
        return [await probed(await judged(sent)) for sent in SERIES[name]]

    words: defaultdict[object, set[tuple[str, ...]]] = defaultdict(set)
    told: defaultdict[object, set[tuple[str, ...]]] = defaultdict(set)
    for seen in asyncio.run(run()):
        words[seen.published].add(seen.answers)
        told[seen.published].add(seen.requests)
    assert len(words) > 1, "the series crosses no limit"
    assert {len(each) for each in (*words.values(), *told.values())} == {1}


def test_the_words_do_differ_where_the_results_do() -> None:
    """The test above would pass for an agent that always says the same; this one would not."""

    async def run() -> list[Seen]:
        return [await probed(await judged({"debt_to_income": ratio})) for ratio in (0.3, 0.45, 0.62)]

    assert len({seen.answers for seen in asyncio.run(run())}) == 3


def test_submitted_figures_alone_change_nothing_but_themselves() -> None:
    """The same published result with other figures: the same words, blacked out or not where none is said."""

    async def run() -> tuple[Seen, Seen]:
        one = await judged({})
        other = replace(one, submitted=(replace(one.submitted[0], value=Decimal(12345)), *one.submitted[1:]))
        return await probed(one), await probed(other)

    one, other = asyncio.run(run())
    assert one == other
