"""Forms are read by their labels: copies on a sheet, labels misread or broken, print that is no value."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.documents.printed import Printed
from tests.documents.printed_forms import w2
from tests.documents.printed_sheets import form_1099_r, w2_sheet
from tests.documents.reading import document, triaged
from tests.documents.sheet import Sheet

SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_four_copies_on_a_sheet_are_one_form(seed: int) -> None:
    """Each copy's labels are misread in their own way, and every box is read all the same."""
    made = w2_sheet(seed)
    found = document(made)
    wrong = {
        name: (found.extract.fields.get(name), value)
        for name, value in made.truth.items()
        if name not in found.extract.fields or found.extract.fields[name].value != value
    }
    assert found.kind == "w2"
    assert not wrong


def test_copies_that_differ_are_for_a_person() -> None:
    """What most copies say is read, but not surely enough to be accepted unseen."""
    made = w2_sheet(2, other_tax="9,999.99")
    field = document(made).extract.fields["federal_tax"]
    assert field.value == made.truth["federal_tax"]
    assert field.confidence < 0.85
    (only,) = triaged(made).documents
    assert "field_unsure" in {reason.code for reason in only.routed.reasons}


def test_labels_that_run_over_two_lines() -> None:
    """The first line is the label, the second is print, and the box under them is the value's."""
    made = form_1099_r(1)
    said = document(made).extract.fields
    assert {name: said[name].value for name in made.truth} == made.truth
    assert said["gross_distribution"].value == Decimal("61052.45")
    assert str(said["payer"].value).splitlines()[0] == "Harbor Annuity LLC"


def test_numbers_in_sentences_are_no_amounts() -> None:
    """The words "Copy 2" and "box 4, attach" beside an empty box leave it empty."""
    assert "federal_tax" not in document(form_1099_r(1)).extract.fields


def test_small_amounts_behind_a_dollar_sign_are_read() -> None:
    """A number of two digits is a box's unless the form put a dollar sign before it; a year never is one."""
    made = form_1099_r(2)
    made.sheet.right(452, 170, "82")
    made.sheet.right(390, 98, "2025")
    said = document(made).extract.fields
    assert said["federal_tax"].value == Decimal(82)
    assert "taxable_amount" not in said


def test_the_number_a_form_was_approved_under_is_nobody_s() -> None:
    """A blank W-2 of a new revision is blank: its OMB number is no Social Security number."""
    made = w2(6)
    filled = {"employee_ssn", "employee_name"}
    keep = (
        "a ",
        "b ",
        "c ",
        "d ",
        "e ",
        "f ",
        "1",
        "2 ",
        "3 ",
        "4 ",
        "5 ",
        "6 ",
        "Last",
        "Form",
        "W-2",
        "Wage",
    )
    blank = [text for text in made.sheet.texts if text[2].startswith(keep) and "-" not in text[2][2:]]
    made.sheet.texts = [text for text in blank if "." not in text[2] or text[3] == 6]
    made.sheet.put(56, 330, "W-2", 16)
    made.sheet.put(190, 62, "OMB No. 1545-0029", 6)
    found = document(made)
    assert not filled & found.extract.fields.keys()
    assert found.blank


def _schedule_e(line: str) -> Printed:
    sheet = Sheet()
    sheet.put(40, 46, "SCHEDULE E", 12)
    sheet.put(150, 46, "Supplemental Income and Loss", 14)
    sheet.put(480, 46, "2025", 16)
    sheet.put(40, 90, "Name(s) shown on return", 7)
    for n, (number, cents) in enumerate((("12", "965.22"), (line, "147.00"))):
        sheet.put(85, 300 + 20 * n, f"Total of all amounts reported on line {number} for all properties", 7)
        sheet.put(470, 300 + 20 * n, "23c" if n == 0 else "23d", 8)
        sheet.right(570, 300 + 20 * n, cents, 8)
    return Printed(sheet, {"line": line})


def test_a_near_label_with_another_number_gives_no_value() -> None:
    """Line 18's total is read from line 18, and from nowhere where that line cannot be made out."""
    assert document(_schedule_e("18")).extract.fields["total_depreciation"].value == Decimal("147.00")
    assert "total_depreciation" not in document(_schedule_e("13")).extract.fields


def test_names_end_at_a_wide_gap() -> None:
    """What stands in another column on the line of a name is no part of it."""
    made = w2(5)
    first = next(text for text in made.sheet.texts if text[2] == str(made.truth["employee_name"]).split()[0])
    made.sheet.put(500, first[1], "Reported Wages")
    assert document(made).extract.fields["employee_name"].value == made.truth["employee_name"]
