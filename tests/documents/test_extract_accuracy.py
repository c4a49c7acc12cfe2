"""Extraction scored by field on generated documents with known truth, in every layout."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.documents import printed, printed_forms, printed_statements
from tests.documents.printed import Printed
from tests.documents.reading import document

SEEDS = range(6)
MAKERS: list[tuple[str, str, Callable[[int], Printed]]] = [
    *((f"pay_stub_{n}", "pay_stub", lambda seed, n=n: printed.pay_stub(seed, n)) for n in range(3)),
    *(
        (f"statement_{n}", "bank_statement", lambda seed, n=n: printed_statements.statement(seed, n))
        for n in range(3)
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
