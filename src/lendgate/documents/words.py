"""The vocabulary of pay stubs and statements, read from ``data/words.yaml``."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from lendgate.documents.data import load

Phrases = Annotated[tuple[str, ...], Field(min_length=1)]


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StatementWords(_Words):
    """What statements call their parts."""

    beginning: Phrases
    ending: Phrases
    money_in: Phrases
    money_out: Phrases
    not_a_movement: Phrases
    account: Phrases
    period: Phrases
    statement_date: Phrases
    holder: Phrases
    bank: Phrases
    date_column: Phrases
    text_column: Phrases
    in_column: Phrases
    out_column: Phrases
    amount_column: Phrases
    balance_column: Phrases
    check_column: Phrases
    checks_section: Phrases
    total_checks: Phrases


class StubWords(_Words):
    """What pay stubs call their parts."""

    current_column: Phrases
    year_column: Phrases
    other_column: Phrases
    gross: Phrases
    gross_head: Phrases
    net: Phrases
    total_taxes: Phrases
    total_deductions: Phrases
    deductions_head: Phrases
    earnings_table: Phrases
    taxes_table: Phrases
    deductions_table: Phrases
    tax: Phrases
    deduction: Phrases
    garnishment: Phrases
    earning: Phrases
    not_pay: Phrases
    not_pay_section: Phrases
    period_start: Phrases
    period_end: Phrases
    period: Phrases
    pay_date: Phrases
    employee: Phrases
    employer: Phrases
    ssn: Phrases


class MoneyWords(_Words):
    """What statements call transactions that matter to a lender."""

    payroll: Phrases
    debts: Phrases
    no_debts: Phrases
    overdrawn: Phrases


class Words(_Words):
    """All of it."""

    statement: StatementWords
    stub: StubWords
    money: MoneyWords
    organization: Phrases
    no_name: Phrases


@cache
def words() -> Words:
    """The vocabulary."""
    return load("words.yaml", TypeAdapter(Words))
