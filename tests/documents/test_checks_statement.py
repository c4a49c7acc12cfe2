"""Checks of bank statements: every one passes on a good statement and fails where its error is planted."""

from __future__ import annotations

import pytest

from lendgate.documents.examine import examine
from tests.documents.printed_statements import rows_of, statement
from tests.documents.reading import CASE, document, result_of


@pytest.mark.parametrize("layout", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("seed", [31, 32])
def test_good_statements_pass_everything(seed: int, layout: int) -> None:
    """Balances, dates, pages and what must be shown, in all layouts."""
    checks = examine(document(statement(seed, layout)), CASE)
    assert [check for check in checks if check.result != "pass"] == []
    assert result_of(checks, "statement_reconciles") == "pass"


@pytest.mark.parametrize("layout", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("seed", [31, 33, 34])
def test_every_transaction_is_read(seed: int, layout: int) -> None:
    """Day and signed amount of every row, whatever the columns."""
    listed = document(statement(seed, layout)).extract.transactions
    assert sorted((row.day, row.change) for row in listed) == sorted(rows_of(seed))


@pytest.mark.parametrize(
    ("plant", "check", "layouts"),
    [
        ("total", "statement_reconciles", (0, 1, 2, 3, 4)),
        ("running", "statement_running_balance", (0, 1)),
        ("order", "statement_dates_in_order", (0, 1)),
        ("outside", "statement_dates_in_period", (0, 1)),
        ("nsf", "statement_overdrafts", (0, 1, 2)),
        ("pages", "all_pages_present", (0, 1, 2)),
        ("stale", "statement_recent", (0, 1, 2)),
        ("future", "not_from_the_future", (0, 1, 2)),
    ],
)
def test_planted_errors_fail(plant: str, check: str, layouts: tuple[int, ...]) -> None:
    """The check whose error is planted fails in every layout that can show it, with places to look at."""
    for layout in layouts:
        checks = examine(document(statement(41, layout, plant)), CASE)
        assert result_of(checks, check) == "fail", (layout, [c for c in checks if c.id == check])
        assert next(one for one in checks if one.id == check and one.result == "fail").evidence


def test_a_statement_that_hides_its_holder_is_incomplete() -> None:
    """What every statement must show is asked for by name."""
    made = statement(42)
    made.sheet.texts = [text for text in made.sheet.texts if text[0] != 60 or text[1] not in {100, 112, 124}]
    checks = examine(document(made), CASE)
    assert result_of(checks, "statement_shows_all") == "cannot_tell"


def test_words_of_a_list_are_no_holder_and_zeros_no_account() -> None:
    """Where name, number and bank were left out, none is taken from rows that look like an address."""
    made = statement(42)
    number, bank = str(made.truth["account_number"]), str(made.truth["bank"])
    made.sheet.texts = [
        (x, y, text.replace(number, "0000000000").replace(bank, "BANK"), size, colour)
        for x, y, text, size, colour in made.sheet.texts
        if x != 60 or y not in {100, 112, 124}
    ]
    for n, line in enumerate(("Payments WePay", "18 Counter Transfer", "Business Payment 34500.00")):
        made.sheet.put(60, 500 + 12 * n, line)
    found = document(made)
    assert not {"holder_name", "account_number", "bank"} & found.extract.fields.keys()
    assert result_of(examine(found, CASE), "statement_shows_all") == "cannot_tell"


def test_a_statement_without_balances_cannot_be_reconciled() -> None:
    """Nothing to compare is not a failure."""
    made = statement(43, 2)
    made.sheet.texts = [text for text in made.sheet.texts if "balance on" not in text[2]]
    assert result_of(examine(document(made), CASE), "statement_reconciles") == "cannot_tell"
