"""What the documents are held against: the day, and what the application states. Pure.

Law: the day is given, never asked of a clock: it is the day the documents were received, in the lender's
time zone, so that a document of the same evening is not "from the future".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lendgate.schema.application import Application

_MONTHS: int = 12


@dataclass(frozen=True, slots=True)
class Debt:
    """A payment the application declares."""

    creditor: str
    monthly: Decimal


@dataclass(frozen=True, slots=True)
class Seen:
    """A document seen before: its digest, and for each page its fingerprint and sketch of numbers."""

    id: str
    sha256: str
    pages: tuple[tuple[str, frozenset[str]], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One application as far as documents need it.

    ``as_of`` is the day of receipt; ``applied_on`` the day of the application (``as_of`` when not known).
    ``monthly_income`` is stated, gross. ``seen`` are documents of this lender, this application's or not.
    """

    as_of: date
    applied_on: date | None = None
    people: tuple[str, ...] = ()
    employers: tuple[str, ...] = ()
    monthly_income: Decimal | None = None
    debts: tuple[Debt, ...] = ()
    purchase: bool | None = None
    seen: tuple[Seen, ...] = ()

    @property
    def day(self) -> date:
        """The day that ages of documents are counted back from."""
        return self.applied_on or self.as_of


def case_of(application: Application, as_of: date, seen: tuple[Seen, ...] = ()) -> Case:
    """The case of an application received by ``as_of``."""
    applicants = application.applicants or []
    names = (applicant.name for applicant in applicants if applicant.name)
    jobs = (job for applicant in applicants for job in applicant.employments or [])
    debts = (Debt(one.creditor or one.type, one.monthly_payment) for one in application.liabilities or [])
    return Case(
        as_of=as_of,
        people=tuple(" ".join(filter(None, (n.first, n.middle, n.last, n.suffix))) for n in names),
        employers=tuple(job.employer for job in jobs if job.status == "Current"),
        monthly_income=application.income / _MONTHS,
        debts=tuple(debts),
        purchase=None if application.loan_purpose is None else application.loan_purpose == "Purchase",
        seen=seen,
    )
