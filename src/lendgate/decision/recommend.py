"""The recommendation: what the rules come to. The only maker of a ``Recommendation`` (invariant a).

Stages, the most severe first; the first that applies is the outcome:

    1. ineligible   a rule whose effect is decline failed (an underwriter still makes every decline)
    2. incomplete   a field without which the product cannot be assessed is missing
    3. refer        no rule spoke; or a rule failed, or could not be evaluated, or said anything but pass;
                    or the gate reports a missing field; or the memo asks for a person
    4. eligible     every rule passed

Law: what is unknown goes to a person, never to ``eligible`` (invariant b). The memo is heard in stage 3
only and for one bit, so that it may escalate and never relax (invariant c). Missing documents are
reported by ``completeness`` and change no outcome (12 CFR 1026.2(a)(3)(ii) counts none). No clock, no I/O
(invariant d).
"""

from __future__ import annotations

from lendgate.decision.reasons import principal_reasons
from lendgate.decision.version import ENGINE_VERSION
from lendgate.policy.evaluate import risk_of
from lendgate.policy.model import Assessment
from lendgate.schema import SCHEMA_VERSION, Completeness, CreditMemo, Outcome, Recommendation


def recommend(assessment: Assessment, completeness: Completeness, memo: CreditMemo) -> Recommendation:
    """The outcome and its principal reasons, from findings; the memo adds at most a referral.

    Raises:
        PolicyError: a rule that did not pass has no public reason.
    """
    outcome = _outcome(assessment, completeness, memo)
    return Recommendation(
        outcome=outcome,
        risk=risk_of(assessment.findings),
        reasons=principal_reasons(assessment.findings, outcome),
        policy=assessment.policy,
        engine_version=ENGINE_VERSION,
        schema_version=SCHEMA_VERSION,
    )


def _outcome(assessment: Assessment, completeness: Completeness, memo: CreditMemo) -> Outcome:
    findings = assessment.findings
    if any(finding.result == "fail" and finding.effect == "decline" for finding in findings):
        return "ineligible"
    if assessment.missing_fields:
        return "incomplete"
    every_rule_passed = bool(findings) and all(finding.result == "pass" for finding in findings)
    if not every_rule_passed or completeness.missing_fields or memo.escalate:
        return "refer"
    return "eligible"
