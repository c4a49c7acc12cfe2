"""Extraction scored by field on generated documents with known truth, in every layout."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.documents import printed, printed_forms, printed_statements, printed_stubs
from tests.documents.printed import Printed
from tests.documents.reading import document

SEEDS = range(6)
MAKERS: list[tuple[str, str, Callable[[int], Printed]]] = [
    *((f"pay_stub_{n}", "pay_stub", lambda seed, n=n: printed.pay_stub(seed, n)) for n in range(3)),
    ("pay_stub_in_heads", "pay_stub", printed_stubs.stub_in_heads),
    ("pay_stub_in_a_matrix", "pay_stub", printed_stubs.stub_in_a_matrix),
    ("pay_stub_by_tables", "pay_stub", printed_stubs.stub_by_tables),
    ("pay_stub_with_the_year_apart", "pay_stub", printed_stubs.stub_with_the_year_apart),
    *(
        (f"statement_{n}", "bank_statement", lambda seed, n=n: printed_statements.statement(seed, n))
        for n in range(5)
    ),
    ("w2", "w2", printed_forms.w2),
    ("1099_nec", "1099_nec", printed_forms.form_1099_nec),
    ("1040", "1040", printed_forms.form_1040),
]


@pytest.mark.parametrize(("name", "kind", "make"), MAKERS, ids=[maker[0] for maker in MAKERS])
def test_every_field_of_every_layout(name: str, kind: str, make: Callable[[int], Printed]) -> None:
    """Every generated document is known for what it is, and every field of its truth is read exactly."""
    wrong = []
    for seed in SEEDS:
        made = make(seed)
        found = document(made)
        assert found.kind == kind, (name, seed, found.kind)
        for field, value in made.truth.items():
            read = found.extract.fields.get(field)
            if read is None or read.value != value:
                wrong.append((seed, field, value, read and (read.value, read.quote)))
    assert not wrong


def test_the_year_s_gross_is_not_this_period_s() -> None:
    """A gross that stands in a table of the year is no gross of the period, even where there is no other."""
    found = document(printed_stubs.stub_with_the_year_apart(3))
    assert "gross_current" not in found.extract.fields
    assert {line.label for line in found.extract.lines if line.current} >= {"Regular", "Overtime"}


def test_a_title_is_no_name() -> None:
    """The title "Employee Pay Statement" has a label in it, and no name behind it."""
    made = printed_stubs.stub_by_tables(4)
    sheet = made.sheet
    sheet.texts = [text for text in sheet.texts if text[2] != made.truth["employee_name"]]
    assert "employee_name" not in document(made).extract.fields
