"""Every check there is has generated documents that pass it and documents that do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files

import pytest

from lendgate.documents.case import Case, Debt
from lendgate.documents.checks.model import Check
from lendgate.documents.examine import examine
from tests.documents.printed import AS_OF, Printed, dollars, pay_stub, us
from tests.documents.printed_forms import form_1040, form_1099_nec, w2
from tests.documents.printed_more import identity_card, schedule_1, schedule_c, statement_with_checks
from tests.documents.printed_statements import statement
from tests.documents.reading import CASE, all_checks, document, triaged
from tests.documents.sheet import Sheet

pytestmark = pytest.mark.timeout(600)  # the first one reads them all
ONE_SIDED = frozenset({"stub_garnishments", "statement_overdrafts"})
"""Checks that say nothing where there is nothing to say."""
_GIVEN = re.compile(
    r"(?:Check\(|_check\(document, |_age\(document, case, |_difference\(\s*document, )\s*\"([a-z0-9_]+)\""
)


def names() -> set[str]:
    """The checks that the code can give, by reading it."""
    rooms = files("lendgate.documents.checks").iterdir()
    return {
        name for one in rooms if one.name.endswith(".py") for name in _GIVEN.findall(one.read_text("utf-8"))
    }


def cents(value: object) -> int:
    """An amount of a truth in cents."""
    assert isinstance(value, Decimal)
    return int(value * 100)


def changed(made: Printed, old: str, new: str) -> Printed:
    """The document with one printed text changed wherever it stands."""
    texts = [(x, y, text.replace(old, new), size, colour) for x, y, text, size, colour in made.sheet.texts]
    return Printed(Sheet(texts), made.truth)


def without(made: Printed, left: float, top: float, bottom: float) -> Printed:
    """The document without what begins right of ``left`` between two heights."""
    texts = [text for text in made.sheet.texts if text[0] < left or not top <= text[1] <= bottom]
    return Printed(Sheet(texts), made.truth)


def _alone() -> Iterator[Printed]:
    """Documents that are checked by themselves."""
    yield from (
        pay_stub(21, n, plant) for n in range(3) for plant in ("", "net", "stale", "year", "garnished")
    )
    plants = ("", "total", "running", "order", "outside", "nsf", "pages", "stale", "future")
    yield from (statement(41, 0, plant) for plant in plants)
    yield from (statement_with_checks(41, plant) for plant in ("", "listed", "summary", "days"))
    faults = ("social_security", "medicare", "wage_base", "ssn", "ein", "issuer", "state", "withheld", "old")
    yield from (w2(61, plant) for plant in ("", *faults))
    yield from (form_1040(62, plant) for plant in ("", "adjusted"))
    yield from (schedule_c(63, plant) for plant in ("", "tentative", "net"))
    yield from (identity_card(64, plant) for plant in ("", "expired"))
    yield from _altered()


def _altered() -> Iterator[Printed]:
    """Documents whose error is made by hand."""
    stub, form = pay_stub(21), form_1099_nec(65)
    yield without(stub, 0, 247, 249)  # overtime: the earnings no longer make gross
    yield without(stub, 345, 215, 700)  # the year's column
    yield changed(stub, dollars(cents(stub.truth["gross_ytd"])), "9,999,999.00")
    yield changed(stub, "Federal Income Tax", "Social Security Tax")
    social = f"{round(cents(stub.truth['gross_current']) * 0.062) / 100:,.2f}"
    yield changed(stub, social, "999.00")
    yield form
    yield changed(form, str(form.truth["recipient_tin"])[5:], "123456789")
    yield without(statement(42), 59, 99, 125)  # the holder
    signed = form_1040(66)
    signed.sheet.put(60, 700, "Electronically signed by Dana Whitfield")
    yield signed


def _packets() -> Iterator[tuple[tuple[Printed, ...], Case]]:
    """Documents that are checked together, and against an application."""
    stub = pay_stub(71)
    who, where = str(stub.truth["employee_name"]), str(stub.truth["employer"])
    monthly = Decimal(cents(stub.truth["gross_current"])) * 26 / 1200
    yield (stub,), Case(AS_OF, people=(who,), employers=(where,), monthly_income=monthly)
    yield (
        (stub,),
        Case(AS_OF, people=("Zelda Quimby",), employers=("Unrelated Bakery",), monthly_income=Decimal(1)),
    )
    yield from (((stub, w2(seed, name=who, employer=where)), CASE) for seed in range(40))
    yield (w2(71, name=who), w2(71, name=who)), CASE
    yield (w2(71, name=who), w2(72, name=who)), CASE
    yield (schedule_c(63), schedule_1(63, cents(schedule_c(63).truth["net_profit"]))), CASE
    yield (schedule_c(63), schedule_1(63, 100)), CASE
    yield from _statements(monthly)
    yield from _paid(stub)


def _statements(monthly: Decimal) -> Iterator[tuple[tuple[Printed, ...], Case]]:
    purchase = Case(AS_OF, monthly_income=monthly, purchase=True)
    first = statement(81)
    yield (first, statement(81, follows=cents(first.truth["ending_balance"]))), purchase
    yield (first, statement(81, follows=100)), purchase
    yield (statement(81, 0, "large"),), purchase
    yield (statement(81, 0, "loan"),), purchase
    yield (statement(81, 0, "loan"),), Case(AS_OF, debts=(Debt("Quick Auto Loan", Decimal("312.50")),))


def _paid(stub: Printed) -> Iterator[tuple[tuple[Printed, ...], Case]]:
    """A stub whose net pay does, and does not, arrive in the month of the statement."""
    day = stub.truth["pay_date"]
    assert isinstance(day, date)
    month = next(made for seed in range(200) if _covers(made := statement(seed), day))
    yield (stub, month), CASE
    month.sheet.put(60, 500, us(day))
    month.sheet.put(130, 500, "Payroll Deposit")
    month.sheet.right(370, 500, dollars(cents(stub.truth["net_current"])))
    yield (stub, month), CASE


def _covers(made: Printed, day: date) -> bool:
    end = made.truth["period_end"]
    return isinstance(end, date) and day + timedelta(days=4) <= end


@cache
def seen() -> frozenset[tuple[str, bool]]:
    """Every check with whether it passed, over all these documents."""
    alone = (check for made in _alone() for check in examine(document(made), CASE))
    together = (check for packet, case in _packets() for check in all_checks(triaged(*packet, case=case)))
    return frozenset((check.id, check.result == "pass") for check in _both(alone, together))


def _both(*checks: Iterator[Check]) -> Iterator[Check]:
    for some in checks:
        yield from some


@pytest.mark.parametrize("name", sorted(names()))
def test_a_check_passes_and_does_not(name: str) -> None:
    """On documents made for it; one that cannot fail is no check."""
    results = {passed for check, passed in seen() if check == name}
    assert results == ({False} if name in ONE_SIDED else {True, False})
