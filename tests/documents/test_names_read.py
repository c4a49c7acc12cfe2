"""Names are read as people write them, whatever their letters."""

from __future__ import annotations

import pytest

from tests.documents.printed import Printed
from tests.documents.printed_forms import form_1099_nec, w2
from tests.documents.printed_more import identity_card
from tests.documents.printed_statements import statement
from tests.documents.reading import document
from tests.documents.sheet import Sheet

NAMES = ("José Núñez", "Zoë Brontë-Østergård", "MARÍA GARCÍA", "Seán O'Brien", "Renée Müller")


def _renamed(made: Printed, old: str, new: str) -> Printed:
    texts = [(x, y, text.replace(old, new), size, colour) for x, y, text, size, colour in made.sheet.texts]
    return Printed(Sheet(texts), made.truth)


@pytest.mark.parametrize("name", NAMES)
def test_accents_do_not_end_a_name(name: str) -> None:
    """At a label, in an address and in two parts, a name is read whole."""
    account = statement(3)
    account = _renamed(account, str(account.truth["holder_name"]), name)
    assert document(account).extract.fields["holder_name"].value == name
    assert document(w2(3, name=name)).extract.fields["employee_name"].value == name
    assert document(form_1099_nec(3, name=name)).extract.fields["recipient_name"].value == name


@pytest.mark.parametrize("name", NAMES)
def test_numbered_lines_of_a_card_may_have_accents(name: str) -> None:
    """A card that numbers its lines tells the two parts of the name."""
    made = identity_card(3)
    first, last = name.split()
    made.sheet.texts = [t for t in made.sheet.texts if t[2] not in {"Surname", "Given names"}]
    made.sheet.put(300, 300, f"1 {last}")
    made.sheet.put(300, 320, f"2 {first}")
    assert document(made).extract.fields["holder_name"].value == f"{last} {first}"


def test_an_address_ends_where_the_next_thing_begins() -> None:
    """Words that stand apart under an address are none of its lines."""
    made = w2(4)
    made.sheet.texts = [text for text in made.sheet.texts if "Control number" not in text[2]]
    made.sheet.put(70, 168, "I certify that this has not passed through other hands", 7)
    employer = str(document(made).extract.fields["employer"].value)
    assert employer.splitlines()[-1] == "Peoria, IL 61602"
