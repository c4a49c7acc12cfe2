"""Sheets that print one form several times, and forms whose labels run over two lines."""

from __future__ import annotations

import random

from tests.documents.printed import Printed
from tests.documents.printed_forms import YEAR, form_1099_nec, w2
from tests.documents.sheet import HEIGHT, WIDTH, Sheet

MISREADINGS = {"w": "vv", "a": "o", "i": "l", "c": "e", "h": "n", "u": "v"}


def w2_sheet(seed: int, *, other_tax: str = "") -> Printed:
    """Four copies of a W-2 on one sheet, each with letters misread here and there in its labels.

    ``other_tax`` is what the first copy says of the federal tax instead of the amount on the others.
    """
    made = w2(seed)
    rng = random.Random(seed)
    sheet = Sheet()
    federal = f"{made.truth['federal_tax']:,.2f}"
    for copy in range(4):
        left, top = WIDTH / 2 * (copy % 2), HEIGHT / 2 * (copy // 2)
        for x, y, text, size, colour in made.sheet.texts:
            said = other_tax if other_tax and copy == 0 and text == federal else text
            printed = _misread(said, rng) if size <= 6 and said[:1].isalnum() else said
            sheet.put(left + x / 2, top + y, printed, size / 2, colour)
    return Printed(sheet, made.truth)


def _misread(text: str, rng: random.Random) -> str:
    """The label with one letter of a later word read as another."""
    places = [n for n, letter in enumerate(text) if n > 4 and letter in MISREADINGS]
    if not places or rng.random() < 0.3:
        return text
    place = rng.choice(places)
    return text[:place] + MISREADINGS[text[place]] + text[place + 1 :]


def form_1099_r(seed: int) -> Printed:
    """A 1099-R as newer revisions print it: labels on two lines, words about box 4 beside an empty box."""
    base = form_1099_nec(seed)
    sheet = Sheet()
    sheet.put(54, 40, "PAYER'S name, street address, city or town, state or province,", 6)
    sheet.put(54, 48, "country, ZIP or foreign postal code, and phone no.", 6)
    for n, line in enumerate(("Harbor Annuity LLC", "51 Madison Avenue", "New York, NY 10010")):
        sheet.put(54, 66 + 10 * n, line)
    for y, label, amount in ((40, "1  Gross distribution", "61,052.45"), (76, "2a  Taxable amount", "")):
        sheet.put(300, y, label, 6)
        sheet.put(300, y + 22, "$")
        sheet.right(390, y + 22, amount)
    sheet.put(410, 40, "OMB No. 1545-0119", 6)
    sheet.put(410, 60, str(YEAR), 16)
    sheet.put(410, 76, "Form 1099-R", 8)
    sheet.put(480, 40, "Distributions From Pensions, Annuities,", 6)
    sheet.put(480, 48, "Retirement or Profit-Sharing Plans", 6)
    sheet.put(54, 140, "PAYER'S TIN", 6)
    sheet.put(180, 140, "RECIPIENT'S TIN", 6)
    sheet.put(70, 160, "27-0145686")
    sheet.put(200, 160, "318-53-1234")
    sheet.put(300, 140, "3  Capital gain (included", 6)
    sheet.put(300, 148, "in box 2a)", 6)
    sheet.put(400, 140, "4  Federal income tax", 6)
    sheet.put(400, 148, "withheld", 6)
    sheet.put(400, 170, "$")
    for n, line in enumerate(
        ("Report this income on", "your return. If tax is", "withheld in", "box 4, attach", "Copy 2")
    ):
        sheet.put(490, 140 + 10 * n, line, 7)
    sheet.put(54, 190, "RECIPIENT'S name", 6)
    sheet.put(54, 204, str(base.truth["recipient_name"]))
    sheet.put(300, 220, "7  Distribution", 6)
    sheet.put(300, 228, "code(s)", 6)
    sheet.put(310, 244, "H")
    truth: dict[str, object] = {
        "payer_tin": "270145686",
        "recipient_name": base.truth["recipient_name"],
        "distribution_code": "H",
        "tax_year": YEAR,
    }
    return Printed(sheet, truth)
