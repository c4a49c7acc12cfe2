"""Ages and coverage: is it recent enough, is it from the future, are all its pages there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from lendgate.documents.case import Case
from lendgate.documents.checks.model import Check, places, verdict
from lendgate.documents.document import Document
from lendgate.documents.fields import Field
from lendgate.documents.figures import figures
from lendgate.documents.split import page_number
from lendgate.schema.enums import DocumentType

_STATEMENTS: Final[frozenset[DocumentType]] = frozenset({"bank_statement", "investment_statement"})
_RETURNS: Final[frozenset[DocumentType]] = frozenset(
    {"1040", "1040_schedule_1", "1040_schedule_c", "1040_schedule_d", "1040_schedule_e"}
)
_WAGE_FORMS: Final[frozenset[DocumentType]] = frozenset(
    {"w2", "1099_nec", "1099_misc", "1099_int", "1099_div", "1099_g", "1099_r", "1099_ssa"}
)
_PAST_DATES: Final = ("pay_date", "period_end", "statement_date", "issued", "date_issued", "employed_since")
_PAY_DATE_AHEAD: Final = 10
"""Days a stub may be handed out before the day it is paid."""
_FILING_MONTH_DAY: Final = (4, 15)
_QUARTER: Final = 80
_GAP: Final = 7


def check_recency(document: Document, case: Case) -> Iterator[Check]:
    """The ages of one document that matter for its type."""
    yield from _future(document, case)
    yield from _pages(document)
    if document.type == "pay_stub":
        yield _age(document, case, "stub_recent", ("pay_date", "period_end"), figures().days.pay_stub.value)
    elif document.type in _STATEMENTS:
        yield _statement_age(document, case)
    elif document.type in _WAGE_FORMS:
        yield _year(document, _wage_years(case.day), case)
    elif document.type in _RETURNS:
        yield _year(document, _return_years(case.day), case)
    elif document.type == "identity_document":
        yield _expiry(document, case)


def check_coverage(documents: Sequence[Document], case: Case) -> Iterator[Check]:
    """A purchase asks for two months of statements of an account, one after the other."""
    statements = [d for d in documents if d.type == "bank_statement"]
    if not statements or case.purchase is not True:
        return
    spans = sorted(span for d in statements if (span := _span(d)))
    covered = sum((end - start).days + 1 for start, end in spans)
    apart = [b[0] - a[1] > timedelta(days=_GAP) for a, b in pairwise(spans)]
    needed = figures().days.two_statements.value
    holds = None if len(spans) < len(statements) else covered >= needed and not any(apart)
    detail = f"The statements cover {covered} days{', with gaps' if any(apart) else ''}."
    public = "" if holds else "Bank statements for a longer unbroken time may be needed."
    evidence = tuple(d.first_page for d in statements)
    yield Check("statement_coverage", 0, verdict(holds), detail, evidence, public)


def _future(document: Document, case: Case) -> Iterator[Check]:
    """No date of what has happened lies after the day of receipt."""
    for name in _PAST_DATES:
        field = document.extract.fields.get(name)
        if field is None or not isinstance(field.value, date):
            continue
        latest = case.as_of + timedelta(days=_PAY_DATE_AHEAD if name == "pay_date" else 0)
        holds = field.value <= latest
        detail = f"{name.replace('_', ' ')} {field.value}, received {case.as_of}."
        public = "" if holds else "The document is dated after the day it was received."
        yield Check("not_from_the_future", document.number, verdict(holds), detail, (field.evidence,), public)


def _age(document: Document, case: Case, name: str, fields: Sequence[str], most: int) -> Check:
    """The newest of the dates is at most ``most`` days before the application."""
    dated = [f for key in fields if (f := document.extract.fields.get(key)) and isinstance(f.value, date)]
    if not dated:
        detail = "No date was found to tell its age by."
        return Check(name, document.number, "cannot_tell", detail, (document.first_page,))
    newest = max(dated, key=_day_of)
    days = (case.day - _day_of(newest)).days
    holds = days <= most
    detail = f"Dated {newest.value}, {days} days before {case.day}; at most {most}."
    public = "" if holds else "The document is older than what can be used; please send the latest one."
    return Check(name, document.number, verdict(holds), detail, places(newest), public)


def _statement_age(document: Document, case: Case) -> Check:
    span = _span(document)
    quarterly = span is not None and (span[1] - span[0]).days >= _QUARTER
    days = figures().days
    most = days.quarterly_statement.value if quarterly else days.statement.value
    return _age(document, case, "statement_recent", ("period_end", "statement_date"), most)


def _span(document: Document) -> tuple[date, date] | None:
    start, end = document.extract.day("period_start"), document.extract.day("period_end")
    return (start, end) if start and end and start <= end else None


def _wage_years(day: date) -> tuple[int, ...]:
    """The most recent years: the previous calendar year and the one before (B3-3.1-02)."""
    return day.year - 1, day.year - 2


def _return_years(day: date) -> tuple[int, ...]:
    """The last return that had to be filed by ``day``, and the one before (Selling Guide B1-1-03)."""
    last = day.year - (1 if (day.month, day.day) >= _FILING_MONTH_DAY else 2)
    return tuple(year for year in (last - 1, last, last + 1) if year < day.year)


def _year(document: Document, recent: Sequence[int], case: Case) -> Check:
    field = document.extract.fields.get("tax_year")
    if field is None or not isinstance(field.value, int):
        detail = "The year was not found."
        return Check("form_year_recent", document.number, "cannot_tell", detail, (document.first_page,))
    holds = field.value in recent and field.value < case.as_of.year
    detail = f"For {field.value}; recent are {', '.join(map(str, sorted(recent)))}."
    public = "" if holds else "The form is not for one of the most recent years."
    return Check("form_year_recent", document.number, verdict(holds), detail, (field.evidence,), public)


def _expiry(document: Document, case: Case) -> Check:
    field = document.extract.fields.get("expires")
    day = document.extract.day("expires")
    if field is None or day is None:
        detail = "No date of expiry was found."
        return Check("identity_not_expired", document.number, "cannot_tell", detail, (document.first_page,))
    holds = day >= case.as_of
    detail = f"Expires {day}."
    public = "" if holds else "The identity document has expired."
    return Check("identity_not_expired", document.number, verdict(holds), detail, (field.evidence,), public)


def _pages(document: Document) -> Iterator[Check]:
    """Every page that a document says it has is there."""
    numbers = [n for layout in document.layouts if (n := page_number(layout)) and n.of]
    if not numbers:
        return
    of = max(number.of or 0 for number in numbers)
    missing = sorted(set(range(1, of + 1)) - {number.number for number in numbers})
    # Pages without a number of their own may be the missing ones.
    unnumbered = len(document.layouts) - len(numbers)
    holds = not missing or (None if unnumbered >= len(missing) else False)
    detail = f"Says it has {of} pages; missing: {', '.join(map(str, missing)) or 'none'}."
    public = "" if holds else "Not all pages of the document are there; please send all of them."
    evidence = (document.first_page,)
    yield Check("all_pages_present", document.number, verdict(holds), detail, evidence, public)


def _day_of(field: Field) -> date:
    return field.value if isinstance(field.value, date) else date.min
