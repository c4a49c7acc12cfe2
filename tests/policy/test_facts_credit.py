"""Facts of credit history: the report and the declarations."""

from __future__ import annotations

import pytest

from lendgate.policy.facts import derive
from lendgate.policy.model import Value
from lendgate.schema import Application
from tests.policy.builders import DAY, application


def value(app: Application, name: str) -> Value | None:
    """The value of one fact of an application received on the test day."""
    return derive(app, DAY)[name].value


def people(*declarations: dict[str, object] | None) -> Application:
    """An application of applicants who declare these things."""
    return application(applicants=[{"declarations": one} if one is not None else {} for one in declarations])


def bankrupt(discharged_on: str | None) -> dict[str, object]:
    """A declarations section with one bankruptcy."""
    return {"bankruptcy": {"chapter": "ChapterSeven", "discharged_on": discharged_on}}


def test_the_report_is_taken_as_it_is() -> None:
    """Every number of the report becomes the fact of that name."""
    report = {
        "score": 701,
        "oldest_trade_months": 88,
        "tradelines": 9,
        "inquiries_six_months": 2,
        "delinquencies_current": 1,
        "delinquencies_30_days": 3,
        "delinquencies_60_days": 4,
        "delinquencies_90_days": 5,
        "collections": 6,
        "public_records": 7,
    }
    facts = derive(application(credit=report), DAY)
    names = (
        "credit_score",
        "oldest_trade_months",
        "tradelines",
        "recent_inquiries",
        "current_delinquencies",
        "delinquencies_thirty_days",
        "delinquencies_sixty_days",
        "delinquencies_ninety_days",
        "collections",
        "public_records",
    )
    assert [facts[name].value for name in names] == list(report.values())


def test_without_a_report_nothing_is_known() -> None:
    """No report is not a clean report."""
    assert value(application(), "credit_score") is None
    assert value(application(), "current_delinquencies") is None


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([{"foreclosure": True}, {"foreclosure": False}], True),
        ([{"foreclosure": True}, None], True),
        ([{"foreclosure": False}, {"foreclosure": False}], False),
        ([{"foreclosure": False}, {}], None),
        ([{"foreclosure": False}, None], None),
        ([], None),
    ],
)
def test_a_flag_is_true_of_anyone_and_false_of_everyone(
    answers: list[dict[str, object] | None],
    expected: bool | None,  # noqa: FBT001
) -> None:
    """One yes is a yes; a no needs everybody's answer."""
    app = people(*answers) if answers else application()
    assert value(app, "foreclosure") is expected


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"short_sale": True, "deed_in_lieu": False}, True),
        ({"short_sale": False, "deed_in_lieu": True}, True),
        ({"short_sale": False, "deed_in_lieu": False}, False),
        ({"short_sale": False}, None),
    ],
)
def test_short_sale_and_deed_in_lieu_are_one_flag(
    declared: dict[str, object],
    expected: bool | None,  # noqa: FBT001
) -> None:
    """Either makes it true; both must be denied."""
    assert value(people(declared), "short_sale_or_deed_in_lieu") is expected


@pytest.mark.parametrize(
    ("declarations", "declared", "is_open", "months"),
    [
        ([{}], False, False, None),
        ([None], None, None, None),
        ([bankrupt(None)], True, True, None),
        ([bankrupt("2026-11-23")], True, True, None),
        ([bankrupt("2022-11-22")], True, False, 48),
        ([bankrupt("2022-11-23")], True, False, 47),
        ([bankrupt("2015-01-01"), bankrupt("2024-11-22")], True, False, 24),
        ([bankrupt("2015-01-01"), bankrupt(None)], True, True, None),
        ([bankrupt("2015-01-01"), None], True, None, None),
    ],
)
def test_bankruptcy(
    declarations: list[dict[str, object] | None],
    declared: bool | None,  # noqa: FBT001
    is_open: bool | None,  # noqa: FBT001
    months: int | None,
) -> None:
    """Declared, still open, and how long ago the latest one ended, over all applicants."""
    facts = derive(people(*declarations), DAY)
    found = [
        facts[name].value for name in ("bankruptcy_declared", "bankruptcy_open", "months_since_bankruptcy")
    ]
    assert found == [declared, is_open, months]
