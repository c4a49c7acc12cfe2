"""Small makers of findings, assessments and memos for the decision tests."""

from __future__ import annotations

from hypothesis import strategies as st

from lendgate.policy.model import Assessment, Effect, Finding
from lendgate.schema import Completeness, CreditMemo, PolicyReference, PublicReason
from lendgate.schema.review import CheckResult

POLICY = PolicyReference(id="sample", version="2026.1", sha256="a" * 64)
COMPLETE = Completeness(complete=True, missing_documents=[], missing_fields=[])
CODES = tuple(f"AA{number:02d}" for number in range(2, 12))


def reason(code: str) -> PublicReason:
    """A public reason whose words tell its code."""
    return PublicReason(code=code, text=f"Reason {code}", hmda_code=9)


def finding(
    result: CheckResult = "pass",
    effect: Effect = "refer",
    *,
    code: str = "AA09",
    rank: int = 5,
    knockout: bool = False,
) -> Finding:
    """One finding; a result other than pass carries the reason of ``code``."""
    return Finding(
        rule=f"rule-{code}",
        title=f"Check {code}",
        result=result,
        effect=effect,
        rank=rank,
        knockout=knockout,
        reason=None if result == "pass" else reason(code),
        facts=(),
        limit="private limit",
        note="private note",
        citation="sample",
    )


def assessment(*findings: Finding, missing: tuple[str, ...] = ()) -> Assessment:
    """Policy's answer with these findings."""
    return Assessment(facts={}, findings=findings, missing_fields=missing, policy=POLICY)


def memo(text: str = "Low risk.", *, escalate: bool = False) -> CreditMemo:
    """A memo that says ``text`` everywhere."""
    return CreditMemo(
        reviewer="claude", risk_summary=text, checks_passed=(text,), next_step=text, escalate=escalate
    )


effects = st.sampled_from(["refer", "decline"])
results = st.sampled_from(["pass", "fail", "not_evaluable"])
findings = st.builds(
    finding,
    results,
    effects,
    code=st.sampled_from(CODES),
    rank=st.integers(1, 24),
    knockout=st.booleans(),
)
adverse_findings = findings.filter(lambda one: one.result != "pass")
assessments = st.builds(
    lambda several, missing: assessment(*several, missing=tuple(missing)),
    st.lists(findings, max_size=12),
    st.lists(st.sampled_from(["/property/value", "/amount_requested"]), max_size=2),
)
gates = st.builds(
    lambda fields: Completeness(complete=not fields, missing_documents=[], missing_fields=fields),
    st.lists(st.sampled_from(["/property/value", "/loan_purpose"]), max_size=2),
)
memos = st.builds(memo, st.text(max_size=80), escalate=st.booleans())
