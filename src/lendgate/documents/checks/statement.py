"""Bank statements: do the figures make one another, and is everything there that a statement must show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

from lendgate.documents.checks.model import Check, places, verdict
from lendgate.documents.document import Document
from lendgate.documents.fields import Account, Evidence, Field, Transaction
from lendgate.documents.phrases import mentions
from lendgate.documents.words import words

_CENT: Final = Decimal("0.01")
_MUST_SHOW: Final = (
    ("bank", "the institution"),
    ("holder_name", "the account holder"),
    ("account_number", "the account number"),
    ("ending_balance", "the ending balance"),
)
_SHOWN: Final = 8


def check_statement(document: Document) -> Iterator[Check]:
    """Every check of one bank statement."""
    for number, account in enumerate(document.extract.accounts, start=1):
        yield _reconciles(document, account, number)
        yield from _balance_dates(document, account)
    if not document.extract.accounts:
        yield Check(
            "statement_reconciles", document.number, "cannot_tell", "No summary of balances was found."
        )
    yield from _running_balance(document)
    yield from _checks_total(document)
    yield from _transaction_dates(document)
    yield from _overdrafts(document)
    yield _must_show(document)


def _reconciles(document: Document, account: Account, number: int) -> Check:
    """Beginning balance and what moved it make the ending balance (to the cent)."""
    beginning, ending = _value(account.beginning), _value(account.ending)
    name = f"Account {number}: " if len(document.extract.accounts) > 1 else ""
    moved, evidence, unknown = _moved(document, account)
    shown = (*places(account.beginning), *evidence, *places(account.ending))
    if beginning is None or ending is None or moved is None:
        detail = f"{name}not all of the balances and movements could be read."
        return Check("statement_reconciles", document.number, "cannot_tell", detail, shown, sum=True)
    computed = beginning + moved
    if unknown and abs(computed - ending) > _CENT:
        detail = f"{name}it does not say of every line whether it is money in or out."
        return Check("statement_reconciles", document.number, "cannot_tell", detail, shown, sum=True)
    holds = abs(computed - ending) <= _CENT
    sums = f"{beginning:,.2f} and movements of {moved:+,.2f} make {computed:,.2f}"
    detail = f"{name}{sums}; printed is {ending:,.2f}."
    public = "" if holds else "The amounts on the statement could not be reconciled."
    return Check("statement_reconciles", document.number, verdict(holds), detail, shown, public, sum=True)


def _moved(document: Document, account: Account) -> tuple[Decimal | None, tuple[Evidence, ...], bool]:
    """What moved the balance: by the summary where it has lines, else by the transactions."""
    if account.movements:
        unknown = any(one.direction == 0 and one.amount.value for one in account.movements)
        total = sum((one.change for one in account.movements), Decimal(0))
        return total, tuple(one.amount.evidence for one in account.movements), unknown
    listed = [one for one in document.extract.transactions if one.amount is not None]
    if not listed or len(document.extract.accounts) > 1:
        return None, (), False
    changes = [one.change for one in listed]
    total = sum((change for change in changes if change is not None), Decimal(0))
    return total, tuple(one.evidence for one in listed[:_SHOWN]), None in changes


def _balance_dates(document: Document, account: Account) -> Iterator[Check]:
    """The ending balance is of a later day than the beginning one."""
    if account.beginning_day is None or account.ending_day is None:
        return
    holds = account.beginning_day <= account.ending_day
    detail = f"The balances are of {account.beginning_day} and {account.ending_day}."
    public = "" if holds else "The dates on the statement are not in order."
    evidence = places(account.beginning, account.ending)
    yield Check("statement_balance_dates", document.number, verdict(holds), detail, evidence, public)


def _running_balance(document: Document) -> Iterator[Check]:
    """Each printed balance is the one before it and the movement between them."""
    rows = [one for one in document.extract.transactions if one.balance is not None]
    if len(rows) < 2:  # noqa: PLR2004 - a balance and the next
        return
    wrong: list[Transaction] = []
    unknown = False
    for before, row in pairwise(rows):
        between = _between(document.extract.transactions, before, row)
        changes = [one.change for one in between if one.amount is not None]
        if None in changes:
            unknown = True
            continue
        total = sum((change for change in changes if change is not None), Decimal(0))
        if abs(_amount(before.balance) + total - _amount(row.balance)) > _CENT:
            wrong.append(row)
    result = verdict(not wrong) if wrong or not unknown else "cannot_tell"
    detail = f"{len(wrong)} of {len(rows) - 1} running balances do not follow from the row before."
    evidence = tuple(row.evidence for row in (wrong or rows)[:_SHOWN])
    public = "The running balance on the statement could not be followed." if wrong else ""
    yield Check("statement_running_balance", document.number, result, detail, evidence, public, sum=True)


def _between(rows: Sequence[Transaction], before: Transaction, row: Transaction) -> Sequence[Transaction]:
    """The rows after ``before`` up to and with ``row``: several may share one printed balance."""
    return rows[rows.index(before) + 1 : rows.index(row) + 1]


def _checks_total(document: Document) -> Iterator[Check]:
    """The checks listed make the total printed under them, and that of the summary."""
    listed = [one for one in document.extract.transactions if one.is_check and one.amount is not None]
    if not listed:
        return
    total = sum((_amount(one.amount) for one in listed), Decimal(0))
    printed = document.extract.fields.get("total_checks_listed")
    if printed is not None:
        holds = abs(total - _amount(printed)) <= _CENT
        detail = f"The checks listed make {total:,.2f}; printed is {_amount(printed):,.2f}."
        evidence = (*(one.evidence for one in listed[:_SHOWN]), printed.evidence)
        yield Check("statement_checks_listed", document.number, verdict(holds), detail, evidence, sum=True)
    movements = [m for account in document.extract.accounts for m in account.movements]
    summary = next((m.amount for m in movements if mentions(m.label, ("Checks", "Checks paid"))), None)
    if summary is not None:
        holds = abs(total - abs(_amount(summary))) <= _CENT
        detail = f"The checks listed make {total:,.2f}; the summary says {abs(_amount(summary)):,.2f}."
        evidence = (summary.evidence, *(one.evidence for one in listed[:_SHOWN]))
        yield Check("statement_checks_summary", document.number, verdict(holds), detail, evidence, sum=True)


def _transaction_dates(document: Document) -> Iterator[Check]:
    """Transactions are in order (either way) and inside the period."""
    rows = [one for one in document.extract.transactions if one.day is not None and not one.is_check]
    if len(rows) < 2:  # noqa: PLR2004 - order needs two
        return
    wrong = [one for table in dict.fromkeys(row.table for row in rows) for one in _out_of_order(rows, table)]
    detail = f"{len(wrong)} of {len(rows)} transactions are out of the order of their dates."
    evidence = tuple(one.evidence for one in wrong[:_SHOWN])
    yield Check("statement_dates_in_order", document.number, verdict(not wrong), detail, evidence)
    start, end = document.extract.day("period_start"), document.extract.day("period_end")
    if start is None or end is None:
        return
    outside = [one for one in rows if one.day is not None and not start <= one.day <= end]
    detail = f"{len(outside)} of {len(rows)} transactions lie outside {start} to {end}."
    evidence = tuple(one.evidence for one in outside[:_SHOWN])
    yield Check("statement_dates_in_period", document.number, verdict(not outside), detail, evidence)


def _out_of_order(rows: Sequence[Transaction], table: int) -> list[Transaction]:
    """The rows of one list that go against its order, which may be rising or falling."""
    listed = [(row, row.day) for row in rows if row.table == table and row.day is not None]
    rising = [row for (row, day), (_, following) in pairwise(listed) if following < day]
    falling = [row for (row, day), (_, following) in pairwise(listed) if following > day]
    return min(rising, falling, key=len)


def _overdrafts(document: Document) -> Iterator[Check]:
    """Items returned or paid for want of funds; their number is for a person to weigh."""
    rows = [
        one for one in document.extract.transactions if mentions(one.description, words().money.overdrawn)
    ]
    if rows:
        detail = f"{len(rows)} entries for insufficient funds or overdrafts."
        evidence = tuple(one.evidence for one in rows[:_SHOWN])
        yield Check("statement_overdrafts", document.number, "fail", detail, evidence)


def _must_show(document: Document) -> Check:
    """What every statement must show (Fannie Mae Selling Guide B3-4.2-01)."""
    said = document.extract
    missing = [what for name, what in _MUST_SHOW if name not in said.fields]
    if not {"period_end", "statement_date"} & said.fields.keys():
        missing.append("the period")
    if not missing:
        return Check("statement_shows_all", document.number, "pass", "Everything is shown.")
    detail = f"Not found: {', '.join(missing)}."
    public = f"The statement does not clearly show {' or '.join(missing)}."
    return Check(
        "statement_shows_all", document.number, "cannot_tell", detail, (document.first_page,), public
    )


def _value(field: Field | None) -> Decimal | None:
    return field.value if field is not None and isinstance(field.value, Decimal) else None


def _amount(field: Field | None) -> Decimal:
    return _value(field) or Decimal(0)
