"""Generated documents with known truth: pay stubs and statements in three layouts each, and IRS forms.

``seed`` chooses the figures; ``plant`` puts one error in, by name, so that every check has documents that
pass and documents that fail. Amounts are cents while they are computed and text when they are printed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from tests.documents.sheet import Sheet, money

FIRST = ("Dana", "Robert", "Luz", "Priya", "Samuel", "Ingrid", "Tomas", "Wei", "Amara", "Noor")
LAST = ("Whitfield", "Okafor", "Alvarez", "Lindqvist", "Tran", "Novak", "Haddad", "Moreau", "Sato", "Byrne")
EMPLOYERS = (
    "Harbor Freight Lines LLC",
    "Cedar Valley Hospital",
    "Northwind Traders Inc",
    "Blue Mesa Systems Corp",
)
BANKS = ("First Prairie Bank", "Lakeside Credit Union", "Granite State Savings Bank")
AS_OF = date(2026, 11, 22)


@dataclass(slots=True)
class Printed:
    """A document and its truth: the fields as they must be read."""

    sheet: Sheet
    truth: dict[str, object] = field(default_factory=dict)


def dollars(cents: int) -> str:
    """Cents as printed."""
    return f"{'-' if cents < 0 else ''}{abs(cents) / 100:,.2f}"


def amount(cents: int) -> Decimal:
    """Cents as read."""
    return Decimal(cents) / 100


def us(day: date) -> str:
    """A date as printed in the US."""
    return f"{day:%m/%d/%Y}"


def person(rng: random.Random) -> str:
    """A made-up name."""
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"


def ssn(rng: random.Random) -> str:
    """A number of the right shape in the range for advertising is not valid, so areas 100 to 599."""
    return f"{rng.randrange(100, 600)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}"


def address(sheet: Sheet, x: float, y: float, name: str) -> None:
    """A name with an address under it."""
    for number, line in enumerate((name, "418 Juniper Street", "Springfield, IL 62704")):
        sheet.put(x, y + 12 * number, line)


@dataclass(frozen=True, slots=True)
class Pay:
    """One period's pay: who, when, and the lines with this period's cents and the year's."""

    employee: str
    employer: str
    start: date
    end: date
    paid: date
    earnings: tuple[tuple[str, int, int], ...]
    taxes: tuple[tuple[str, int, int], ...]
    deductions: tuple[tuple[str, int, int], ...]

    @property
    def gross(self) -> int:
        return sum(line[1] for line in self.earnings)

    @property
    def gross_year(self) -> int:
        return sum(line[2] for line in self.earnings)

    @property
    def net(self) -> int:
        return self.gross - sum(line[1] for line in (*self.taxes, *self.deductions))


def pay_of(seed: int, plant: str) -> Pay:
    """The pay of a seed; ``plant`` as for ``pay_stub``."""
    rng = random.Random(seed)
    end = AS_OF - timedelta(days=400 if plant == "stale" else rng.randrange(8, 20))
    regular, overtime = money(rng, 1800, 3200), money(rng, 50, 300)
    periods = max(end.timetuple().tm_yday // 14 - 1, 2)
    gross = regular + overtime
    rates = (("Federal Income Tax", 0.11), ("Social Security Tax", 0.062), ("Medicare Tax", 0.0145))
    lines = [(name, round(gross * rate)) for name, rate in (*rates, ("IL State Income Tax", 0.0495))]
    taken = (("401(k)", round(gross * 0.05)), ("Dental", 1250), ("Medical", money(rng, 40, 120)))
    return Pay(
        employee=person(rng),
        employer=rng.choice(EMPLOYERS),
        start=end - timedelta(days=13),
        end=end,
        paid=end + timedelta(days=5),
        earnings=(("Regular", regular, regular * periods), ("Overtime", overtime, overtime * periods)),
        taxes=tuple((name, cents, cents * periods) for name, cents in lines),
        deductions=tuple((name, cents, cents * periods) for name, cents in taken),
    )


def pay_truth(pay: Pay, net: int) -> dict[str, object]:
    """What must be read off a stub of that pay."""
    return {
        "employee_name": pay.employee,
        "employer": pay.employer,
        "period_start": pay.start,
        "period_end": pay.end,
        "pay_date": pay.paid,
        "gross_current": amount(pay.gross),
        "gross_ytd": amount(pay.gross_year),
        "net_current": amount(net),
    }


def pay_stub(seed: int, layout: int = 0, plant: str = "") -> Printed:
    """A pay stub; plants: ``net`` does not follow, ``stale``, ``year`` below the period, ``garnished``."""
    pay = pay_of(seed, plant)
    net = pay.net + (10_000 if plant == "net" else 0)
    sheet = Sheet()
    (_stub_listed, _stub_side_by_side, _stub_signed)[layout](sheet, pay, net)
    truth = pay_truth(pay, net)
    if plant == "year":
        sheet.texts = [
            (x, y, t.replace(dollars(pay.gross_year), "1.00"), s, c) for x, y, t, s, c in sheet.texts
        ]
        truth["gross_ytd"] = Decimal("1.00")
    if plant == "garnished":
        sheet.put(60, 620, "Child Support")
        sheet.right(330, 620, "0.00")
    return Printed(sheet, truth)


def _stub_listed(sheet: Sheet, pay: Pay, net: int) -> None:
    """One table from earnings down to net pay, totals under each part."""
    sheet.put(60, 60, "Pay Statement", 14)
    address(sheet, 60, 90, pay.employer)
    address(sheet, 360, 90, pay.employee)
    for n, (label, day) in enumerate(
        (("Period beginning:", pay.start), ("Period ending:", pay.end), ("Pay date:", pay.paid))
    ):
        sheet.put(360, 150 + 14 * n, label)
        sheet.put(450, 150 + 14 * n, us(day))
    y = 220
    sheet.put(60, y, "Description")
    sheet.right(330, y, "Current")
    sheet.right(430, y, "Year to date")
    for name, current, year in pay.earnings:
        y += 14
        _stub_row(sheet, y, name, dollars(current), dollars(year))
    y += 14
    _stub_row(sheet, y, "Gross Pay", dollars(pay.gross), dollars(pay.gross_year))
    y += 20
    sheet.put(60, y, "Deductions")
    for name, current, year in (*pay.taxes, *pay.deductions):
        y += 14
        _stub_row(sheet, y, name, dollars(current), dollars(year))
    y += 20
    _stub_row(sheet, y, "Net Pay", f"${dollars(net)}", "")


def _stub_row(sheet: Sheet, y: float, label: str, current: str, year: str) -> None:
    sheet.put(60, y, label)
    sheet.right(330, y, current)
    if year:
        sheet.right(430, y, year)


def _stub_side_by_side(sheet: Sheet, pay: Pay, net: int) -> None:
    """Earnings on the left, taxes and deductions on the right, each with its own columns and a total."""
    sheet.put(200, 50, "EARNINGS STATEMENT", 14)
    sheet.put(60, 90, "Employee name:")
    sheet.put(140, 90, pay.employee)
    sheet.put(60, 106, "Employer:")
    sheet.put(140, 106, pay.employer)
    sheet.put(330, 90, "Pay period:")
    sheet.put(420, 90, f"{us(pay.start)} - {us(pay.end)}")
    sheet.put(330, 106, "Check date:")
    sheet.put(420, 106, us(pay.paid))
    for x, names in ((60, ("Earnings", "Current", "YTD")), (320, ("Deductions", "Current", "YTD"))):
        sheet.put(x, 150, names[0])
        sheet.right(x + 170, 150, names[1])
        sheet.right(x + 240, 150, names[2])
    for x, lines in ((60, pay.earnings), (320, (*pay.taxes, *pay.deductions))):
        for n, (name, current, year) in enumerate(lines, start=1):
            sheet.put(x, 150 + 14 * n, name)
            sheet.right(x + 170, 150 + 14 * n, dollars(current))
            sheet.right(x + 240, 150 + 14 * n, dollars(year))
    taken = [*pay.taxes, *pay.deductions]
    for x, label, current, year in (
        (60, "Total Gross", pay.gross, pay.gross_year),
        (320, "Total Deductions", sum(line[1] for line in taken), sum(line[2] for line in taken)),
    ):
        sheet.put(x, 280, label)
        sheet.right(x + 170, 280, dollars(current))
        sheet.right(x + 240, 280, dollars(year))
    sheet.put(320, 320, "NET PAY")
    sheet.right(490, 320, dollars(net))


def _stub_signed(sheet: Sheet, pay: Pay, net: int) -> None:
    """Deductions printed with a minus, hours and rates before the amounts, benefits told beside."""
    address(sheet, 60, 70, pay.employer)
    sheet.put(360, 70, "Earnings Statement", 16)
    sheet.put(360, 95, f"Period Beginning: {us(pay.start)}")
    sheet.put(360, 109, f"Period Ending: {us(pay.end)}")
    sheet.put(360, 123, f"Pay Date: {us(pay.paid)}")
    address(sheet, 360, 170, pay.employee)
    y = 240
    for x, label in ((150, "rate"), (200, "hours"), (280, "this period"), (360, "year to date")):
        sheet.right(x, y, label)
    sheet.put(400, y, "Other Benefits and")
    sheet.put(400, y + 14, "Group Term Life")
    sheet.right(560, y + 14, "0.51")
    for name, current, year in pay.earnings:
        y += 14
        sheet.put(60, y, name)
        sheet.right(150, y, f"{current / 8000:.2f}")
        sheet.right(200, y, "80.00")
        sheet.right(280, y, dollars(current))
        sheet.right(360, y, dollars(year))
    y += 16
    sheet.put(60, y, "Gross Pay")
    sheet.right(280, y, f"${dollars(pay.gross)}")
    sheet.right(360, y, dollars(pay.gross_year))
    for name, current, year in (*pay.taxes, *pay.deductions):
        y += 14
        sheet.put(60, y, name)
        sheet.right(280, y, f"-{dollars(current)}")
        sheet.right(360, y, dollars(year))
    y += 18
    sheet.put(60, y, "Net Pay")
    sheet.right(280, y, f"${dollars(net)}")
