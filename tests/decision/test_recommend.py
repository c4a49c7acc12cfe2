"""The stages of a recommendation, one by one, and what the memo may do to it."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from lendgate.decision.recommend import recommend
from lendgate.decision.version import ENGINE_VERSION
from lendgate.policy.model import Effect
from lendgate.schema import SCHEMA_VERSION, Completeness, MissingDocument, Outcome
from lendgate.schema.review import CheckResult
from tests.decision.builders import COMPLETE, POLICY, assessment, finding, memo


@pytest.mark.parametrize(
    ("result", "effect", "outcome"),
    [
        ("pass", "refer", "eligible"),
        ("pass", "decline", "eligible"),
        ("fail", "refer", "refer"),
        ("not_evaluable", "refer", "refer"),
        ("not_evaluable", "decline", "refer"),
        ("fail", "decline", "ineligible"),
    ],
)
def test_one_rule_beside_a_passed_one(result: CheckResult, effect: Effect, outcome: Outcome) -> None:
    """Each result and effect reaches its own outcome."""
    judged = assessment(finding(), finding(result, effect))
    assert recommend(judged, COMPLETE, memo()).outcome == outcome


def test_no_rules_at_all_refers() -> None:
    """A policy that says nothing makes nobody eligible."""
    assert recommend(assessment(), COMPLETE, memo()).outcome == "refer"


def test_a_missing_field_of_the_product_is_incomplete() -> None:
    """What cannot be assessed is neither eligible nor referred on its merits."""
    judged = assessment(finding(), finding("fail", "refer"), missing=("/property/value",))
    assert recommend(judged, COMPLETE, memo()).outcome == "incomplete"


def test_a_failed_decline_rule_outweighs_a_missing_field() -> None:
    """Ineligible is the most severe outcome."""
    judged = assessment(finding("fail", "decline"), missing=("/property/value",))
    assert recommend(judged, COMPLETE, memo()).outcome == "ineligible"


def test_a_field_only_the_gate_misses_goes_to_a_person() -> None:
    """Gate and policy disagreeing about what is missing is never eligible."""
    gate = Completeness(complete=False, missing_documents=[], missing_fields=["/loan_purpose"])
    assert recommend(assessment(finding()), gate, memo()).outcome == "refer"


def test_missing_documents_change_no_outcome() -> None:
    """Documents are chased, not decided on."""
    stub = MissingDocument(type="pay_stub", needed=1, present=0, why="shows present income")
    gate = Completeness(complete=False, missing_documents=[stub], missing_fields=[])
    assert recommend(assessment(finding()), gate, memo()).outcome == "eligible"


def test_a_result_nobody_knows_goes_to_a_person() -> None:
    """Anything but pass is not a pass."""
    odd = replace(finding("fail"), result=cast("CheckResult", "maybe"))
    assert recommend(assessment(odd), COMPLETE, memo()).outcome == "refer"


def test_an_effect_nobody_knows_goes_to_a_person() -> None:
    """A failed rule of unknown effect neither declines nor passes."""
    odd = finding("fail", cast("Effect", "surcharge"))
    assert recommend(assessment(odd), COMPLETE, memo()).outcome == "refer"


def test_an_escalating_memo_turns_eligible_into_refer() -> None:
    """The one bit a memo may set."""
    assert recommend(assessment(finding()), COMPLETE, memo(escalate=True)).outcome == "refer"


def test_an_escalation_adds_no_reason() -> None:
    """Reasons come from rules; a memo has none to give."""
    assert recommend(assessment(finding()), COMPLETE, memo(escalate=True)).reasons == ()


def test_the_recommendation_names_what_made_it() -> None:
    """Policy hash, engine version and schema version are written down for replay."""
    made = recommend(assessment(finding()), COMPLETE, memo())
    assert (made.policy, made.engine_version, made.schema_version) == (POLICY, ENGINE_VERSION, SCHEMA_VERSION)


@pytest.mark.parametrize(
    ("failed", "risk"),
    [
        ((), "low"),
        (("refer",), "moderate"),
        (("refer", "decline"), "high"),
    ],
)
def test_risk_follows_the_gravest_failure(failed: tuple[Effect, ...], risk: str) -> None:
    """Low with nothing failed, moderate with a referral, high with a decline."""
    judged = assessment(finding(), *(finding("fail", effect) for effect in failed))
    assert recommend(judged, COMPLETE, memo()).risk == risk
