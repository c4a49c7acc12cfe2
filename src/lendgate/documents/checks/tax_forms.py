"""W-2s and other forms of the IRS: rates of tax, limits, and lines that add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from lendgate.documents.checks.model import Check, places, verdict
from lendgate.documents.document import Document
from lendgate.documents.fields import Evidence
from lendgate.documents.figures import figures
from lendgate.documents.phrases import PageText

_ROUNDING: Final = Decimal("1.00")
"""Withheld in every pay period and rounded each time."""
_CENT: Final = Decimal("0.01")
_ISSUERS: Final = (
    "Department of the Treasury",
    "Dept. of Treasury",
    "Dept. of the Treasury",
    "Treasury - Internal Revenue",
)


def check_w2(document: Document) -> Iterator[Check]:
    """Every check of a W-2's boxes against one another."""
    yield _social_security(document)
    yield from _medicare(document)
    yield from _wage_base(document)
    yield from _withheld(document)
    yield _issuer(document)
    yield from _state(document)


def check_tax_return(document: Document) -> Iterator[Check]:
    """A Form 1040: adjusted gross income is total income less adjustments."""
    yield from _difference(
        document, "return_adjusted_income", "total_income", "adjustments", "adjusted_gross_income"
    )
    yield _issuer(document)


def check_schedule_c(document: Document) -> Iterator[Check]:
    """Schedule C: lines 29 and 31 follow from those above them."""
    yield from _difference(
        document, "schedule_c_tentative", "gross_income", "total_expenses", "tentative_profit"
    )
    yield from _difference(document, "schedule_c_net", "tentative_profit", "home_expenses", "net_profit")
    yield _issuer(document)


def check_returns(documents: Sequence[Document]) -> Iterator[Check]:
    """Across the parts of a return: what Schedule C makes is carried to line 3 of Schedule 1."""
    for schedule in (d for d in documents if d.type == "1040_schedule_1"):
        carried = schedule.extract.amount("business_income")
        parts = [d for d in documents if d.type == "1040_schedule_c" and _same_year(d, schedule)]
        profits = [d.extract.amount("net_profit") for d in parts]
        made = sum((profit for profit in profits if profit is not None), Decimal(0))
        if carried is None or not parts or None in profits:
            continue
        detail = f"Schedule C makes {made:,.2f}; carried to Schedule 1 are {carried:,.2f}."
        evidence = places(
            schedule.extract.fields.get("business_income"),
            *(part.extract.fields.get("net_profit") for part in parts),
        )
        holds = abs(made - carried) <= _CENT
        public = "" if holds else "The schedules of the tax return do not agree with one another."
        yield Check("schedule_c_carried", schedule.number, verdict(holds), detail, evidence, public, sum=True)


def check_issuer(document: Document) -> Iterator[Check]:
    """The forms that have no figures to compare: only who issued them."""
    yield _issuer(document)


def _social_security(document: Document) -> Check:
    """Box 4 is 6.2 % of box 3 (with box 7 where tips are reported apart)."""
    said = document.extract
    wages, tax = said.amount("social_security_wages"), said.amount("social_security_tax")
    tips = said.amount("social_security_tips") or Decimal(0)
    evidence = places(said.fields.get("social_security_wages"), said.fields.get("social_security_tax"))
    if wages is None or tax is None:
        detail = "Box 3 or box 4 was not found."
        return Check("w2_social_security", document.number, "cannot_tell", detail, evidence, sum=True)
    rate = figures().shares.social_security.value
    holds = any(abs(base * rate - tax) <= _ROUNDING for base in (wages, wages + tips))
    detail = f"Box 4 is {tax:,.2f}; {rate:.1%} of {wages:,.2f} is {wages * rate:,.2f}."
    public = "" if holds else "The amounts on the W-2 do not agree with one another."
    return Check("w2_social_security", document.number, verdict(holds), detail, evidence, public, sum=True)


def _medicare(document: Document) -> Iterator[Check]:
    """Box 6 is 1.45 % of box 5, and 0.9 % more of what is above 200,000 dollars; and less than box 5."""
    said = document.extract
    wages, tax = said.amount("medicare_wages"), said.amount("medicare_tax")
    evidence = places(said.fields.get("medicare_wages"), said.fields.get("medicare_tax"))
    if wages is None or tax is None:
        detail = "Box 5 or box 6 was not found."
        yield Check("w2_medicare", document.number, "cannot_tell", detail, evidence, sum=True)
        return
    shares = figures().shares
    above = max(wages - figures().additional_medicare_above.value, Decimal(0))
    due = wages * shares.medicare.value + above * shares.additional_medicare.value
    holds = abs(due - tax) <= _ROUNDING
    detail = f"Box 6 is {tax:,.2f}; due on {wages:,.2f} is {due:,.2f}."
    public = "" if holds else "The amounts on the W-2 do not agree with one another."
    yield Check("w2_medicare", document.number, verdict(holds), detail, evidence, public, sum=True)


def _wage_base(document: Document) -> Iterator[Check]:
    """Box 3 is within the contribution base of its year."""
    said = document.extract
    wages, year = said.amount("social_security_wages"), said.whole("tax_year")
    if wages is None:
        return
    base = figures().social_security_wage_base.years.get(year or 0)
    holds = None if base is None else wages <= base
    detail = f"Box 3 is {wages:,.2f}; the base of {year or 'an unknown year'} is {base or 'not known'}."
    evidence = places(said.fields.get("social_security_wages"), said.fields.get("tax_year"))
    yield Check("w2_wage_base", document.number, verdict(holds), detail, evidence, sum=True)


def _withheld(document: Document) -> Iterator[Check]:
    """No tax withheld is more than the wages it was withheld from."""
    said = document.extract
    pairs = (
        ("federal_tax", "wages"),
        ("social_security_tax", "social_security_wages"),
        ("medicare_tax", "medicare_wages"),
        ("state_tax", "state_wages"),
    )
    for tax_name, wages_name in pairs:
        tax, wages = said.amount(tax_name), said.amount(wages_name)
        if tax is None or wages is None:
            continue
        detail = f"{tax_name.replace('_', ' ')} {tax:,.2f} of {wages_name.replace('_', ' ')} {wages:,.2f}."
        evidence = places(said.fields.get(wages_name), said.fields.get(tax_name))
        holds = tax <= wages
        public = "" if holds else "The amounts on the W-2 do not agree with one another."
        name = f"w2_withheld_{tax_name.removesuffix('_tax')}"
        yield Check(name, document.number, verdict(holds), detail, evidence, public, sum=True)


def _issuer(document: Document) -> Check:
    """The form names the Treasury as its issuer, not some other department."""
    for layout in document.layouts:
        text = PageText(layout)
        for phrase in _ISSUERS:
            if found := text.find(phrase):
                row, hit = found
                place = Evidence(layout.page.number, row.box(hit), phrase)
                return Check("form_issuer", document.number, "pass", f"Printed: {phrase}.", (place,))
        if found := text.find("Department of"):
            row, hit = found
            printed = " ".join(item.text for item in row.row)
            place = Evidence(layout.page.number, row.box(hit), printed)
            detail = f"The form names another issuer than the Treasury: {printed}"
            public = "The form is not one that the IRS prints."
            return Check("form_issuer", document.number, "fail", detail, (place,), public)
    detail = "No issuer is printed; substitute forms leave it out."
    return Check("form_issuer", document.number, "cannot_tell", detail, (document.first_page,))


def _state(document: Document) -> Iterator[Check]:
    """Box 15 begins with a state's two letters."""
    field = document.extract.fields.get("state")
    if field is None or not isinstance(field.value, str):
        return
    first = field.value.split()[0] if field.value.split() else ""
    holds = first.upper() in figures().states.values
    detail = f"Box 15 says {field.value!r}."
    yield Check("w2_state", document.number, verdict(holds), detail, (field.evidence,))


def _same_year(one: Document, other: Document) -> bool:
    return one.extract.whole("tax_year") == other.extract.whole("tax_year")


def _difference(document: Document, name: str, whole: str, less: str, rest: str) -> Iterator[Check]:
    """``whole`` less ``less`` (nothing when left empty) is ``rest``."""
    said = document.extract
    first, third = said.amount(whole), said.amount(rest)
    if first is None or third is None:
        return
    second = said.amount(less) or Decimal(0)
    holds = abs(first - second - third) <= _CENT
    detail = f"{first:,.2f} less {second:,.2f} is {first - second:,.2f}; printed is {third:,.2f}."
    evidence = places(said.fields.get(whole), said.fields.get(less), said.fields.get(rest))
    public = "" if holds else "Lines of the tax form do not add up."
    yield Check(name, document.number, verdict(holds), detail, evidence, public, sum=True)
