"""Pay stubs that tell their totals otherwise than in a line of their own, as payroll services print them."""

from __future__ import annotations

from collections.abc import Sequence

from tests.documents.printed import Pay, Printed, address, amount, dollars, pay_of, pay_truth, us
from tests.documents.sheet import Sheet

_Line = tuple[str, int, int]


def stub_in_heads(seed: int) -> Printed:
    """Names, days and totals under rows of heads, as generators of stubs print them."""
    pay = pay_of(seed, "")
    sheet = Sheet()
    for n, line in enumerate((pay.employer, "555 Woolworth Drive", "San Gabriel, CA 91778")):
        sheet.put(30, 40 + 14 * n, line)
    sheet.put(470, 54, "Earnings Statement", 12)
    heads = ("Employee Name", "Social Sec. ID", "Employee ID", "Check No.", "Pay Record", "Pay Date")
    values = (pay.employee, "XXX-XX-7293", "163", "1281", f"{us(pay.start)}-{us(pay.end)}", us(pay.paid))
    _row(sheet, 110, heads, (30, 150, 245, 320, 385, 510))
    _row(sheet, 136, values, (30, 150, 250, 325, 370, 505))
    _tables(sheet, pay, 180)
    taken = [*pay.taxes, *pay.deductions]
    year = sum(line[2] for line in taken)
    totals = (
        ("YTD Gross", pay.gross_year),
        ("YTD Deductions", year),
        ("YTD Net Pay", pay.gross_year - year),
        ("Current Total", pay.gross),
        ("Current Deductions", pay.gross - pay.net),
        ("Net Pay", pay.net),
    )
    places = (30, 120, 220, 310, 410, 520)
    _row(sheet, 420, [head for head, _ in totals], places)
    _row(sheet, 446, [dollars(cents) for _, cents in totals], places)
    truth = pay_truth(pay, pay.net) | {"deductions_current": amount(pay.gross - pay.net)}
    return Printed(sheet, truth)


def stub_in_a_matrix(seed: int) -> Printed:
    """Totals as columns, this period and the year as rows; a taxable gross stands between them."""
    pay = pay_of(seed, "")
    sheet = Sheet()
    sheet.put(240, 40, "Pay Advice", 14)
    address(sheet, 40, 70, pay.employer)
    address(sheet, 40, 130, pay.employee)
    for n, (label, day) in enumerate(
        (("Pay Begin Date:", pay.start), ("Pay End Date:", pay.end), ("Advice Date:", pay.paid))
    ):
        sheet.put(300, 70 + 14 * n, label)
        sheet.put(400, 70 + 14 * n, us(day))
    _tables(sheet, pay, 200)
    taxes, others = (
        [sum((line[1], line[2])[n] for line in part) for n in (0, 1)] for part in (pay.taxes, pay.deductions)
    )
    gross = (pay.gross, pay.gross_year)
    heads = ("TOTAL GROSS", "FED TAXABLE GROSS", "TOTAL TAXES", "TOTAL DEDUCTIONS", "NET PAY")
    ends = (160, 290, 380, 490, 580)
    for x, head in zip(ends, heads, strict=True):
        sheet.right(x, 440, head)
    for n, label in enumerate(("Current", "YTD")):
        y = 454 + 14 * n
        sheet.put(40, y, label)
        net = gross[n] - taxes[n] - others[n]
        for x, cents in zip(ends, (gross[n], gross[n] - 11_100, taxes[n], others[n], net), strict=True):
            sheet.right(x, y, dollars(cents))
    truth = pay_truth(pay, pay.net)
    return Printed(sheet, truth | {"taxes_current": amount(taxes[0]), "deductions_ytd": amount(others[1])})


def stub_by_tables(seed: int) -> Printed:
    """Every table ends in a line called Total, hours have four decimals, and the title has a label in it."""
    pay = pay_of(seed, "")
    sheet = Sheet()
    sheet.put(40, 40, "Employee Pay Statement", 14)
    for n, (label, value) in enumerate(
        (
            ("Employer", pay.employer),
            ("Employee", pay.employee),
            ("Employee ID", "10488"),
            ("Pay Period", f"{us(pay.start)} - {us(pay.end)}"),
            ("Pay Date", us(pay.paid)),
        )
    ):
        sheet.put(40, 66 + 16 * n, label)
        sheet.put(160, 66 + 16 * n, value)
    _table(sheet, 40, 180, "Earnings", pay.earnings, hours=True)
    _table(sheet, 40, 260, "Deductions", pay.deductions)
    _table(sheet, 320, 260, "Taxes", pay.taxes)
    sheet.put(320, 380, "Net Pay")
    sheet.right(560, 380, f"${dollars(pay.net)}")
    taxes = sum(line[1] for line in pay.taxes)
    return Printed(sheet, pay_truth(pay, pay.net) | {"taxes_current": amount(taxes)})


def stub_with_the_year_apart(seed: int) -> Printed:
    """This period's lines without a gross, and the year's gross in a table of its own."""
    pay = pay_of(seed, "")
    sheet = Sheet()
    sheet.put(200, 40, "Earnings Statement", 14)
    sheet.put(60, 70, f"Check Date: {us(pay.paid)}")
    _single(sheet, 110, "Earnings", [(name, current) for name, current, _ in pay.earnings])
    _single(sheet, 180, "Statutory Taxes", [(name, current) for name, current, _ in pay.taxes])
    year = [("Gross Pay", pay.gross_year), *((name, so_far) for name, _, so_far in pay.taxes)]
    _single(sheet, 300, "Year to Date Information", year)
    return Printed(sheet, {"pay_date": pay.paid, "gross_ytd": amount(pay.gross_year)})


def _single(sheet: Sheet, y: float, title: str, rows: Sequence[tuple[str, int]]) -> None:
    sheet.put(60, y, title)
    for n, (name, cents) in enumerate(rows, start=1):
        sheet.put(60, y + 14 * n, name)
        sheet.right(400, y + 14 * n, dollars(cents))


def _row(sheet: Sheet, y: float, texts: Sequence[str], places: Sequence[float]) -> None:
    for x, text in zip(places, texts, strict=True):
        sheet.put(x, y, text)


def _tables(sheet: Sheet, pay: Pay, y: float) -> None:
    """The lines, earnings on the left and what was taken off on the right, without a total."""
    parts = ((40, "Earnings", pay.earnings), (320, "Deductions", (*pay.taxes, *pay.deductions)))
    for x, title, lines in parts:
        _heads(sheet, x, y, title)
        _lines(sheet, x, y, lines)


def _table(
    sheet: Sheet, x: float, y: float, title: str, lines: Sequence[_Line], *, hours: bool = False
) -> None:
    _heads(sheet, x, y, title)
    total = ("Total", sum(line[1] for line in lines), sum(line[2] for line in lines))
    _lines(sheet, x, y, (*lines, total))
    if hours:
        sheet.right(x + 120, y, "Hour/Unit")
        sheet.right(x + 120, y + 14 * (len(lines) + 1), "81.2167")


def _heads(sheet: Sheet, x: float, y: float, title: str) -> None:
    sheet.put(x, y, title)
    sheet.right(x + 180, y, "Current")
    sheet.right(x + 240, y, "YTD")


def _lines(sheet: Sheet, x: float, y: float, lines: Sequence[_Line]) -> None:
    for n, (name, current, year) in enumerate(lines, start=1):
        sheet.put(x, y + 14 * n, name)
        sheet.right(x + 180, y + 14 * n, dollars(current))
        sheet.right(x + 240, y + 14 * n, dollars(year))
