"""Generated bank statements in three layouts, with known truth and planted errors."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from tests.documents.printed import AS_OF, BANKS, Printed, address, amount, dollars, person, us
from tests.documents.sheet import Sheet, money

WORDS_OUT = ("Grocery Outlet", "City Water Utility", "Metro Transit", "Corner Pharmacy", "Streaming Service")


@dataclass(frozen=True, slots=True)
class _Row:
    day: date
    words: str
    cents: int


@dataclass(frozen=True, slots=True)
class _Account:
    holder: str
    bank: str
    number: str
    start: date
    end: date
    beginning: int
    rows: tuple[_Row, ...]

    @property
    def deposits(self) -> int:
        return sum(row.cents for row in self.rows if row.cents > 0)

    @property
    def withdrawals(self) -> int:
        return -sum(row.cents for row in self.rows if row.cents < 0)

    @property
    def ending(self) -> int:
        return self.beginning + self.deposits - self.withdrawals


def _account(seed: int, plant: str, later: int = 0) -> _Account:
    rng = random.Random(seed)
    age = {"stale": 300, "future": -20}.get(plant, rng.randrange(2, 20)) - later
    end = AS_OF - timedelta(days=age)
    start = end - timedelta(days=29)
    days = sorted(start + timedelta(days=rng.randrange(1, 29)) for _ in range(8))
    rows = [_Row(day, rng.choice(WORDS_OUT), -money(rng, 5, 200)) for day in days]
    for place in (2, 6):
        rows[place] = _Row(days[place], "Payroll Deposit", money(rng, 1200, 1900))
    planted = {
        "large": _Row(days[4], "Counter Deposit", 990_000),
        "loan": _Row(days[4], "Quick Auto Loan Payment", -31_250),
        "nsf": _Row(days[4], "NSF Fee", -3_500),
    }
    if plant in planted:
        rows[4] = planted[plant]
    if plant == "order":
        rows[3], rows[4] = replace(rows[3], day=days[4] + timedelta(days=1)), replace(rows[4], day=days[3])
    if plant == "outside":
        rows[0] = replace(rows[0], day=start - timedelta(days=3))
    number = str(rng.randrange(10**9, 10**10))
    return _Account(person(rng), rng.choice(BANKS), number, start, end, money(rng, 900, 6000), tuple(rows))


def statement(seed: int, layout: int = 0, plant: str = "", follows: int | None = None) -> Printed:
    """A bank statement; with ``follows`` that of the next month, beginning with so many cents.

    Plants: ``total`` (ending balance wrong), ``running`` (one balance wrong), ``order``, ``outside``,
    ``large``, ``loan``, ``nsf``, ``pages``, ``stale``, ``future``.
    """
    account = _account(seed, plant, 0 if follows is None else 30)
    if follows is not None:
        account = replace(account, beginning=follows)
    ending = account.ending + (12_300 if plant == "total" else 0)
    sheet = Sheet()
    (_in_columns, _signed, _in_sections, _indented, _minus_only)[layout](sheet, account, ending, plant)
    sheet.put(500, 770, "Page 1 of 3" if plant == "pages" else "Page 1 of 1")
    truth: dict[str, object] = {
        "holder_name": account.holder,
        "bank": account.bank,
        "account_number": account.number,
        "period_start": account.start,
        "period_end": account.end,
        "beginning_balance": amount(account.beginning),
        "ending_balance": amount(ending),
    }
    return Printed(sheet, truth)


def rows_of(seed: int) -> list[tuple[date, Decimal]]:
    """The transactions of a statement that has no error in it."""
    return [(row.day, amount(row.cents)) for row in _account(seed, "").rows]


def _head(sheet: Sheet, account: _Account) -> None:
    sheet.put(60, 50, account.bank, 14)
    sheet.put(400, 50, "Account Statement", 12)
    address(sheet, 60, 100, account.holder)
    sheet.put(340, 100, "Account number:")
    sheet.put(440, 100, account.number)
    sheet.put(340, 114, "Statement period:")
    sheet.put(440, 114, f"{us(account.start)} to {us(account.end)}")


def _summary(sheet: Sheet, y: float, account: _Account, ending: int) -> None:
    for n, (label, text) in enumerate(
        (
            (f"Beginning balance on {us(account.start)}", dollars(account.beginning)),
            ("Deposits and other credits", dollars(account.deposits)),
            ("Withdrawals and other debits", f"-{dollars(account.withdrawals)}"),
            (f"Ending balance on {us(account.end)}", f"${dollars(ending)}"),
        )
    ):
        sheet.put(60, y + 14 * n, label)
        sheet.right(360, y + 14 * n, text)


def _in_columns(sheet: Sheet, account: _Account, ending: int, plant: str) -> None:
    """A summary, then columns for money in, money out and the balance."""
    _head(sheet, account)
    _summary(sheet, 180, account, ending)
    y = 280.0
    sheet.put(60, y, "Date")
    sheet.put(130, y, "Description")
    for x, label in ((370, "Deposits"), (460, "Withdrawals"), (550, "Balance")):
        sheet.right(x, y, label)
    balance = account.beginning
    for number, row in enumerate(account.rows):
        y += 15
        balance += row.cents
        shown = balance + (100 if plant == "running" and number == 3 else 0)
        sheet.put(60, y, us(row.day))
        sheet.put(130, y, row.words)
        sheet.right(370 if row.cents > 0 else 460, y, dollars(abs(row.cents)))
        sheet.right(550, y, dollars(shown))


def _signed(sheet: Sheet, account: _Account, ending: int, plant: str) -> None:
    """The summary side by side, one column of signed amounts, days without a year."""
    _head(sheet, account)
    labels = (
        ("Beginning Balance", account.beginning),
        ("Deposits", account.deposits),
        ("Withdrawals", -account.withdrawals),
        ("Ending Balance", ending),
    )
    for n, (label, cents) in enumerate(labels):
        sheet.put(60 + 125 * n, 180, label)
        sheet.put(60 + 125 * n, 196, dollars(cents))
    y = 250.0
    sheet.put(60, y, "Date")
    sheet.put(130, y, "Transaction")
    sheet.right(460, y, "Amount")
    sheet.right(550, y, "Balance")
    balance = account.beginning
    for number, row in enumerate(account.rows):
        y += 15
        balance += row.cents
        shown = balance + (100 if plant == "running" and number == 3 else 0)
        sheet.put(60, y, f"{row.day:%m/%d}")
        sheet.put(130, y, row.words)
        sheet.right(460, y, f"{'+' if row.cents > 0 else ''}{dollars(row.cents)}")
        sheet.right(550, y, dollars(shown))


def _in_sections(sheet: Sheet, account: _Account, ending: int, plant: str) -> None:
    """A summary, then a list of deposits and a list of withdrawals, unsigned and without balances."""
    _ = plant
    _head(sheet, account)
    _summary(sheet, 180, account, ending)
    y = 270.0
    for heading, sign in (("Deposits and credits", 1), ("Withdrawals and debits", -1)):
        sheet.put(60, y, heading, 11)
        y += 18
        sheet.put(60, y, "Date")
        sheet.put(130, y, "Description")
        sheet.right(460, y, "Amount")
        for row in account.rows:
            if row.cents * sign > 0:
                y += 15
                sheet.put(60, y, us(row.day))
                sheet.put(130, y, row.words)
                sheet.right(460, y, dollars(abs(row.cents)))
        y += 30


def _indented(sheet: Sheet, account: _Account, ending: int, plant: str) -> None:
    """The bank in a title, values far from their labels, the ending balance set in, days before months."""
    _ = plant
    sheet.put(60, 50, f"{account.bank} - Account Statement", 14)
    for n, (label, value) in enumerate(
        (
            ("Account Holder:", account.holder),
            ("Account Number:", account.number),
            ("Statement Period:", f"{account.start:%d %B %Y} to {account.end:%d %B %Y}"),
        )
    ):
        sheet.put(60, 90 + 14 * n, label)
        sheet.put(340, 90 + 14 * n, value)
    sheet.put(60, 150, "For account holder use only", 7)
    rows = (
        (60, "Beginning Balance", account.beginning),
        (60, "Deposits & Other Credits", account.deposits),
        (60, "Withdrawals & Debits", -account.withdrawals),
        (150, "Ending Balance", ending),
    )
    for n, (x, label, cents) in enumerate(rows):
        sheet.put(x, 180 + 14 * n, label)
        sheet.right(420, 180 + 14 * n, dollars(cents))
    _list(sheet, account, 280, "Withdrawals / Deposits", "%d %b")


def _minus_only(sheet: Sheet, account: _Account, ending: int, plant: str) -> None:
    """No movements in the summary; the list prints money out with a minus and money in without a sign."""
    _ = plant
    _head(sheet, account)
    for n, (label, cents) in enumerate(
        (("Beginning Balance:", account.beginning), ("Ending Balance:", ending))
    ):
        sheet.put(60, 180 + 14 * n, f"{label} ${dollars(cents)}")
    _list(sheet, account, 240, "Amount", "%m/%d/%Y")


def _list(sheet: Sheet, account: _Account, y: float, head: str, day: str) -> None:
    sheet.put(60, y, "Date")
    sheet.put(130, y, "Description")
    sheet.right(480, y, head)
    for n, row in enumerate(account.rows, start=1):
        sheet.put(60, y + 15 * n, f"{row.day:{day}}")
        sheet.put(130, y + 15 * n, row.words)
        sheet.right(480, y + 15 * n, dollars(row.cents))
