"""Checks of pay stubs: every one passes on a good stub and fails on one with that error planted."""

from __future__ import annotations

import pytest

from lendgate.documents.examine import examine
from tests.documents.printed import pay_stub
from tests.documents.reading import CASE, document, result_of


@pytest.mark.parametrize("layout", [0, 1, 2])
@pytest.mark.parametrize("seed", [11, 12])
def test_good_stubs_pass_everything(seed: int, layout: int) -> None:
    """Gross less deductions is net, and every other check passes, in all layouts."""
    checks = examine(document(pay_stub(seed, layout)), CASE)
    assert [check for check in checks if check.result != "pass"] == []
    assert result_of(checks, "stub_net") == "pass"
    assert result_of(checks, "stub_recent") == "pass"


@pytest.mark.parametrize("layout", [0, 1, 2])
@pytest.mark.parametrize(
    ("plant", "check"), [("net", "stub_net"), ("stale", "stub_recent"), ("year", "stub_year_covers_period")]
)
def test_planted_errors_fail(plant: str, check: str, layout: int) -> None:
    """The check whose error is planted fails, with the places to look at."""
    checks = examine(document(pay_stub(21, layout, plant)), CASE)
    assert result_of(checks, check) == "fail"
    failed = next(one for one in checks if one.id == check)
    assert failed.evidence
    assert all(0 <= place.box.left < place.box.right <= 1 for place in failed.evidence)


def test_only_the_planted_error_fails() -> None:
    """A wrong net pay does not make the rest of the stub wrong."""
    checks = examine(document(pay_stub(22, 0, "net")), CASE)
    assert {check.id for check in checks if check.result == "fail"} == {"stub_net"}


def test_court_ordered_deductions_are_shown_to_a_person() -> None:
    """Child support on a stub is a debt that the application must name."""
    checks = examine(document(pay_stub(23, 0, "garnished")), CASE)
    assert result_of(checks, "stub_garnishments") == "fail"


def test_a_stub_without_its_figures_cannot_be_told() -> None:
    """Missing amounts are no failure."""
    made = pay_stub(24)
    made.sheet.texts = [text for text in made.sheet.texts if "Net" not in text[2]]
    assert result_of(examine(document(made), CASE), "stub_net") == "cannot_tell"
