"""The shared real files, scans and photographs among them: page types, sums, and a packet's planted faults.

They are read by OCR once and kept (``kept``), so that only the first run after a change takes minutes.
"""

from __future__ import annotations

import csv
from datetime import date
from functools import cache

import pytest

from lendgate.documents.case import Case
from lendgate.documents.model import Page, Reading
from lendgate.documents.triage import Examined, Triage, triage
from tests.documents.kept import kept
from tests.documents.shared import labels, path_of

pytestmark = pytest.mark.timeout(900)  # seven pages by OCR on a busy machine
PACKET = "aws-idp/lending_package.pdf"
RECEIVED = Case(date(2022, 9, 15))
FEWEST_RIGHT = 26


@cache
def triaged(name: str) -> Triage:
    """The triage of a shared file by itself."""
    return triage(kept(name), RECEIVED)


def reconciled(name: str) -> list[str]:
    """The results of a statement's sums."""
    checks = (check for one in triaged(name).documents for check in one.checks)
    return [check.result for check in checks if check.id == "statement_reconciles"]


def packet_document(number: int) -> Examined:
    """A document of the packet with planted faults."""
    return triaged(PACKET).documents[number - 1]


def test_page_types_without_a_key() -> None:
    """At least 26 of the 28 labelled pages are taken for what they are."""
    wanted = labels()
    found = {
        (name, kind.page): kind.type
        for name in sorted({name for name, _ in wanted})
        for one in triaged(name).documents
        for kind in one.document.part.pages
    }
    wrong = {place: found[place] for place, label in wanted.items() if found[place] != label}
    assert len(wanted) == 28
    assert len(wanted) - len(wrong) >= FEWEST_RIGHT, wrong


def test_no_statement_reconciles_that_does_not() -> None:
    """Every statement's sum comes out as it is in truth, or is left open; none passes wrongly."""
    with path_of("bank_statement_truth.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        results = reconciled(row["file"])
        allowed = {"pass", "cannot_tell"} if row["reconciles"] == "true" else {"fail", "cannot_tell"}
        assert results, row["file"]
        assert set(results) <= allowed, (row["file"], results)


def test_a_packet_falls_into_its_seven_documents() -> None:
    """Each page of the lending packet is a document of its own, and known for what it is."""
    found = [(one.document.type, one.document.kind) for one in triaged(PACKET).documents]
    assert [type_ for type_, _ in found] == [
        *("pay_stub", "other", "identity_document", "1099_div"),
        *("investment_statement", "w2", "other"),
    ]
    assert found[1][1] == "payroll_check"


@pytest.mark.parametrize(
    ("number", "check", "quote"),
    [
        (1, "name_matches", "JOHN STILES"),
        (3, "name_matches", "MARIA GARCIA"),
        (4, "name_matches", "Alejandro Rosalez"),
        (5, "name_matches", "Jane Doe"),
        (6, "name_matches", "Arnav Desai"),
        (1, "stub_recent", "7/25/2008"),
        (4, "tin_shape", "1111-2222-3333"),
        (6, "ssn_shape", "75395184613"),
        (6, "ein_shape", "4963147952"),
        (6, "w2_social_security", "$1000.00"),
        (6, "w2_medicare", "$5000.00"),
        (6, "w2_withheld_medicare", "$5000.00"),
        (6, "form_issuer", "XYZ"),
        (6, "w2_state", "Any Town"),
    ],
)
def test_each_planted_fault_is_found_where_it_stands(number: int, check: str, quote: str) -> None:
    """The check fails, and a box of it holds the words that are at fault."""
    one = packet_document(number)
    failed = [each for each in one.checks if each.id == check and each.result == "fail"]
    assert failed
    places = [place for each in failed for place in each.evidence]
    assert any(quote in place.quote for place in places), places
    page = next(page for page in one.document.pages if page.number == places[0].page)
    assert all(_holds(page, place.quote) for place in places if quote in place.quote)


def _holds(page: Page, quote: str) -> bool:
    """Whether the page says so: evidence is never made up."""
    text = page.text.split()
    return all(any(word in each for each in text) for word in quote.split())


def test_an_investment_statement_is_no_bank_statement() -> None:
    """It calls itself an account statement; declared as a bank statement it goes to a person."""
    reading = kept(PACKET)
    alone = Reading(reading.sha256, reading.media_type, (reading.pages[4],))
    routed = triage(alone, RECEIVED, declared="bank_statement").routed
    assert routed.destination == "human_review"
    assert "other_type" in {reason.code for reason in routed.reasons}


def test_a_stub_s_own_sums_hold() -> None:
    """What was not planted is not found: gross, deductions and net of the stub agree."""
    results = {check.id: check.result for check in packet_document(1).checks}
    assert results["stub_net"] == "pass"
    assert results["stub_social_security"] == "pass"


def test_nothing_in_the_packet_is_accepted_unseen() -> None:
    """Each of its documents goes to a person, and what the sender is told names no signal."""
    result = triaged(PACKET)
    assert {one.routed.destination for one in result.documents} == {"human_review"}
    assert "sample" in {signal.kind for signal in result.signals}
    assert not any("sample" in sentence.casefold() for sentence in result.routed.told)
