"""The invariants of the design that decision/ answers for: a, b, c, d."""

from __future__ import annotations

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from lendgate.decision.recommend import recommend
from lendgate.policy.model import Assessment, Finding
from lendgate.schema import Completeness, CreditMemo
from tests.decision.builders import (
    COMPLETE,
    adverse_findings,
    assessment,
    assessments,
    finding,
    gates,
    memo,
    memos,
)

SEVERITY: Final = ("eligible", "refer", "incomplete", "ineligible")
RISK: Final = ("low", "moderate", "undetermined", "high")


@given(assessments, gates, memos, memos)
def test_invariant_a_no_words_of_a_memo_change_the_recommendation(
    judged: Assessment, gate: Completeness, one: CreditMemo, other: CreditMemo
) -> None:
    """Two memos that agree on ``escalate`` lead to the same bytes, whatever they say."""
    other = other.model_copy(update={"escalate": one.escalate})
    assert recommend(judged, gate, one) == recommend(judged, gate, other)


@given(assessments, gates, memos)
def test_invariant_a_an_escalation_changes_no_reason_of_a_rule_and_no_risk(
    judged: Assessment, gate: Completeness, words: CreditMemo
) -> None:
    """What a memo's one bit may touch is the outcome, and only from eligible."""
    calm = recommend(judged, gate, words.model_copy(update={"escalate": False}))
    raised = recommend(judged, gate, words.model_copy(update={"escalate": True}))
    assert (calm.reasons, calm.risk) == (raised.reasons, raised.risk)


@given(assessments, gates, memos, adverse_findings, st.data())
def test_invariant_b_adding_an_adverse_finding_never_improves_the_outcome(
    judged: Assessment, gate: Completeness, words: CreditMemo, worse: Finding, data: st.DataObject
) -> None:
    """Wherever in the pack the finding stands."""
    place = data.draw(st.integers(0, len(judged.findings)))
    several = [*judged.findings[:place], worse, *judged.findings[place:]]
    after = recommend(assessment(*several, missing=judged.missing_fields), gate, words)
    before = recommend(judged, gate, words)
    assert SEVERITY.index(after.outcome) >= SEVERITY.index(before.outcome)


@given(assessments, gates, memos)
def test_invariant_b_only_a_full_set_of_passes_is_eligible(
    judged: Assessment, gate: Completeness, words: CreditMemo
) -> None:
    """Nothing unknown, missing or failed is behind an ``eligible``."""
    if recommend(judged, gate, words).outcome == "eligible":
        assert judged.findings
        assert {one.result for one in judged.findings} == {"pass"}
        assert not judged.missing_fields
        assert not gate.missing_fields
        assert not words.escalate


@given(assessments, gates, memos)
def test_invariant_b_losing_a_field_never_improves_the_outcome(
    judged: Assessment, gate: Completeness, words: CreditMemo
) -> None:
    """One more missing field is at least as severe."""
    after = assessment(*judged.findings, missing=(*judged.missing_fields, "/loan_purpose"))
    assert SEVERITY.index(recommend(after, gate, words).outcome) >= SEVERITY.index(
        recommend(judged, gate, words).outcome
    )


@given(assessments, gates, memos)
def test_invariant_c_a_memo_may_escalate_and_never_relax(
    judged: Assessment, gate: Completeness, words: CreditMemo
) -> None:
    """Beside a silent memo, any memo is the same or refers what was eligible."""
    silent = recommend(judged, gate, memo()).outcome
    spoken = recommend(judged, gate, words).outcome
    assert spoken == silent or (silent, spoken) == ("eligible", "refer")


@given(assessments, gates, memos)
def test_invariant_d_the_same_inputs_make_the_same_bytes(
    judged: Assessment, gate: Completeness, words: CreditMemo
) -> None:
    """Byte for byte, as a replay compares them."""
    once = recommend(judged, gate, words).model_dump_json()
    again = recommend(judged, gate, words).model_dump_json()
    assert once.encode() == again.encode()


def test_invariant_d_a_recommendation_has_these_bytes() -> None:
    """A stored recommendation of today must be what a replay makes tomorrow."""
    made = recommend(assessment(finding("fail", "decline", code="AA09")), COMPLETE, memo())
    assert made.model_dump_json() == (
        '{"outcome":"ineligible","risk":"high",'
        '"reasons":[{"code":"AA09","text":"Reason AA09","hmda_code":9}],'
        f'"policy":{{"id":"sample","version":"2026.1","sha256":"{"a" * 64}"}},'
        '"engine_version":"1.0","schema_version":"1.0"}'
    )
