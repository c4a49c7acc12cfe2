"""The reasons an underwriter chooses: only supported ones, ranked by the rules, in the catalogue's words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.decision.choosing import chosen_reasons, supported_reasons
from lendgate.decision.reasons import MOST_REASONS, principal_reasons
from lendgate.decision.refusals import DecisionRefusedError
from lendgate.policy.model import Finding
from lendgate.policy.reasons import reason
from tests.decision.builders import CODES, finding, findings


def chosen(several: list[Finding], *codes: str) -> list[str]:
    """The codes of the reasons, in order."""
    return [reason.code for reason in chosen_reasons(several, codes)]


def test_a_failed_rule_supports_its_own_reason() -> None:
    """And what passed supports nothing."""
    several = [finding("fail", code="AA09"), finding(code="AA02")]
    assert chosen(several, "AA09") == ["AA09"]
    with pytest.raises(DecisionRefusedError, match="do not support AA02; they support: AA09"):
        chosen(several, "AA02")


def test_what_could_not_be_verified_may_be_a_reason() -> None:
    """The rule's "unable to verify …", after what failed."""
    several = [finding("not_evaluable", "decline", code="AA10"), finding("fail", code="AA07")]
    assert chosen(several, "AA10", "AA07") == ["AA07", "AA10"]


def test_the_order_is_the_findings_and_not_the_underwriters() -> None:
    """Ranked by effect and severity."""
    several = [finding("fail", code="AA03", rank=1), finding("fail", "decline", code="AA02", rank=9)]
    assert chosen(several, "AA03", "AA02") == chosen(several, "AA02", "AA03") == ["AA02", "AA03"]


def test_a_failed_knockout_is_named_whether_picked_or_not() -> None:
    """R05."""
    several = [finding("fail", code="AA03"), finding("fail", "decline", code="AA02", knockout=True)]
    assert chosen(several, "AA03") == ["AA02", "AA03"]


def test_a_failed_score_supports_the_factors_behind_it() -> None:
    """9(b)(2)-4: the score is no reason; credit factors are, income is not."""
    score = replace(finding("fail"), reason=reason("HC14"))
    assert chosen([score], "AA22", "AA17") == ["AA17", "AA22"]
    for code in ("HC14", "AA09"):
        with pytest.raises(DecisionRefusedError, match=f"do not support {code}"):
            chosen([score], code)


def test_nothing_adverse_supports_no_decline() -> None:
    """A person cannot decline what passes every rule."""
    with pytest.raises(DecisionRefusedError, match="they support: none"):
        chosen([finding()], "AA09")
    with pytest.raises(DecisionRefusedError, match="at least one principal reason"):
        chosen([finding("fail", code="AA09")])


@pytest.mark.parametrize("picked", [4, 5])
def test_at_most_four_are_chosen(picked: int) -> None:
    """The boundary from both sides: nothing is dropped behind the underwriter's back."""
    several = [finding("fail", code=code) for code in CODES[:5]]
    if picked <= MOST_REASONS:
        assert len(chosen(several, *CODES[:picked])) == picked
    else:
        with pytest.raises(DecisionRefusedError, match="choose fewer"):
            chosen(several, *CODES[:picked])


@given(st.lists(findings, max_size=12), st.lists(st.sampled_from(CODES), max_size=5))
def test_every_chosen_reason_is_traceable_and_every_knockout_is_there(
    several: list[Finding], codes: list[str]
) -> None:
    """R04, R05, for any findings and any choice: words, order and origin are the findings'."""
    try:
        reasons = chosen_reasons(several, codes)
    except DecisionRefusedError:
        return
    support = {one.reason: one.rules for one in supported_reasons(several)}
    assert all(support[reason] for reason in reasons)
    assert set(reasons) <= {one.reason for one in several if one.result != "pass"}
    knockouts = {one.reason for one in several if one.knockout and one.result == "fail"}
    assert knockouts <= set(reasons)
    assert [one for one in support if one in reasons] == list(reasons)
    assert len(reasons) <= max(MOST_REASONS, len(knockouts))


@given(st.lists(findings, max_size=12))
def test_what_the_rules_would_name_may_always_be_chosen(several: list[Finding]) -> None:
    """The engine's own principal reasons of a decline are a choice that the engine accepts, in its order."""
    own = principal_reasons(several, "ineligible")
    if own:
        assert chosen_reasons(several, [reason.code for reason in own]) == own
