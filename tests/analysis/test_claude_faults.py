"""Must show 1: with every fault and every character a memo in time, and the recommendation of the rules."""

from __future__ import annotations

import asyncio
from datetime import date
from functools import cache

import pytest

from lendgate.analysis.rules import RulesReviewer
from lendgate.bootstrap import rulebook_from
from lendgate.claude.errors import ModelError
from lendgate.claude.standin import CHARACTERS, FAULTS, Options, virtual_time
from lendgate.claude.standin.options import Character
from lendgate.intake.parse import validate
from lendgate.settings import ServiceSettings
from lendgate.workflow.underwrite import Rulebook, Underwritten, underwrite
from tests.analysis.standins import DEADLINE, reviewer_on, standing_in

TODAY = date(2026, 11, 22)
SMALL = {"applicant_id": "F-1", "income": 118350, "debt_to_income": 0.2213, "employment_years": 7.75}
APPLICATIONS = {
    "small": SMALL,
    "over-leveraged": SMALL | {"debt_to_income": 0.6227},
    "mortgage": SMALL | {"product": "mortgage", "amount_requested": 371400, "property": {"value": 439300}},
}


@cache
def rulebook() -> Rulebook:
    return rulebook_from(ServiceSettings())


@cache
def by_rules(name: str) -> Underwritten:
    application = validate(APPLICATIONS[name]).application
    return asyncio.run(underwrite(application, TODAY, rulebook(), RulesReviewer()))


def by_stand_in(name: str, options: Options) -> tuple[Underwritten, float]:
    """The same by Claude, and the seconds it took."""

    async def work() -> tuple[Underwritten, float]:
        application, clock = validate(APPLICATIONS[name]).application, asyncio.get_running_loop().time
        async with standing_in(options) as (model, _):
            begun = clock()
            result = await underwrite(application, TODAY, rulebook(), reviewer_on(model))
            return result, clock() - begun

    return virtual_time.run(work())


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("often", ["once", "for-ever"])
def test_every_fault_of_every_character_gives_a_memo_in_time(
    fault: str, character: Character, often: str
) -> None:
    """Claude's or the rules' with the reason; the recommendation, facts and checks are those of the rules."""
    script = fault if often == "once" else f"{fault}*"
    for name in APPLICATIONS:
        result, seconds = by_stand_in(name, Options(character=character, script=script))
        memo, rules = result.reviewed.memo, by_rules(name)
        assert memo.reviewer == "claude" or memo.because
        assert memo.risk_summary
        assert memo.next_step
        assert seconds <= DEADLINE
        assert result.recommendation.model_dump_json() == rules.recommendation.model_dump_json()
        assert (result.case.facts, result.checks) == (rules.case.facts, rules.checks)


@pytest.mark.parametrize("fault", ["hang", "spend_limit", "refusal", "max_tokens", "invalid_json", "empty"])
def test_what_never_gets_well_gives_the_rules_memo_word_for_word(fault: str) -> None:
    """With the reason, which is one that readers may see."""
    result, _ = by_stand_in("small", Options(script=f"{fault}*"))
    memo = result.reviewed.memo
    assert memo.because in {kind.because for kind in _below(ModelError)}
    assert memo.model_copy(update={"because": None}) == by_rules("small").reviewed.memo


@pytest.mark.parametrize("fault", ["overloaded*2", "rate_limit=2", "server_error", "invalid_json", "hang"])
def test_what_gets_well_is_waited_for(fault: str) -> None:
    """A retry, or one repair turn, and it is Claude's memo, marked as simulated."""
    memo = by_stand_in("small", Options(script=fault))[0].reviewed.memo
    assert (memo.reviewer, memo.because, memo.simulated) == ("claude", None, True)


def test_a_failed_attempt_is_in_the_usage_of_the_review() -> None:
    """The rules memo is free; what was tried before it was not."""
    usage = by_stand_in("small", Options(script="invalid_json*"))[0].reviewed.usage
    assert usage.cost_usd > 0
    assert usage.output_tokens > 0
    assert usage.prompt_sha256
    assert usage.request_id


def _below(kind: type[ModelError]) -> set[type[ModelError]]:
    return {kind} | {below for child in kind.__subclasses__() for below in _below(child)}
