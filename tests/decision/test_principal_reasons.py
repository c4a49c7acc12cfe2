"""Principal reasons: ranked, deduplicated, few, and the rule's own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.decision.reasons import INCOMPLETE_REASON, MOST_REASONS, principal_reasons
from lendgate.errors import PolicyError
from lendgate.policy.model import Finding
from lendgate.schema import Outcome
from tests.decision.builders import finding, findings

outcomes = st.sampled_from(["refer", "incomplete", "ineligible"])


def codes(several: list[Finding], outcome: Outcome) -> list[str]:
    """The codes of the reasons, in order."""
    return [reason.code for reason in principal_reasons(several, outcome)]


def test_eligible_has_no_reasons() -> None:
    """Nothing adverse happened, so there is nothing to explain."""
    assert codes([finding("fail", "refer")], "eligible") == []


def test_decline_goes_before_refer() -> None:
    """The effect ranks first, whatever the rank."""
    several = [finding("fail", "refer", code="AA02", rank=1), finding("fail", "decline", code="AA03", rank=9)]
    assert codes(several, "ineligible") == ["AA03", "AA02"]


def test_a_reason_that_only_refers_is_no_reason_for_a_decline() -> None:
    """A low score sends the file to an underwriter, who names the factors behind it (9(b)(2)-4)."""
    several = [finding("fail", "refer", code="HC14"), finding("fail", "decline", code="AA09")]
    assert codes(several, "ineligible") == ["AA09"]
    assert codes(several, "refer") == ["AA09", "HC14"]


def test_failed_goes_before_not_evaluable() -> None:
    """What was found outranks what could not be seen."""
    several = [finding("not_evaluable", "decline", code="AA04"), finding("fail", "refer", code="AA07")]
    assert codes(several, "refer") == ["AA07", "AA04"]


def test_knockout_goes_first_within_an_effect() -> None:
    """An automatic-denial factor leads its effect."""
    several = [
        finding("fail", "decline", code="AA02", rank=1),
        finding("fail", "decline", code="AA03", rank=9, knockout=True),
    ]
    assert codes(several, "ineligible") == ["AA03", "AA02"]


def test_rank_then_pack_order() -> None:
    """The pack's rank decides, and its order where ranks are equal."""
    several = [
        finding("fail", code=code, rank=rank) for code, rank in (("AA05", 2), ("AA02", 2), ("AA08", 1))
    ]
    assert codes(several, "refer") == ["AA08", "AA05", "AA02"]


def test_one_reason_a_code() -> None:
    """Two rules with one reason say it once."""
    several = [finding("fail", code="AA09"), finding("fail", code="AA09", rank=1)]
    assert codes(several, "refer") == ["AA09"]


@pytest.mark.parametrize(("failed", "given_reasons"), [(4, 4), (5, 4)])
def test_at_most_four(failed: int, given_reasons: int) -> None:
    """The commentary's four, from both sides."""
    several = [finding("fail", code=f"AA{number:02d}") for number in range(2, 2 + failed)]
    assert len(codes(several, "refer")) == given_reasons


def test_a_knockout_that_ranks_last_still_gets_a_place() -> None:
    """R05: it takes the place of the last of the others and keeps its own rank."""
    declines = [finding("fail", "decline", code=f"AA{number:02d}") for number in range(2, 7)]
    several = [*declines, finding("fail", "refer", code="AA11", rank=24, knockout=True)]
    assert codes(several, "ineligible") == ["AA02", "AA03", "AA04", "AA11"]


def test_five_knockouts_are_all_named() -> None:
    """Naming an automatic-denial factor is a duty (-8), four reasons are advice (-1)."""
    several = [finding("fail", "decline", code=f"AA{number:02d}", knockout=True) for number in range(2, 7)]
    assert codes([*several, finding("fail", "decline", code="AA11")], "ineligible") == [
        "AA02",
        "AA03",
        "AA04",
        "AA05",
        "AA06",
    ]


def test_a_decline_names_only_what_failed() -> None:
    """What could not be verified did not cause the decline."""
    several = [finding("fail", "decline", code="AA09"), finding("not_evaluable", code="AA04")]
    assert codes(several, "ineligible") == ["AA09"]


def test_incomplete_comes_first_and_speaks_for_what_is_unknown() -> None:
    """AA01 leads, failed rules follow, "unable to verify" stays out."""
    several = [finding("fail", "refer", code="AA07"), finding("not_evaluable", code="AA04")]
    assert codes(several, "incomplete") == ["AA01", "AA07"]


def test_incomplete_is_never_cut() -> None:
    """Four knockouts of a refer rule do not push AA01 out."""
    several = [finding("fail", code=f"AA{number:02d}", knockout=True) for number in range(2, 6)]
    assert codes(several, "incomplete")[0] == INCOMPLETE_REASON.code


def test_a_failed_rule_without_a_public_reason_is_refused() -> None:
    """R03: the message names the rule and the mend."""
    mute = replace(finding("fail", "decline", code="AA09"), reason=None)
    with pytest.raises(PolicyError, match=r"rule rule-AA09 .* give it one in its pack"):
        principal_reasons([mute], "ineligible")


@given(st.lists(findings, max_size=14), outcomes)
def test_every_reason_is_traceable_to_a_rule_that_did_not_pass(
    several: list[Finding], outcome: Outcome
) -> None:
    """R04: none outside the record."""
    known = {one.reason for one in several if one.result != "pass"} | {INCOMPLETE_REASON}
    assert set(principal_reasons(several, outcome)) <= known


@given(st.lists(findings, max_size=14), outcomes)
def test_failed_knockouts_are_always_among_the_reasons(several: list[Finding], outcome: Outcome) -> None:
    """R05, for any findings."""
    knockouts = {one.reason.code for one in several if one.knockout and one.result == "fail" and one.reason}
    reasons = codes(several, outcome)
    assert knockouts <= set(reasons)
    assert len(reasons) <= max(MOST_REASONS, len(knockouts) + (outcome == "incomplete"))
