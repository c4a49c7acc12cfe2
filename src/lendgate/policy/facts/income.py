"""Income and employment.

Law: every itemized income counts in full whatever its kind: part-time, pension, alimony, child support
and public assistance are never discounted (12 CFR 1002.6(b)(2), (b)(5)), and no fact tells the kind.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from lendgate.policy.arithmetic import months_between, share
from lendgate.policy.facts.record import fact
from lendgate.policy.model import Fact
from lendgate.schema.application import Application
from lendgate.schema.parties import Applicant, Employment, Income

_FROM_WORK: Final = frozenset(
    {"Base", "Overtime", "Bonus", "Commissions", "MilitaryBasePay", "SelfEmployment"}
)
_OWNER_SHARE: Final = Decimal("0.25")  # URLA 1b: an owner of a quarter or more is self-employed


def income_facts(application: Application) -> tuple[Fact, ...]:
    """Stated income, itemized income, and how far they differ."""
    stated = application.income
    incomes = _itemized(application)
    total = sum((income.monthly_amount for _, income in incomes), Decimal(0)) * 12 if incomes else None
    places = tuple(f"{place}/monthly_amount" for place, _ in incomes) or ("/applicants/0/incomes",)
    difference = share(abs(total - stated), stated) if total is not None else None
    return (
        fact("annual_income", stated, "Gross annual income as stated.", "/income"),
        fact("monthly_income", stated / 12, "Annual income divided by twelve.", "/income"),
        fact("itemized_income", total, _how_itemized(total), *places),
        fact("income_itemized", bool(incomes), "Whether incomes are itemized.", *places),
        fact("income_disagreement", difference, _how_compared(difference), "/income", *places),
    )


def _how_itemized(total: Decimal | None) -> str:
    return "Not itemized." if total is None else "Itemized monthly incomes, each in full, times twelve."


def _how_compared(difference: Decimal | None) -> str:
    if difference is None:
        return "Not compared: incomes are not itemized, or the stated income is zero."
    return "Itemized less stated income, without sign, over stated income."


def _itemized(application: Application) -> list[tuple[str, Income]]:
    return [
        (f"/applicants/{a}/incomes/{i}", income)
        for a, applicant in enumerate(application.applicants or ())
        for i, income in enumerate(applicant.incomes or ())
    ]


def employment_facts(application: Application, as_of: date) -> tuple[Fact, ...]:
    """The primary applicant's time in job and line of work; self-employment of anyone."""
    months = _months_on_job(application, as_of)
    incomes = [income for _, income in _itemized(application)]
    applies = not incomes or any(income.type in _FROM_WORK for income in incomes)
    return (
        fact(
            "employment_applies",
            applies,
            "False only where incomes are itemized and none is from work.",
            *(("/applicants",) if incomes else ()),
        ),
        _employment_years(application, months),
        months,
        _line_of_work(application, months),
        _self_employed(application, as_of),
    )


def _employment_years(application: Application, months: Fact) -> Fact:
    if application.employment_years is not None:
        return fact("employment_years", application.employment_years, "As stated.", "/employment_years")
    if not isinstance(months.value, int):
        return fact("employment_years", None, months.how, *months.inputs)
    years = Decimal(months.value) / 12
    return fact("employment_years", years, "Months in the present job over twelve.", *months.inputs)


def _months_on_job(application: Application, as_of: date) -> Fact:
    place, job = _main_job(application, as_of)
    if job is not None and job.start_date is not None:
        months = months_between(job.start_date, as_of)
        how = "Completed months since the present main job began."
        if months is None:
            how = "Unknown: the present main job begins after the day of the application."
        return fact("months_on_job", months, how, f"{place}/start_date")
    if application.employment_years is not None:
        months = int(application.employment_years * 12)
        return fact("months_on_job", months, "Stated years in the job times twelve.", "/employment_years")
    return fact("months_on_job", None, "Unknown: no start of the present job is given.", "/employment_years")


def _line_of_work(application: Application, on_job: Fact) -> Fact:
    """At least the time in the present job; more where the application says so."""
    jobs = _jobs_of(*_primary(application))
    stated = [(p, j.years_in_line_of_work) for p, j in jobs if j.years_in_line_of_work is not None]
    months = [int(years * 12) for _, years in stated]
    if isinstance(on_job.value, int):
        months.append(on_job.value)
    places = tuple(f"{place}/years_in_line_of_work" for place, _ in stated)
    how = "The longer of the time in the present job and the stated time in the line of work."
    if not months:
        return fact("months_in_line_of_work", None, on_job.how, *on_job.inputs)
    return fact("months_in_line_of_work", max(months), how, *on_job.inputs, *places)


def _self_employed(application: Application, as_of: date) -> Fact:
    applicants = enumerate(application.applicants or ())
    jobs = [job for n, one in applicants for _, job in _jobs_of(n, one) if _is_current(job, as_of)]
    owns = any(job.self_employed or (job.ownership_share or 0) >= _OWNER_SHARE for job in jobs)
    how = "Self-employed, or owner of a quarter or more of the employer, in any present job."
    if not jobs:
        how = "Unknown: no present job is listed."
    return fact("self_employed", owns if jobs else None, how, "/applicants")


def _primary(application: Application) -> tuple[int, Applicant | None]:
    for number, applicant in enumerate(application.applicants or ()):
        if applicant.role == "primary":
            return number, applicant
    return 0, None


def _jobs_of(number: int, applicant: Applicant | None) -> list[tuple[str, Employment]]:
    jobs = enumerate((applicant.employments if applicant else None) or ())
    return [(f"/applicants/{number}/employments/{n}", job) for n, job in jobs]


def _is_current(job: Employment, as_of: date) -> bool:
    return job.status == "Current" and (job.end_date is None or job.end_date > as_of)


def _main_job(application: Application, as_of: date) -> tuple[str, Employment | None]:
    for place, job in _jobs_of(*_primary(application)):
        if job.classification == "Primary" and _is_current(job, as_of):
            return place, job
    return "", None
