"""Generated IRS forms: W-2, 1099-NEC and 1040, drawn with the labels that the forms print."""

from __future__ import annotations

import random
from decimal import Decimal

from tests.documents.printed import EMPLOYERS, Printed, amount, dollars, person, ssn
from tests.documents.sheet import Sheet, money

YEAR = 2025


def w2(seed: int, plant: str = "", name: str = "", employer: str = "") -> Printed:
    """A W-2.

    Plants: ``social_security``, ``medicare``, ``wage_base``, ``ssn``, ``ein``, ``issuer``, ``state``,
    ``withheld``, ``old``.
    """
    rng = random.Random(seed)
    who, where = name or person(rng), employer or rng.choice(EMPLOYERS)
    base = money(rng, 190_000, 195_000) if plant == "wage_base" else money(rng, 30_000, 120_000)
    wages = base - money(rng, 500, 2000)
    social = round(base * 0.062) + (50_000 if plant == "social_security" else 0)
    medicare = round(base * 0.0145) + (50_000 if plant == "medicare" else 0)
    federal = wages + 100 if plant == "withheld" else round(wages * 0.12)
    number = ssn(rng) if plant != "ssn" else "900-12-34567"
    ein = (
        f"{rng.choice((36, 41, 52))}-{rng.randrange(1_000_000, 9_999_999)}"
        if plant != "ein"
        else "07-1234567"
    )
    sheet = Sheet()
    _w2_identity(sheet, number, ein, where, who)
    left = (
        ("1  Wages, tips, other compensation", wages),
        ("3  Social security wages", base),
        ("5  Medicare wages and tips", base),
    )
    right = (
        ("2  Federal income tax withheld", federal),
        ("4  Social security tax withheld", social),
        ("6  Medicare tax withheld", medicare),
    )
    for x, boxes in ((330, left), (455, right)):
        for n, (label, cents) in enumerate(boxes):
            sheet.put(x, 76 + 26 * n, label, 6)
            sheet.right(x + 110, 88 + 26 * n, dollars(cents))
    _w2_state(sheet, "Any Town" if plant == "state" else "IL", base)
    sheet.put(36, 330, "Form", 7)
    sheet.put(56, 330, "W-2", 16)
    sheet.put(100, 330, "Wage and Tax Statement", 11)
    sheet.put(290, 330, str(YEAR - (6 if plant == "old" else 0)), 16)
    issuer = (
        "Department of Fancy Letters"
        if plant == "issuer"
        else "Department of the Treasury-Internal Revenue Service"
    )
    sheet.put(400, 330, issuer, 7)
    truth: dict[str, object] = {
        "tax_year": YEAR - (6 if plant == "old" else 0),
        "employee_ssn": number.replace("-", ""),
        "employer_ein": ein.replace("-", ""),
        "employee_name": who,
        "wages": amount(wages),
        "federal_tax": amount(federal),
        "social_security_wages": amount(base),
        "social_security_tax": amount(social),
        "medicare_wages": amount(base),
        "medicare_tax": amount(medicare),
    }
    return Printed(sheet, truth)


def _w2_identity(sheet: Sheet, number: str, ein: str, employer: str, employee: str) -> None:
    sheet.put(160, 50, "a  Employee's social security number", 6)
    sheet.put(180, 62, number)
    sheet.put(290, 62, "OMB No. 1545-0008", 6)
    sheet.put(36, 76, "b  Employer identification number (EIN)", 6)
    sheet.put(80, 88, ein)
    sheet.put(36, 102, "c  Employer's name, address, and ZIP code", 6)
    for n, line in enumerate((employer, "12 Harbor Road", "Peoria, IL 61602")):
        sheet.put(70, 116 + 12 * n, line)
    sheet.put(36, 154, "d  Control number", 6)
    sheet.put(36, 180, "e  Employee's first name and initial", 6)
    sheet.put(180, 180, "Last name", 6)
    first, last = employee.split(maxsplit=1)
    sheet.put(60, 192, first)
    sheet.put(190, 192, last)
    sheet.put(36, 250, "f  Employee's address and ZIP code", 6)


def _w2_state(sheet: Sheet, state: str, base: int) -> None:
    sheet.put(36, 270, "15  State", 6)
    sheet.put(80, 270, "Employer's state ID number", 6)
    sheet.put(190, 270, "16  State wages, tips, etc.", 6)
    sheet.put(300, 270, "17  State income tax", 6)
    sheet.put(36, 284, state)
    sheet.put(90, 284, "0123-4567")
    sheet.right(270, 284, dollars(base))
    sheet.right(370, 284, dollars(round(base * 0.0495)))


def form_1099_nec(seed: int, name: str = "") -> Printed:
    """A 1099-NEC."""
    rng = random.Random(seed)
    who, fee = name or person(rng), money(rng, 2_000, 90_000)
    payer_tin, recipient_tin = f"36-{rng.randrange(1_000_000, 9_999_999)}", ssn(rng)
    sheet = Sheet()
    sheet.put(54, 44, "PAYER'S name, street address, city or town, state or province, country, ZIP", 6)
    sheet.put(54, 52, "or foreign postal code, and telephone no.", 6)
    for n, line in enumerate((EMPLOYERS[seed % 4], "9 Mill Lane", "Galena, IL 61036")):
        sheet.put(60, 66 + 12 * n, line)
    sheet.put(400, 44, "OMB No. 1545-0116", 6)
    sheet.put(400, 66, str(YEAR), 16)
    sheet.put(400, 100, "Form 1099-NEC", 8)
    sheet.put(500, 66, "Nonemployee", 10)
    sheet.put(500, 80, "Compensation", 10)
    sheet.put(54, 140, "PAYER'S TIN", 6)
    sheet.put(180, 140, "RECIPIENT'S TIN", 6)
    sheet.put(70, 160, payer_tin)
    sheet.put(200, 160, recipient_tin)
    sheet.put(300, 114, "1  Nonemployee compensation", 6)
    sheet.put(300, 128, "$")
    sheet.right(480, 128, dollars(fee))
    sheet.put(54, 190, "RECIPIENT'S name", 6)
    sheet.put(60, 204, who)
    sheet.put(300, 220, "4  Federal income tax withheld", 6)
    sheet.put(300, 234, "$")
    sheet.put(54, 226, "Street address (including apt. no.)", 6)
    sheet.put(60, 240, "5 Orchard Way")
    sheet.put(300, 360, "Department of the Treasury - Internal Revenue Service", 6)
    sheet.put(54, 360, "Form 1099-NEC", 8)
    truth: dict[str, object] = {
        "tax_year": YEAR,
        "payer_tin": payer_tin.replace("-", ""),
        "recipient_tin": recipient_tin.replace("-", ""),
        "recipient_name": who,
        "nonemployee_compensation": amount(fee),
    }
    return Printed(sheet, truth)


def form_1040(seed: int, plant: str = "", *, filled: bool = True) -> Printed:
    """The first page of a 1040. Plant: ``adjusted`` (line 11 does not follow). ``filled`` False: blank."""
    rng = random.Random(seed)
    wages, interest, adjustments = money(rng, 20_000, 90_000), money(rng, 10, 900), money(rng, 100, 2000)
    total = wages + interest
    adjusted = total - adjustments + (70_000 if plant == "adjusted" else 0)
    who, number = person(rng), ssn(rng)
    sheet = Sheet()
    sheet.put(40, 50, "Form", 7)
    sheet.put(60, 50, "1040", 18)
    sheet.put(120, 42, "Department of the Treasury-Internal Revenue Service", 6)
    sheet.put(120, 54, "U.S. Individual Income Tax Return", 12)
    sheet.put(330, 52, str(YEAR), 16)
    sheet.put(400, 52, "OMB No. 1545-0074", 6)
    sheet.put(40, 80, "Your first name and middle initial", 6)
    sheet.put(220, 80, "Last name", 6)
    sheet.put(470, 80, "Your social security number", 6)
    sheet.put(40, 120, "Filing Status", 9)
    lines = (
        ("1a", "Total amount from Form(s) W-2, box 1 (see instructions)", wages),
        ("2b", "b Taxable interest", interest),
        ("9", "Add lines 1z, 2b, 3b, 4b, 5b, 6b, 7, and 8. This is your total income", total),
        ("10", "Adjustments to income from Schedule 1, line 26", adjustments),
        ("11", "Subtract line 10 from line 9. This is your adjusted gross income", adjusted),
    )
    for n, (code, label, cents) in enumerate(lines):
        y = 300 + 20 * n
        sheet.put(60, y, code, 8)
        sheet.put(85, y, label, 7)
        sheet.put(470, y, code, 8)
        if filled:
            sheet.right(570, y, dollars(cents), 8)
    if filled:
        first, last = who.split(maxsplit=1)
        sheet.put(42, 94, first)
        sheet.put(222, 94, last)
        sheet.put(475, 94, number)
    truth: dict[str, object] = {
        "tax_year": YEAR,
        "taxpayer_name": who,
        "taxpayer_ssn": number.replace("-", ""),
        "wages": amount(wages),
        "taxable_interest": amount(interest),
        "total_income": amount(total),
        "adjustments": amount(adjustments),
        "adjusted_gross_income": amount(adjusted),
    }
    return Printed(sheet, truth if filled else {"tax_year": Decimal(YEAR)})
