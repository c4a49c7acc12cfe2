"""Checks of IRS forms and of the numbers of people and employers."""

from __future__ import annotations

from datetime import date

import pytest

from lendgate.documents.case import Case
from lendgate.documents.checks.identifiers import ein_fault, ssn_fault
from lendgate.documents.examine import examine
from tests.documents.printed_forms import form_1040, form_1099_nec, w2
from tests.documents.reading import CASE, document, result_of


@pytest.mark.parametrize("seed", [51, 52, 53])
def test_good_forms_pass_everything(seed: int) -> None:
    """W-2 and 1099-NEC pass; a 1040 asks only for its signature."""
    assert [c for c in examine(document(w2(seed)), CASE) if c.result != "pass"] == []
    assert [c for c in examine(document(form_1099_nec(seed)), CASE) if c.result != "pass"] == []
    open_checks = [c.id for c in examine(document(form_1040(seed)), CASE) if c.result != "pass"]
    assert open_checks == ["signed"]


@pytest.mark.parametrize(
    ("plant", "check"),
    [
        ("social_security", "w2_social_security"),
        ("medicare", "w2_medicare"),
        ("wage_base", "w2_wage_base"),
        ("withheld", "w2_withheld_federal"),
        ("ssn", "ssn_shape"),
        ("ein", "ein_shape"),
        ("issuer", "form_issuer"),
        ("state", "w2_state"),
        ("old", "form_year_recent"),
    ],
)
def test_planted_errors_of_a_w2_fail(plant: str, check: str) -> None:
    """Each check fails on its own error and nothing else fails with it."""
    checks = examine(document(w2(61, plant)), CASE)
    assert {one.id for one in checks if one.result == "fail"} == {check}
    assert next(one for one in checks if one.id == check).evidence


@pytest.mark.parametrize(
    ("plant", "check", "told"),
    [
        ("ssn", "ssn_shape", "The employee's Social Security number could not be verified."),
        ("ein", "ein_shape", "The employer identification number (EIN) could not be verified."),
    ],
)
def test_a_number_is_told_by_what_people_call_it(plant: str, check: str, told: str) -> None:
    """Not by the name of a field, and without the number."""
    checks = examine(document(w2(61, plant)), CASE)
    assert [one.public for one in checks if one.id == check] == [told]


def test_lines_of_a_return_that_do_not_follow() -> None:
    """Adjusted gross income is total income less adjustments."""
    assert result_of(examine(document(form_1040(62)), CASE), "return_adjusted_income") == "pass"
    assert result_of(examine(document(form_1040(62, "adjusted")), CASE), "return_adjusted_income") == "fail"


def test_a_wage_base_that_is_not_known_cannot_be_told() -> None:
    """The year 1999 is not in the table: no verdict."""
    made = w2(63)
    made.sheet.texts = [
        (x, y, "1999" if text == "2025" else text, s, c) for x, y, text, s, c in made.sheet.texts
    ]
    assert result_of(examine(document(made), CASE), "w2_wage_base") == "cannot_tell"


@pytest.mark.parametrize(
    ("received", "result"),
    [
        (date(2026, 1, 2), "pass"),
        (date(2026, 12, 31), "pass"),
        (date(2027, 12, 31), "pass"),
        (date(2028, 1, 1), "fail"),
    ],
)
def test_a_w2_is_recent_for_two_years(received: date, result: str) -> None:
    """The year before the application and the one before that."""
    assert result_of(examine(document(w2(64)), Case(received)), "form_year_recent") == result


@pytest.mark.parametrize(
    ("received", "result"),
    [(date(2025, 12, 31), "fail"), (date(2026, 1, 1), "pass")],
)
def test_a_form_of_a_year_that_is_not_over(received: date, result: str) -> None:
    """A form for 2025 cannot have come in 2025; the first day of 2026 is soon enough."""
    assert result_of(examine(document(w2(65)), Case(received)), "form_year_recent") == result


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("123456789", True),
        ("XXXXX6789", True),
        ("000456789", False),
        ("666456789", False),
        ("987654321", False),
        ("123006789", False),
        ("123450000", False),
        ("078051120", False),
        ("75395184613", False),
        ("XXXX6789", True),
        ("12345678", False),
    ],
)
def test_shapes_of_social_security_numbers(number: str, good: bool) -> None:  # noqa: FBT001 - the expected answer
    """Areas, groups and serials that are never issued, withdrawn numbers, wrong lengths, masks."""
    assert (ssn_fault(number) == "") is good


@pytest.mark.parametrize(
    ("number", "good"), [("361234567", True), ("071234567", False), ("4963147952", False)]
)
def test_shapes_of_employer_numbers(number: str, good: bool) -> None:  # noqa: FBT001 - the expected answer
    """Prefixes that were never issued and wrong lengths."""
    assert (ein_fault(number) == "") is good
