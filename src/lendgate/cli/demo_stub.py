"""The pay stub that ``lendgate demo`` sends: a made-up one of today, drawn here."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Final

from reportlab.lib.pagesizes import LETTER
from reportlab.pdfgen.canvas import Canvas

_LINES: Final = (
    ("Gross Pay", "4,615.38", "101,538.36"),
    ("Federal Income Tax", "507.69", "11,169.18"),
    ("Social Security Tax", "286.15", "6,295.30"),
    ("Medicare Tax", "66.92", "1,472.24"),
    ("Net Pay", "3,754.62", ""),
)


def pay_stub(today: date) -> bytes:
    """A PDF of one page: two weeks' pay at 120,000 dollars a year, paid lately."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=LETTER)
    canvas.setFont("Helvetica-Bold", 14)
    canvas.drawString(60, 730, "Pay Statement")
    canvas.setFont("Helvetica", 9)
    _people(canvas)
    _days(canvas, today)
    canvas.drawString(60, 570, "Description")
    canvas.drawRightString(330, 570, "Current")
    canvas.drawRightString(430, 570, "Year to date")
    for number, (label, current, year) in enumerate(_LINES, start=1):
        canvas.drawString(60, 570 - 14 * number, label)
        canvas.drawRightString(330, 570 - 14 * number, current)
        canvas.drawRightString(430, 570 - 14 * number, year)
    canvas.save()
    return file.getvalue()


def _people(canvas: Canvas) -> None:
    employer = ("Northwind Traders Inc", "1 Harbor Road", "Springfield, IL 62704")
    employee = ("Sample Person", "418 Juniper Street", "Springfield, IL 62704")
    for x, lines in ((60, employer), (360, employee)):
        for number, line in enumerate(lines):
            canvas.drawString(x, 700 - 12 * number, line)


def _days(canvas: Canvas, today: date) -> None:
    end = today - timedelta(days=9)
    days = (
        ("Period beginning:", end - timedelta(days=13)),
        ("Period ending:", end),
        ("Pay date:", end + timedelta(days=5)),
    )
    for number, (label, day) in enumerate(days):
        canvas.drawString(360, 640 - 14 * number, label)
        canvas.drawString(450, 640 - 14 * number, f"{day:%m/%d/%Y}")
