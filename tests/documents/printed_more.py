"""Generated identity cards, schedules of a tax return, and statements that list their checks."""

from __future__ import annotations

import random
from datetime import timedelta

from tests.documents.printed import AS_OF, Printed, amount, dollars, person, ssn, us
from tests.documents.printed_forms import YEAR
from tests.documents.printed_statements import statement
from tests.documents.sheet import Sheet, money


def identity_card(seed: int, plant: str = "") -> Printed:
    """A driver's license. Plant: ``expired``."""
    rng = random.Random(seed)
    first, last = person(rng).split(maxsplit=1)
    issued = AS_OF - timedelta(days=rng.randrange(300, 900))
    expires = AS_OF - timedelta(days=1) if plant == "expired" else AS_OF + timedelta(days=400)
    number = f"{rng.choice('ABCD')}{rng.randrange(10**7, 10**8)}"
    sheet = Sheet()
    sheet.put(60, 60, "ILLINOIS", 14)
    sheet.put(200, 60, "DRIVER LICENSE", 14)
    rows = (
        ("4d NUMBER", number), ("Surname", last), ("Given names", first), ("4a ISS", us(issued)),
        ("4b EXP", us(expires)), ("DOB", us(AS_OF - timedelta(days=12_000))), ("CLASS", "D"), ("SEX", "F"),
        ("HGT", "5-06"), ("EYES", "BRO"),
    )  # fmt: skip
    for n, (label, value) in enumerate(rows):
        sheet.put(60, 100 + 20 * n, label, 7)
        sheet.put(130, 100 + 20 * n, value, 10)
    truth: dict[str, object] = {"number": number, "issued": issued, "expires": expires}
    return Printed(sheet, truth)


def schedule_c(seed: int, plant: str = "") -> Printed:
    """Schedule C. Plants: ``tentative`` (line 29 does not follow), ``net`` (line 31 does not)."""
    rng = random.Random(seed)
    income, expenses, home = money(rng, 40_000, 90_000), money(rng, 5_000, 20_000), money(rng, 100, 900)
    tentative = income - expenses + (5_000 if plant == "tentative" else 0)
    net = tentative - home + (5_000 if plant == "net" else 0)
    sheet = Sheet()
    sheet.put(40, 46, "SCHEDULE C", 12)
    sheet.put(150, 46, "Profit or Loss From Business", 14)
    sheet.put(480, 46, str(YEAR), 16)
    sheet.put(150, 60, "Department of the Treasury-Internal Revenue Service", 6)
    sheet.put(40, 90, "Name of proprietor", 7)
    sheet.put(400, 90, "Social security number (SSN)", 7)
    sheet.put(44, 104, person(rng))
    sheet.put(404, 104, ssn(rng))
    lines = (
        ("1", "Gross receipts or sales. See instructions for line 1", income),
        ("7", "Gross income. Add lines 5 and 6", income),
        ("28", "Total expenses before expenses for business use of home. Add lines 8 through 27b", expenses),
        ("29", "Tentative profit or (loss). Subtract line 28 from line 7", tentative),
        ("30", "Method Worksheet in the instructions to figure the amount to enter on line 30", home),
        ("31", "Net profit or (loss). Subtract line 30 from line 29.", net),
    )
    _lines(sheet, lines)
    truth: dict[str, object] = {"tax_year": YEAR, "gross_income": amount(income), "net_profit": amount(net)}
    return Printed(sheet, truth)


def schedule_1(seed: int, business: int) -> Printed:
    """Schedule 1 with so many cents of business income."""
    rng = random.Random(seed)
    sheet = Sheet()
    sheet.put(40, 46, "SCHEDULE 1", 12)
    sheet.put(150, 46, "Additional Income and Adjustments to Income", 14)
    sheet.put(480, 46, str(YEAR), 16)
    sheet.put(40, 90, "Name(s) shown on Form 1040, 1040-SR, or 1040-NR", 7)
    sheet.put(44, 104, person(rng))
    lines = (("3", "Business income or (loss). Attach Schedule C", business),)
    _lines(sheet, lines)
    sheet.put(85, 500, "10 Combine lines 1 through 7 and 9. This is your additional income", 7)
    return Printed(sheet, {"tax_year": YEAR, "business_income": amount(business)})


def _lines(sheet: Sheet, lines: tuple[tuple[str, str, int], ...]) -> None:
    for n, (code, label, cents) in enumerate(lines):
        y = 200 + 30 * n
        sheet.put(60, y, code, 8)
        sheet.put(85, y, label, 7)
        sheet.put(470, y, code, 8)
        sheet.right(570, y, dollars(cents), 8)


def statement_with_checks(seed: int, plant: str = "") -> Printed:
    """A statement that lists the checks it paid.

    Plants: ``listed`` (their total is wrong), ``summary`` (the summary's is), ``days`` (the balances' days
    are the wrong way round).
    """
    rng = random.Random(seed)
    made = statement(seed, 2)
    checks = [(1000 + n, money(rng, 20, 400)) for n in range(3)]
    total = sum(cents for _, cents in checks)
    sheet = made.sheet
    sheet.texts = [text for text in sheet.texts if text[1] < 180 or text[1] > 760]
    start, end = (made.truth[name] for name in ("period_start", "period_end"))
    if plant == "days":
        start, end = end, start
    beginning = money(rng, 900, 6000)
    in_summary = total + (4_000 if plant == "summary" else 0)
    rows = (
        (f"Beginning balance on {us(start)}", beginning),  # type: ignore[arg-type]  # a date
        ("Checks paid", -in_summary),
        (f"Ending balance on {us(end)}", beginning - in_summary),  # type: ignore[arg-type]  # a date
    )
    for n, (label, cents) in enumerate(rows):
        sheet.put(60, 180 + 14 * n, label)
        sheet.right(360, 180 + 14 * n, dollars(cents))
    sheet.put(60, 270, "Checks paid", 11)
    for x, label in ((60, "Date"), (160, "Check #"), (300, "Amount")):
        sheet.put(x, 290, label)
    for n, (number, cents) in enumerate(checks):
        sheet.put(60, 306 + 15 * n, us(made.truth["period_end"]))  # type: ignore[arg-type]  # a date
        sheet.put(160, 306 + 15 * n, str(number))
        sheet.put(300, 306 + 15 * n, dollars(cents))
    sheet.put(60, 370, "Total checks paid")
    sheet.put(300, 370, dollars(total + (4_000 if plant == "listed" else 0)))
    return Printed(sheet, {"account_number": made.truth["account_number"]})
