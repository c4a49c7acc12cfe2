"""Money across documents: income, pay that arrives, deposits without a source, payments on debts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from lendgate.documents.case import Case
from lendgate.documents.checks.model import Check, places, verdict
from lendgate.documents.document import Document
from lendgate.documents.fields import Transaction
from lendgate.documents.figures import figures
from lendgate.documents.income import documented_incomes, income_of, same_source
from lendgate.documents.phrases import mentions
from lendgate.documents.words import words

_SAME_AMOUNT: Final = Decimal("0.02")
_DAYS_APART: Final = 4
_SHOWN: Final = 8


def check_money(documents: Sequence[Document], case: Case) -> Iterator[Check]:
    """Every check of money that needs more than one document, or the application."""
    yield from _income(documents, case)
    yield from _steady(documents)
    yield from _payroll_deposits(documents)
    yield from _large_deposits(documents, case)
    yield from _debts(documents, case)
    yield from _consecutive_balances(documents)


def _income(documents: Sequence[Document], case: Case) -> Iterator[Check]:
    """Income the documents show is within a tenth of what is stated."""
    if not case.monthly_income:
        return
    incomes = documented_incomes(documents)
    if not incomes:
        return
    shown = sum((one.monthly for one in incomes), Decimal(0))
    share = abs(shown - case.monthly_income) / case.monthly_income
    holds = share <= figures().shares.income_tolerance.value
    detail = f"Documents show {shown:,.2f} a month, stated is {case.monthly_income:,.2f} ({share:.0%} apart)."
    public = "" if holds else "The income on the documents could not be matched with the income stated."
    evidence = tuple(place for one in incomes for place in one.evidence)
    yield Check("income_matches", 0, verdict(holds), detail, evidence[:_SHOWN], public)


def _steady(documents: Sequence[Document]) -> Iterator[Check]:
    """Present pay is within a tenth of what the W-2 of that employer shows; a raise is no fault."""
    for stub in (d for d in documents if d.type == "pay_stub"):
        for form in (d for d in documents if d.type == "w2"):
            present, earlier = income_of(stub), income_of(form)
            if present is None or earlier is None or not earlier.monthly or not same_source(present, earlier):
                continue
            share = abs(present.monthly - earlier.monthly) / earlier.monthly
            holds = True if share <= figures().shares.income_tolerance.value else None
            detail = f"The stub makes {present.monthly:,.2f} a month, the W-2 {earlier.monthly:,.2f}."
            evidence = (*present.evidence, *earlier.evidence)
            yield Check("income_steady", stub.number, verdict(holds), detail, evidence)


def _payroll_deposits(documents: Sequence[Document]) -> Iterator[Check]:
    """Net pay of a stub arrives in an account whose statement covers the day of pay."""
    statements = [d for d in documents if d.type == "bank_statement"]
    for stub in (d for d in documents if d.type == "pay_stub"):
        net, paid = stub.extract.amount("net_current"), stub.extract.day("pay_date")
        covering = [d for d in statements if paid and _covers(d, stub)]
        if net is None or paid is None or not covering:
            continue
        deposits = [t for d in covering for t in d.extract.transactions if (t.change or 0) > 0]
        match = [t for t in deposits if t.day and abs((t.day - paid).days) <= _DAYS_APART and _is(t, net)]
        holds = True if match else None
        detail = f"Net pay {net:,.2f} of {paid} {'was' if match else 'was not'} found among the deposits."
        evidence = (*places(stub.extract.fields.get("net_current")), *(t.evidence for t in match[:1]))
        yield Check("payroll_deposited", stub.number, verdict(holds), detail, evidence)


def _covers(statement: Document, stub: Document) -> bool:
    paid = stub.extract.day("pay_date")
    start, end = statement.extract.day("period_start"), statement.extract.day("period_end")
    return bool(paid and start and end and start <= paid <= end - timedelta(days=_DAYS_APART))


def _is(transaction: Transaction, amount: Decimal) -> bool:
    return transaction.change is not None and abs(transaction.change - amount) <= _SAME_AMOUNT


def _large_deposits(documents: Sequence[Document], case: Case) -> Iterator[Check]:
    """On purchases, single deposits above half of monthly income that are no pay must be sourced."""
    if not case.monthly_income or case.purchase is False:
        return
    most = case.monthly_income * figures().shares.large_deposit.value
    for statement in (d for d in documents if d.type == "bank_statement" and d.extract.transactions):
        large = [
            one
            for one in statement.extract.transactions
            if (one.change or 0) > most and not mentions(one.description, words().money.payroll)
        ]
        detail = f"{len(large)} deposits above {most:,.2f} that are not pay."
        public = "The source of one or more deposits needs to be documented." if large else ""
        evidence = tuple(one.evidence for one in large[:_SHOWN])
        yield Check("large_deposits", statement.number, verdict(not large), detail, evidence, public)


def _debts(documents: Sequence[Document], case: Case) -> Iterator[Check]:
    """Payments that look like those of a debt are of debts that are declared."""
    for statement in (d for d in documents if d.type == "bank_statement" and d.extract.transactions):
        payments = [
            one
            for one in statement.extract.transactions
            if (one.change or 0) < 0
            and mentions(one.description, words().money.debts)
            and not mentions(one.description, words().money.no_debts)
        ]
        unknown = [one for one in payments if not _declared(one, case)]
        if payments:
            detail = f"{len(unknown)} of {len(payments)} payments on debts match none that is declared."
            public = (
                "Payments on a debt that is not on the application need to be explained." if unknown else ""
            )
            evidence = tuple(one.evidence for one in (unknown or payments)[:_SHOWN])
            holds = None if unknown else True
            yield Check("debts_declared", statement.number, verdict(holds), detail, evidence, public)


def _declared(payment: Transaction, case: Case) -> bool:
    paid = abs(payment.change or Decimal(0))
    return any(
        abs(paid - debt.monthly) <= 1 or mentions(payment.description, (debt.creditor,))
        for debt in case.debts
    )


def _consecutive_balances(documents: Sequence[Document]) -> Iterator[Check]:
    """Where one statement of an account ends, the next begins."""
    statements = [d for d in documents if d.type == "bank_statement" and d.extract.day("period_end")]
    by_end = sorted(
        statements, key=lambda d: (d.extract.text("account_number"), str(d.extract.day("period_end")))
    )
    for one, following in pairwise(by_end):
        same = one.extract.text("account_number") == following.extract.text("account_number") != ""
        start, end = following.extract.day("period_start"), one.extract.day("period_end")
        ending, beginning = (
            one.extract.amount("ending_balance"),
            following.extract.amount("beginning_balance"),
        )
        near = start is not None and end is not None and timedelta(0) <= start - end <= timedelta(days=2)
        if not same or not near or ending is None or beginning is None:
            continue
        detail = f"One statement ends with {ending:,.2f}, the next begins with {beginning:,.2f}."
        evidence = places(one.extract.fields["ending_balance"], following.extract.fields["beginning_balance"])
        holds = ending == beginning
        yield Check("balances_continue", following.number, verdict(holds), detail, evidence, sum=True)
