"""The rules memo: deterministic, readable prose from facts and public checks.

Law: it says what was found, what was not, and what comes next; it promises nothing, discourages nobody and
never says what a value ought to be (a ``Case`` does not hold it).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lendgate.analysis.documents import asked, field_called
from lendgate.analysis.reviewer import Case
from lendgate.analysis.saying import listed, said_of
from lendgate.schema import CheckOutcome, Concern, CreditMemo
from lendgate.schema.enums import Product
from lendgate.schema.review import CheckResult

# What a summary names, in order; of two facts that say one thing the first that is known.
_SUMMARY: Final[dict[Product, tuple[tuple[str, ...], ...]]] = {
    "personal_loan": (
        ("annual_income",),
        ("back_end_dti", "stated_debt_to_income"),
        ("credit_score",),
        ("months_on_job", "employment_years"),
    ),
    "mortgage": (
        ("annual_income",),
        ("back_end_dti", "stated_debt_to_income"),
        ("ltv",),
        ("credit_score",),
        ("reserves_months",),
        ("months_on_job", "employment_years"),
    ),
}


def write(case: Case) -> CreditMemo:
    """The memo of the rules reviewer."""
    return CreditMemo(
        reviewer="rules",
        risk_summary=risk_summary(case),
        checks_passed=titles(case, "pass"),
        concerns=concerns(case),
        next_step=next_step(case),
    )


def titles(case: Case, result: CheckResult) -> tuple[str, ...]:
    """The titles of the checks with one result, each once, in pack order."""
    return tuple(dict.fromkeys(check.title for check in case.checks if check.result == result))


def risk_summary(case: Case) -> str:
    """How risky it looks, on which figures, and how much of the picture is missing."""
    figures = listed(said_of(case.facts, _summarized(case)))
    sentences = [_opening(case, figures)]
    failed = titles(case, "fail")
    if failed:
        sentences.append(f"Checks not passed: {listed(map(_inside, failed))}.")
    unknown = sum(check.result == "not_evaluable" for check in case.checks)
    if unknown:
        sentences.append(f"{unknown} of {len(case.checks)} checks could not be made for lack of information.")
    return " ".join(sentences)


def risk_said(case: Case) -> str:
    """The risk alone, in one sentence."""
    return _opening(case, "")


def concerns(case: Case) -> tuple[Concern, ...]:
    """What failed, one by one; then what could not be checked, together where the reason is one."""
    failed = [_failed(case, check) for check in case.checks if check.result == "fail"]
    unknown: dict[str, list[CheckOutcome]] = {}
    for check in case.checks:
        if check.result == "not_evaluable":
            unknown.setdefault(check.reason.code if check.reason else "", []).append(check)
    return (*failed, *(_not_evaluable(case, group) for group in unknown.values()))


def next_step(case: Case) -> str:
    """What happens next, and what to send for it."""
    requests = [asked(document) for document in case.completeness.missing_documents]
    sentences = [_step(case)]
    if requests:
        sentences.append(f"Documents still needed: {listed(requests)}.")
    return " ".join(sentences)


def _summarized(case: Case) -> list[str]:
    known = ([name for name in names if _is_known(case, name)] for names in _SUMMARY[case.product])
    return [names[0] for names in known if names]


def _opening(case: Case, figures: str) -> str:
    if case.risk == "undetermined":
        stated = f" The application states {figures}." if figures else ""
        return f"Risk cannot be determined yet.{stated}"
    return f"{case.risk.capitalize()} risk on the stated figures" + (f": {figures}." if figures else ".")


def _step(case: Case) -> str:
    if case.risk == "high":
        return (
            "Not eligible as submitted: an underwriter confirms the figures before any decline, and "
            "corrections or further information are welcome until then."
        )
    if case.completeness.missing_fields:
        fields = listed(map(field_called, case.completeness.missing_fields))
        return f"Send what is missing, so that the application can be assessed: {fields}."
    if titles(case, "fail"):
        return "Review by an underwriter of what did not pass, together with the documents."
    if titles(case, "not_evaluable") or not case.checks:
        return "Manual review of the documents by an underwriter, who also completes the open checks."
    return "Manual review of the documents by an underwriter, to confirm the stated figures."


def _failed(case: Case, check: CheckOutcome) -> Concern:
    names = _rests_on(case, [check])
    found = listed(said_of(case.facts, names))
    return Concern(text=f"{check.title}: not passed" + (f", with {found}." if found else "."), facts=names)


def _not_evaluable(case: Case, checks: list[CheckOutcome]) -> Concern:
    what = listed(dict.fromkeys(_inside(check.title) for check in checks))
    return Concern(
        text=f"Could not be checked from what was provided: {what}.", facts=_rests_on(case, checks)
    )


def _rests_on(case: Case, checks: Iterable[CheckOutcome]) -> tuple[str, ...]:
    names = (name for check in checks for name in case.rests_on.get(check.check, ()))
    return tuple(dict.fromkeys(name for name in names if name in case.facts))


def _is_known(case: Case, name: str) -> bool:
    return name in case.facts and case.facts[name].value is not None


def _inside(title: str) -> str:
    """A title inside a sentence: "Income" becomes "income", "FHA case number" stays."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
