"""Pay stubs: do gross, deductions and net make one another, and is the year's sum possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from lendgate.documents.checks.model import Check, places, verdict
from lendgate.documents.document import Document
from lendgate.documents.fields import Extract, Field, Line
from lendgate.documents.figures import figures
from lendgate.documents.phrases import mentions
from lendgate.documents.words import words

_CENT: Final = Decimal("0.02")
"""Stubs round lines and totals apart."""
_MOST_OVER: Final = Decimal("1.5")
_SHOWN: Final = 12
_SOCIAL_SECURITY: Final = ("Social security tax", "Social security", "OASDI", "FICA")


def check_pay_stub(document: Document) -> Iterator[Check]:
    """Every check of one pay stub that needs nothing but the stub."""
    yield _net(document)
    yield from _earnings(document)
    yield _shows_year(document)
    yield from _year_to_date(document)
    yield from _social_security(document)
    yield from _garnishments(document)


def _net(document: Document) -> Check:
    """Gross less taxes and deductions is net."""
    said = document.extract
    gross, net = said.amount("gross_current"), said.amount("net_current")
    taken = [line for line in said.lines if line.part in {"tax", "deduction"} and line.current is not None]
    shown = (
        *places(said.fields.get("gross_current")),
        *places(*(line.current for line in taken[:_SHOWN])),
        *places(said.fields.get("net_current")),
    )
    if gross is None or net is None:
        return Check(
            "stub_net", document.number, "cannot_tell", "Gross or net pay was not found.", shown, sum=True
        )
    sums = list(_deducted(said, taken))
    if not sums:
        detail = "No deductions were found between gross and net pay."
        return Check("stub_net", document.number, "cannot_tell", detail, shown, sum=True)
    holds = any(abs(gross - deducted - net) <= _CENT for deducted in sums)
    nearest = min(sums, key=lambda deducted: abs(gross - deducted - net))
    detail = f"{gross:,.2f} less {nearest:,.2f} is {gross - nearest:,.2f}; printed is {net:,.2f}."
    public = "" if holds else "The amounts on the pay stub could not be reconciled."
    return Check("stub_net", document.number, verdict(holds), detail, shown, public, sum=True)


def _deducted(said: Extract, taken: Sequence[Line]) -> Iterator[Decimal]:
    """What was taken off, in each way that stubs tell it: by totals, or line by line."""
    taxes, deductions = said.amount("taxes_current"), said.amount("deductions_current")
    if deductions is not None:
        yield abs(deductions)
        if taxes is not None:
            yield abs(taxes) + abs(deductions)
    if taxes is not None:
        others = (line for line in taken if line.part == "deduction")
        yield abs(taxes) + sum((_taken_off(line) for line in others), Decimal(0))
    if taken:
        yield sum((_taken_off(line) for line in taken), Decimal(0))


def _taken_off(line: Line) -> Decimal:
    """A printed plus among the deductions gives back."""
    value = _amount(line.current)
    return -value if line.signed else value


def _earnings(document: Document) -> Iterator[Check]:
    """The earnings listed make gross pay."""
    said = document.extract
    gross = said.amount("gross_current")
    lines = [line for line in said.lines if line.part == "earning" and line.current is not None]
    if gross is None or not lines:
        return
    total = sum((_amount(line.current) for line in lines), Decimal(0))
    holds = abs(total - gross) <= _CENT
    detail = f"The earnings listed make {total:,.2f}; gross pay is {gross:,.2f}."
    evidence = (
        *places(*(line.current for line in lines[:_SHOWN])),
        *places(said.fields.get("gross_current")),
    )
    # Stubs also list earnings that are not paid out, so a difference alone proves nothing.
    result = verdict(True if holds else None)
    yield Check("stub_earnings", document.number, result, detail, evidence, sum=True)


def _shows_year(document: Document) -> Check:
    """The stub shows the year to date (Fannie Mae Selling Guide B3-3.1-02)."""
    year = document.extract.fields.get("gross_ytd")
    if year is not None:
        return Check(
            "stub_shows_year", document.number, "pass", "Year-to-date pay is shown.", (year.evidence,)
        )
    detail = "Year-to-date pay was not found."
    public = "The pay stub does not clearly show year-to-date earnings."
    return Check("stub_shows_year", document.number, "cannot_tell", detail, (document.first_page,), public)


def _year_to_date(document: Document) -> Iterator[Check]:
    """The year's sum is no less than this period's, and no more than the periods so far could make."""
    said = document.extract
    current, year = said.amount("gross_current"), said.amount("gross_ytd")
    if current is None or year is None:
        return
    evidence = places(said.fields.get("gross_current"), said.fields.get("gross_ytd"))
    enough = year >= current
    detail = f"Year to date {year:,.2f}, this period {current:,.2f}."
    yield Check("stub_year_covers_period", document.number, verdict(enough), detail, evidence, sum=True)
    start, end = said.day("period_start"), said.day("period_end")
    if start is None or end is None or start > end or current == 0:
        return
    length = (end - start).days + 1
    periods = Decimal(end.timetuple().tm_yday) / length
    possible = year <= current * periods * _MOST_OVER + current
    detail = f"{year / current:.1f} times this period's pay in {periods:.1f} periods of the year."
    yield Check("stub_year_is_possible", document.number, verdict(possible), detail, evidence, sum=True)


def _social_security(document: Document) -> Iterator[Check]:
    """Social security tax is not more than its rate of gross pay (26 USC 3101(a))."""
    said = document.extract
    gross = said.amount("gross_current")
    lines = [line for line in said.lines if line.part == "tax" and mentions(line.label, _SOCIAL_SECURITY)]
    if gross is None or len(lines) != 1 or lines[0].current is None:
        return
    tax = abs(_amount(lines[0].current))
    most = gross * figures().shares.social_security.value
    detail = f"Social security tax {tax:,.2f} of gross pay {gross:,.2f}; at most {most:,.2f}."
    evidence = places(said.fields.get("gross_current"), lines[0].current)
    holds = tax <= most + _CENT
    yield Check("stub_social_security", document.number, verdict(holds), detail, evidence, sum=True)


def _garnishments(document: Document) -> Iterator[Check]:
    """Payments that courts ordered taken from pay: debts an application must declare."""
    lines = [line for line in document.extract.lines if mentions(line.label, words().stub.garnishment)]
    if lines:
        detail = f"Taken from pay: {', '.join(line.label for line in lines)}."
        evidence = places(*(line.current or line.year_to_date for line in lines))
        yield Check("stub_garnishments", document.number, "fail", detail, evidence)


def _amount(field: Field | None) -> Decimal:
    return field.value if field is not None and isinstance(field.value, Decimal) else Decimal(0)
