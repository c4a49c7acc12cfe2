"""Documents told by their findings, and what people's values and types make of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.documents.case import Case
from lendgate.documents.document import Document
from lendgate.documents.facts import document_facts, submitted
from lendgate.documents.field_kinds import field_kinds, kind_for, value_of
from lendgate.documents.fields import Value
from lendgate.documents.judged import Judged, as_judged, by_hand, written
from lendgate.documents.recalled import recalled
from lendgate.documents.report import report
from lendgate.documents.returning import SENTENCES, told_of
from lendgate.documents.triage import Triage, Upload, triage_together
from lendgate.schema.base import MAX_MONEY
from lendgate.schema.documents import FieldKind
from lendgate.schema.enums import DocumentType
from lendgate.schema.inspection import ReturnCode
from tests.documents.printed import AS_OF, Printed, pay_stub
from tests.documents.printed_forms import form_1040, form_1099_nec, w2
from tests.documents.printed_more import identity_card, schedule_c
from tests.documents.printed_statements import statement
from tests.documents.reading import CASE, document, reading_of, triaged

STATED = Case(AS_OF, monthly_income=Decimal(5000))
PRINTED = {
    "stub": pay_stub(3),
    "stub-signed": pay_stub(5, 2),
    "w2": w2(4),
    "nec": form_1099_nec(5),
    "return": form_1040(6),
    "schedule": schedule_c(7),
    "card": identity_card(8),
    "statement": statement(9),
}
KINDS = get_args(FieldKind)
MOST_CENTS = round(MAX_MONEY * 100)


def told(printed: Printed) -> tuple[Document, Document]:
    """A document as it was read, and as its findings tell it."""
    result = triaged(printed)
    (file,) = report(["file"], [result], unmasked=True).files
    return result.documents[0].document, recalled(file.documents[0], 1)


@pytest.mark.parametrize("printed", PRINTED.values(), ids=PRINTED)
def test_findings_tell_a_document_without_loss(printed: Printed) -> None:
    """Every field with its value, place, words and confidence, as if the pages were still there."""
    read, back = told(printed)
    assert read.extract.fields
    assert back.extract.fields.keys() == read.extract.fields.keys()
    for name, field in read.extract.fields.items():
        again = back.extract.fields[name]
        assert replace(again, box=field.box) == field
        assert again.box.left == pytest.approx(field.box.left, abs=1e-4)
    assert (back.type, back.kind, back.blank, back.part.readable) == (
        read.type,
        read.kind,
        read.blank,
        read.part.readable,
    )


@pytest.mark.parametrize("printed", PRINTED.values(), ids=PRINTED)
def test_findings_prove_the_same_facts(printed: Printed) -> None:
    """What policy learns of an accepted document does not depend on when it was accepted."""
    read, back = told(printed)
    assert document_facts([back], STATED) == document_facts([read], STATED)
    assert submitted([back], "0" * 64) == submitted([read], "0" * 64)


@pytest.mark.parametrize("printed", PRINTED.values(), ids=PRINTED)
def test_every_field_that_is_extracted_has_a_type(printed: Printed) -> None:
    """So that a person may correct each one that there is."""
    read = document(printed)
    assert read.extract.fields.keys() <= field_kinds(read.kind).keys()


@given(st.sampled_from(KINDS), st.text(max_size=40))
def test_a_value_that_is_taken_is_kept_as_itself(kind: FieldKind, text: str) -> None:
    """Whatever a person writes: it is refused, or what is written down reads back as the same value."""
    value = value_of(text, kind)
    if value is not None:
        assert value_of(written(value), kind) == value


@given(st.integers(-MOST_CENTS, MOST_CENTS))
def test_every_amount_may_be_written_as_it_is_printed(cents: int) -> None:
    """With and without separators, and never as another one."""
    amount = Decimal(cents) / 100
    assert value_of(f"{amount:,.2f}", "amount") == amount
    assert value_of(f"{amount:.2f}", "amount") == amount


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("amount", "about 4,125.00"),
        ("amount", "4,125.00 or so"),
        ("amount", "1e9"),
        ("amount", "9999999999.00"),
        ("amount", "NaN"),
        ("amount", "4,I25.00"),
        ("amount", "\u0664\u0661\u0662\u0665"),
        ("date", "2026-13-40"),
        ("date", "paid on 2026-11-13"),
        ("date", "11/01/2026 - 11/13/2026"),
        ("year", "25"),
        ("year", "\uff12\uff10\uff12\uff15"),
        ("identifier", "1 OR 1=1"),
        ("name", "Ann\u202eX"),
        ("name", "Ann\nX"),
        ("name", "12345"),
        ("name", "A" * 121),
        ("text", "a\x00b"),
        ("percent", "101"),
        ("percent", "1e2"),
        ("block", "1\n2\n3\n4\n5"),
        ("code", "none"),
        ("period", "01/01/2026 - 01/15/2026"),
    ],
)
def test_what_is_no_value_of_its_kind_is_refused(kind: FieldKind, text: str) -> None:
    """Nothing is picked out of a sentence, and nothing passes that would be shown as something else."""
    assert value_of(text, kind) is None


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("amount", "$4,125.00", Decimal("4125.00")),
        ("amount", "(12.50)", Decimal("-12.50")),
        ("date", "11/13/2026", date(2026, 11, 13)),
        ("date", "Nov 13, 2026", date(2026, 11, 13)),
        ("identifier", "XXX-XX-6789", "XXXXX6789"),
        ("year", "2025", 2025),
        ("percent", "6.25 %", "6.25"),
        ("name", "José Núñez-O'Brien", "José Núñez-O'Brien"),
        ("block", "Harbor LLC\n1 Main Street", "Harbor LLC\n1 Main Street"),
    ],
)
def test_values_are_read_as_on_a_page(kind: FieldKind, text: str, value: Value) -> None:
    """In the forms that documents print them in."""
    assert value_of(text, kind) == value


def test_a_corrected_value_has_the_place_of_what_it_corrects() -> None:
    """Certain, by a person; the other fields are untouched, and what was found is not changed."""
    read = document(pay_stub(3))
    judged = as_judged(read, Judged(values={"net_current": Decimal("1.00"), "rate": Decimal("20.00")}))
    net, rate = judged.extract.fields["net_current"], judged.extract.fields["rate"]
    before = read.extract.fields["net_current"]
    assert (net.value, net.reader, net.confidence) == (Decimal("1.00"), "person", 1.0)
    assert (net.page, net.box) == (before.page, before.box)
    assert (rate.page, rate.box.width) == (1, 1.0)
    assert judged.extract.fields["gross_current"] == read.extract.fields["gross_current"]
    assert before.value != net.value


def test_another_type_keeps_only_what_it_can_say() -> None:
    """A W-2 has no net pay; its tax year was not read from a stub."""
    judged = as_judged(document(pay_stub(3)), Judged(type="w2", values={"tax_year": 2025}))
    assert (judged.type, judged.kind) == ("w2", "w2")
    assert "net_current" not in judged.extract.fields
    assert judged.extract.fields["tax_year"].value == 2025


@pytest.mark.parametrize("type_", get_args(DocumentType))
def test_every_type_can_be_given(type_: DocumentType) -> None:
    """As a kind of that type; what is no document of a loan here has no fields."""
    assert by_hand(type_, 1, 0).type == type_
    assert bool(kind_for(type_) != "unknown") == (type_ != "other")


def consecutive() -> list[Upload]:
    """Two statements of one account, the second beginning where the first ends."""
    first = statement(9)
    ending = first.truth["ending_balance"]
    assert isinstance(ending, Decimal)
    return [Upload(reading_of(one.sheet)) for one in (first, statement(9, follows=int(ending * 100)))]


def continues(triages: Sequence[Triage]) -> list[str]:
    """What is said of the second statement going on where the first one ends."""
    return [one.result for one in triages[1].documents[0].against if one.id == "balances_continue"]


def test_what_people_say_changes_what_others_are_held_against() -> None:
    """With another balance, read by a person, the second statement does not go on where the first ends."""
    files = consecutive()
    alone = triage_together(files, CASE)
    begins = alone[1].documents[0].document.extract.amount("beginning_balance")
    assert begins is not None
    corrected = Judged(values={"beginning_balance": begins + 1})
    after = triage_together([files[0], replace(files[1], judged={1: corrected})], CASE)
    assert (continues(alone), continues(after)) == (["pass"], ["fail"])


def test_what_went_back_is_as_if_it_had_not_come() -> None:
    """No check of the others looks at it."""
    files = consecutive()
    after = triage_together([replace(files[0], judged={1: Judged(returned=True)}), files[1]], CASE)
    assert continues(after) == []


def test_senders_are_told_the_sentences_of_triage() -> None:
    """Every code has one, and each is one that triage itself says."""
    rooms = [files("lendgate.documents"), files("lendgate.documents.checks")]
    sources = " ".join(
        re.sub(r'"\s*\n\s*f?"', "", one.read_text("utf-8"))
        for room in rooms
        for one in room.iterdir()
        if one.name.endswith(".py") and one.name != "returning.py"
    )
    assert set(SENTENCES) == set(get_args(ReturnCode))
    assert [words for words in SENTENCES.values() if words not in sources] == []


def test_a_code_is_told_once_and_with_the_documents_title() -> None:
    """Twice the same code is one sentence."""
    assert told_of(["not_asked_for", "not_asked_for"], "Invoice") == (
        "This looks like: Invoice. Please send the document that was asked for.",
    )
    assert told_of(["not_asked_for"], None)[0].startswith("This looks like: another document.")


def test_the_how_to_lists_every_code_with_its_sentence() -> None:
    """What underwriters choose from is what senders are told."""
    page = (Path(__file__).parents[2] / "docs/how-to/judge-documents.md").read_text()
    rows = {code: f"| `{code}` | {words.replace('{title}', '…')} |" for code, words in SENTENCES.items()}
    assert [code for code, row in rows.items() if row not in page] == []
