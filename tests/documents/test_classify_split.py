"""What pages are taken for, and how a packet falls into documents."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.documents.classify import classify
from lendgate.documents.extract.specs import forms
from lendgate.documents.figures import figures
from lendgate.documents.kinds import UNKNOWN, kinds
from lendgate.documents.layout import lay_out
from lendgate.documents.model import Box, Page, Span
from lendgate.documents.names import compare_people
from lendgate.documents.phrases import mentions
from lendgate.documents.words import words
from lendgate.schema.enums import DocumentType
from tests.documents.printed import pay_stub
from tests.documents.printed_forms import form_1040, form_1099_nec, w2
from tests.documents.printed_statements import statement
from tests.documents.reading import document, documents, reading_of
from tests.documents.sheet import Sheet


def page_with(*lines: str) -> Page:
    """A page with these lines on it, from the top."""
    spans = tuple(
        Span(line, Box(0.1, 0.05 + 0.02 * n, 0.8, 0.065 + 0.02 * n)) for n, line in enumerate(lines)
    )
    return Page(1, 612, 792, "text", spans, "0" * 64)


def test_the_data_files_hold() -> None:
    """Every file of data has its shape, every form its kind, and every type of the contract a kind."""
    names = [kind.kind for kind in kinds()]
    assert len(names) == len(set(names))
    assert set(forms()) <= set(names)
    assert {kind.type for kind in kinds()} == set(get_args(DocumentType))
    assert figures().social_security_wage_base.years[2024] == 168_600
    assert words().statement.beginning
    assert compare_people("Bob Ray", "Robert Ray") == "close"


@pytest.mark.parametrize("kind", [kind.kind for kind in kinds()])
def test_every_kind_is_known_by_its_own_words(kind: str) -> None:
    """A page with all that a kind prints is taken for that kind, or for another of its type."""
    (entry,) = (one for one in kinds() if one.kind == kind)
    lines = []
    for evidence in entry.evidence:
        lines += (
            [evidence.text]
            if evidence.text
            else [*evidence.all, *evidence.any[:1], *evidence.words, *evidence.raw]
        )
    found = classify(lay_out(page_with(*(line for line in lines if line), "and some more words to be read")))
    assert found.type == entry.type
    assert found.confidence > 0.5


def test_a_page_like_nothing_known() -> None:
    """A poem is of no kind, and little text is unreadable."""
    poem = classify(
        lay_out(page_with("Shall I compare thee to a summer's day", "Thou art more lovely and temperate"))
    )
    assert (poem.kind, poem.type, poem.readable) == (UNKNOWN, "other", True)
    assert not classify(lay_out(page_with("42"))).readable


def test_uncertain_text_is_unreadable() -> None:
    """Letters that the reader was not sure of tell nothing."""
    page = page_with("Wage and Tax Statement", "Social security wages", "Medicare wages and tips")
    dim = Page(1, 612, 792, "ocr", tuple(Span(s.text, s.box, 0.3) for s in page.spans), "0" * 64)
    assert not classify(lay_out(dim)).readable


@given(st.lists(st.text(min_size=1, max_size=40), max_size=12))
def test_any_text_is_classified(lines: list[str]) -> None:
    """No text breaks the classifier, and its confidence is a share."""
    found = classify(lay_out(page_with(*lines)))
    assert 0 <= found.confidence <= 1


def test_a_mixed_packet_falls_into_its_documents() -> None:
    """Stub, W-2, a statement of two pages, a 1099: four documents and their pages."""
    first, second = statement(1), statement(1)
    first.sheet.texts = [
        (x, y, t.replace("Page 1 of 1", "Page 1 of 2"), s, c) for x, y, t, s, c in first.sheet.texts
    ]
    second.sheet.texts = [
        (x, y, t.replace("Page 1 of 1", "Page 2 of 2"), s, c) for x, y, t, s, c in second.sheet.texts
    ]
    found = documents(pay_stub(1), w2(1), first, second, form_1099_nec(1))
    assert [(one.kind, one.part.first, one.part.last) for one in found] == [
        ("pay_stub", 1, 1),
        ("w2", 2, 2),
        ("bank_statement", 3, 4),
        ("1099_nec", 5, 5),
    ]


def test_two_statements_stay_two() -> None:
    """A page numbered 1 begins another document, and so does another W-2."""
    found = documents(statement(1), statement(2), w2(3), w2(4))
    assert [one.part.first for one in found] == [1, 2, 3, 4]


def test_every_page_is_in_exactly_one_document() -> None:
    """Nothing of a packet is lost, empty pages included."""
    reading = reading_of(w2(1).sheet, Sheet(), pay_stub(1).sheet)
    numbers = [page.number for page in reading.pages]
    found = documents(w2(1), pay_stub(1))
    assert numbers == [1, 2, 3]
    assert [one.number for one in found] == [1, 2]


def test_forms_that_nobody_filled_are_blank() -> None:
    """A blank 1040 is told from a filled one by its figures, not by its print."""
    assert document(form_1040(1, filled=False)).blank
    assert not document(form_1040(1)).blank


@pytest.mark.parametrize(
    ("type_", "lines"),
    [
        (
            "credit_card_statement",
            ("Account Number: 1234", "Statement Period: 01/01/2026 to 01/31/2026", "Beginning Balance: $0.00",
             "Ending Balance: $100.00", "Minimum Payment Due: $25.00", "Credit Limit: $10,000",
             "Date", "Description", "Amount"),
        ),
        (
            "other",
            ("Anytown Village Community Association", "Account Number: 98292881", "HOA assessments due",
             "HOA transfer fees", "this is your current statement of account", "Total due $322.58"),
        ),
        (
            "other",
            ("FOR DEPARTMENT USE ONLY", "Application for:", "Driver License", "Identification Card",
             "APPLICANT INFORMATION", "Middle Name", "Mailing Address", "Surname",
             "Date of Birth", "Place of birth", "Class",
             "Sex", "Hair", "Donor"),
        ),
        (
            "other",
            ("Illinois Department of Revenue", "2025 Form IL-1040", "Individual Income Tax Return",
             "Dividends", "Adjusted gross income", "Shares", "Retirement", "Contributions"),
        ),
        (
            "other",
            ("The Harbor Inn", "Room type: STQT", "Number of guests: 1", "Folio number: 12345", "Date",
             "Description", "Charges", "Credits", "Balance", "Check your account statement"),
        ),
        (
            "identity_document",
            ("UNITED STATES OF AMERICA", "PERMANENT RESIDENT", "Surname", "Given Name", "USCIS#", "Category",
             "Country of Birth", "Date of Birth", "Sex", "Card Expires: 05/31/28"),
        ),
    ],
    ids=["card", "association", "application", "state-return", "folio", "resident-card"],
)  # fmt: skip
def test_look_alikes_are_told_apart(type_: str, lines: tuple[str, ...]) -> None:
    """A page that shares words with a known type is of the type that explains all of them."""
    assert classify(lay_out(page_with(*lines))).type == type_


def test_a_form_that_is_perhaps_another_is_not_called_blank() -> None:
    """Sent back is only what is surely a form, and on which nothing stands that people write."""
    blank = form_1040(1, filled=False)
    blank.sheet.put(400, 700, "04/12/2026")
    assert not document(blank).blank
    unsure = form_1040(1, filled=False)
    unsure.sheet.texts = [text for text in unsure.sheet.texts if text[2] in {"Filing Status", "Last name"}]
    unsure.sheet.put(60, 60, "This is your total tax")
    found = document(unsure)
    assert not (found.blank and found.part.confidence < 0.9)


def test_investment_statements_are_no_bank_statements() -> None:
    """A title says little; units and prices say what an account holds."""
    page = page_with(
        "ACCOUNT STATEMENT",
        "Statement Period 1 May 2021 to 31 May 2021",
        "Your opening balance",
        "Investment option name",
        "Units",
        "Unit price",
        "Account value",
        "Insurance cover",
    )
    assert classify(lay_out(page)).type == "investment_statement"
    assert mentions(page.text, ("Unit price",))
