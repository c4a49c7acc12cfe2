"""Notices: word for word as kept, the report's block exactly when one was used, and clean."""

from __future__ import annotations

import random
import re
from datetime import date

import pypdfium2  # type: ignore[import-untyped]  # publishes no type information
import pytest

from lendgate.decision.choosing import supported_reasons
from lendgate.decision.creditor import Party, ReportingAgency
from lendgate.decision.html import html_of
from lendgate.decision.letter import Letter
from lendgate.decision.lint import faults_of_letter
from lendgate.decision.pdf import pdf_of
from lendgate.decision.reasons import MOST_REASONS, principal_reasons
from lendgate.decision.refusals import DecisionRefusedError
from tests.decision.cases import (
    BURDENED,
    LENDER,
    NOTICES,
    REPORT,
    REPORTED,
    assessed,
    decided,
    letter,
    random_application,
)
from tests.decision.snapshot import DIRECTORY
from tests.review.builders import verdict

BLOCK = "You have a right under the Fair Credit Reporting Act"
SCORE = "We also obtained your credit score"


@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_is_word_for_word_as_kept(name: str) -> None:
    """Every form, with and without a consumer report."""
    assert letter(*NOTICES[name]).text + "\n" == (DIRECTORY / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", NOTICES)
def test_html_and_pdf_say_the_same_words(name: str) -> None:
    """Layout adds nothing and loses nothing, and the same letter gives the same bytes."""
    made = letter(*NOTICES[name])
    page = re.sub(r"<style>.*?</style>|<title>.*?</title>|<[^>]+>", " ", html_of(made), flags=re.DOTALL)
    page = page.replace("&#39;", "'")
    file = pypdfium2.PdfDocument(pdf_of(made))
    printed = " ".join(file[number].get_textpage().get_text_range() for number in range(len(file)))
    words = sorted(re.findall(r"\w+", made.text))
    assert sorted(re.findall(r"\w+", page)) == words
    assert sorted(re.findall(r"\w+", printed)) == words
    assert (html_of(made), pdf_of(made)) == (html_of(made), pdf_of(made))


@pytest.mark.parametrize(
    ("sent", "block", "score"),
    [
        (BURDENED, False, False),
        (REPORTED, True, True),
        (BURDENED | {"credit": {"inquiries_six_months": 6}}, True, False),
        (BURDENED | {"credit": {"tradelines": 3}}, False, False),  # no rule looks at it
        (BURDENED | {"credit": {"bureau": "Sample Credit Bureau"}}, False, False),
    ],
)
@pytest.mark.parametrize("action", ["decline", "counteroffer"])
def test_the_report_is_disclosed_exactly_when_it_was_used(
    sent: dict[str, object], action: str, *, block: bool, score: bool
) -> None:
    """R11, 15 U.S.C. 1681m(a): used is what a rule looked at, whether it passed or failed."""
    text = letter(sent, verdict(action, consumer_report=REPORT)).text
    assert (BLOCK in text, SCORE in text) == (block, score)


def test_a_notice_of_incompleteness_discloses_no_report() -> None:
    """No adverse action is taken by it."""
    assert BLOCK not in letter(REPORTED, verdict("incomplete")).text


@pytest.mark.parametrize(
    ("report", "lacks"),
    [
        (None, "key factors"),
        ({"score_date": "2026-11-01"}, "key factors"),
        ({"key_factors": ["One", "Two", "Three", "Four", "Five"]}, "At most 4"),
        ({"agency": "Nobody", "key_factors": ["Amount owed"]}, "name its agency"),
    ],
)
def test_what_the_law_wants_said_has_to_be_known(report: dict[str, object] | None, lacks: str) -> None:
    """The decision waits for it; nothing is left out."""
    with pytest.raises(DecisionRefusedError, match=lacks):
        decided(REPORTED, verdict(consumer_report=report))


def test_inquiries_may_be_the_fifth_factor() -> None:
    """15 U.S.C. 1681m(a)(2)(B) by 1681g(f)(9)."""
    factors = ["One", "Two", "Three", "Four", "Number of recent inquiries"]
    text = letter(REPORTED, verdict(consumer_report={"key_factors": factors})).text
    assert [factor for factor in factors if factor not in text] == []


def test_a_score_without_a_date_waits_for_one() -> None:
    """The date is asked for, and then told."""
    undated = BURDENED | {"credit": {"score": 600}}
    with pytest.raises(DecisionRefusedError, match="score_date"):
        decided(undated, verdict(consumer_report=REPORT))
    told = letter(undated, verdict(consumer_report=REPORT | {"score_date": "2026-10-31"})).text
    assert "Date: October 31, 2026" in told


def test_the_agency_of_the_report_is_the_one_that_is_named() -> None:
    """By the application, or by the underwriter where several are known."""
    agency = LENDER.reporting_agencies[0]
    other = ReportingAgency(**(agency.model_dump() | {"name": "Other Bureau"}))
    lender = LENDER.model_copy(update={"reporting_agencies": (agency, other)})
    named = REPORTED | {"credit": {"score": 600, "score_date": "2026-11-01", "bureau": "other bureau"}}
    assert "Name: Other Bureau" in letter(named, verdict(consumer_report=REPORT), lender).text
    with pytest.raises(DecisionRefusedError, match="Sample Credit Bureau, Other Bureau"):
        decided(REPORTED, verdict(consumer_report=REPORT), lender)


def test_the_agency_of_the_ecoa_notice_is_the_creditors() -> None:
    """12 CFR 1002.9(b)(1), Appendix A."""
    agency = Party(name="Sample Agency", address="1 Agency Square, Washington, DC")
    text = letter(BURDENED, verdict(), LENDER.model_copy(update={"agency": agency})).text
    assert "concerning this creditor is Sample Agency, 1 Agency Square, Washington, DC." in text


@pytest.mark.parametrize("name", NOTICES)
def test_a_brokered_notice_names_the_creditor(name: str) -> None:
    """12 CFR 1002.9(g)."""
    text = letter(*NOTICES[name]).text
    assert "submitted through broker-1" in text
    assert f"on behalf of the creditor that acted on it: {LENDER.name}, {LENDER.address}" in text


def test_the_primary_applicant_is_told() -> None:
    """12 CFR 1002.9(f); without a name, by the broker's identifier."""
    people = [
        {"role": "co_borrower", "name": {"first": "Bo", "last": "Roe"}},
        {"name": {"first": "Ana", "last": "Roe", "suffix": "Jr"}},
    ]
    assert letter(BURDENED | {"applicants": people}, verdict()).recipient == ("Ana Roe Jr",)
    nameless = {name: value for name, value in BURDENED.items() if name != "applicants"}
    assert letter(nameless, verdict()).recipient == ("Applicant A123",)


def test_names_stay_names_in_html_and_pdf() -> None:
    """No mark-up of somebody else's is ever read as ours."""
    hostile = BURDENED | {"applicants": [{"name": {"first": "<b>Ana</b>", "last": "&amp; <script>x"}}]}
    made = letter(hostile, verdict())
    assert "<script>" not in html_of(made)
    assert "&lt;script&gt;" in html_of(made)
    assert pdf_of(made).startswith(b"%PDF")


def test_a_name_that_the_typeface_lacks_is_not_mangled() -> None:
    """The PDF is refused, and the HTML has it."""
    made = letter(BURDENED | {"applicants": [{"name": {"first": "小明", "last": "王"}}]}, verdict())
    with pytest.raises(DecisionRefusedError, match="ask for text/html"):
        pdf_of(made)
    assert "小明" in html_of(made)


def test_each_decline_of_many_is_traceable_and_its_notice_clean() -> None:
    """R04 to R07 over applications of every kind: 1 to 4 reasons, each of a failed rule, none outside."""
    dice, declined = random.Random(8), 0
    for _ in range(400):
        sent = random_application(dice)
        _, assessment = assessed(sent)
        own = principal_reasons(assessment.findings, "ineligible")
        if not own or not any(f.effect == "decline" and f.result == "fail" for f in assessment.findings):
            continue
        declined += 1
        said = verdict(
            codes=[reason.code for reason in own], consumer_report=REPORT | {"score_date": "2026-11-01"}
        )
        made, told = decided(sent, said)
        rules = {one.reason: one.rules for one in supported_reasons(assessment.findings)}
        failed = {f.rule for f in assessment.findings if f.result == "fail"}
        knockouts = {f.reason for f in assessment.findings if f.knockout and f.result == "fail"}
        assert 1 <= len(made.reasons) <= max(MOST_REASONS, len(knockouts))
        assert all(set(rules[reason]) & failed for reason in made.reasons)
        assert isinstance(told, Letter)
        assert faults_of_letter(told, made.reasons) == ()
    assert declined > 100


def test_a_letter_has_american_dates() -> None:
    """Month, day, year."""
    assert "\nNovember 25, 2026\n" in letter(BURDENED, verdict()).text
    assert letter(BURDENED, verdict()).dated == date(2026, 11, 25)
