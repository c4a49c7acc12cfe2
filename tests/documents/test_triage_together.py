"""Several files of one application: held against each other, and each answered for itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from lendgate.documents.case import Case
from lendgate.documents.model import Box, Mark, Page, Span
from lendgate.documents.present import triage_result
from lendgate.documents.refuse import refusal
from lendgate.documents.triage import Triage, Upload, triage, triage_together
from tests.documents.printed import AS_OF, Printed, pay_stub
from tests.documents.printed_forms import w2
from tests.documents.printed_statements import statement
from tests.documents.reading import CASE, reading_of, result_of
from tests.documents.sheet import Sheet


def upload(*printed: Printed) -> Upload:
    """One file of printed documents."""
    return Upload(reading_of(*(one.sheet for one in printed)))


def together(*files: Upload, case: Case = CASE) -> tuple[Triage, ...]:
    """The files as one packet."""
    return triage_together(files, case)


def test_documents_and_pages_are_numbered_through_the_packet() -> None:
    """Evidence names a page of the packet, so that two files' first pages are not taken for one."""
    first, second = together(upload(w2(3), w2(4)), upload(pay_stub(3)))
    assert [one.document.number for one in (*first.documents, *second.documents)] == [1, 2, 3]
    assert second.pages_before == 2
    pages = {field.page for field in second.documents[0].document.extract.fields.values()}
    assert pages == {3}


def test_a_sender_counts_the_pages_of_the_one_file() -> None:
    """What is published of a file is the same whether or not other files were triaged with it."""
    file = upload(pay_stub(3))
    alone = triage_result(triage(file.file, CASE))
    beside = triage_result(together(upload(w2(3)), file)[1])
    assert beside.documents[0].number == 1
    assert [one.place for one in beside.documents[0].fields] == [
        one.place for one in alone.documents[0].fields
    ]


def test_two_incomes_in_two_files_are_added() -> None:
    """Each of two earners' stubs alone is less than what is stated; together they are what is stated."""
    stubs = [pay_stub(seed) for seed in (3, 4)]
    gross = sum(pay for stub in stubs if isinstance(pay := stub.truth["gross_current"], Decimal))
    case = Case(AS_OF, monthly_income=gross * Decimal(26) / 12)
    alone = [triage(upload(stub).file, case) for stub in stubs]
    assert [result_of(one.together, "income_matches") for one in alone] == ["fail", "fail"]
    both = together(*(upload(stub) for stub in stubs), case=case)
    assert [result_of(one.together, "income_matches") for one in both] == ["pass", "pass"]


def test_net_pay_is_looked_for_in_another_file() -> None:
    """The stub's day of pay lies in the period of a statement that came as a file of its own."""
    stub = pay_stub(3)
    paid = stub.truth["pay_date"]
    assert isinstance(paid, date)
    covering = next(made for seed in range(99) if _covers(made := statement(seed), paid))
    found = together(upload(stub), upload(covering))
    assert result_of(found[0].documents[0].checks, "payroll_deposited") == "cannot_tell"


def _covers(made: Printed, day: date) -> bool:
    end = made.truth["period_end"]
    return isinstance(end, date) and day + timedelta(days=4) <= end


def test_a_file_sent_twice_is_known_the_second_time() -> None:
    """The first copy stands; the second goes to a person, who is told which file it repeats."""
    first, second = together(upload(w2(3)), upload(w2(3)))
    assert first.duplicates == ()
    assert [one.seen for one in second.duplicates] == ["file 1 of the same packet"]
    assert second.routed.destination == "human_review"


def test_a_refused_file_leaves_the_others_alone() -> None:
    """It has an answer of its own, and no page."""
    refused, good = together(Upload(refusal("0" * 64, "encrypted")), upload(w2(3)))
    assert refused.routed.destination == "return_to_sender"
    assert good.routed.destination == "accept"
    assert good.pages_before == 0


def test_each_declared_type_is_of_its_own_file() -> None:
    """A wrong declaration of one file says nothing about the next."""
    printed = pay_stub(3)
    who, where = str(printed.truth["employee_name"]), str(printed.truth["employer"])
    stub, form = upload(printed), upload(w2(3, name=who, employer=where))
    wrong, right = together(Upload(stub.file, "w2"), Upload(form.file, "w2"))
    assert [reason.code for reason in wrong.routed.reasons] == ["other_type"]
    assert right.routed.reasons == ()


def test_marks_and_second_looks_find_their_page() -> None:
    """A mark moves with its page; a page is read again by the number it has in its file."""
    asked: list[int] = []

    def look(page: Page, boxes: Sequence[Box]) -> Sequence[Span]:
        asked.append(page.number)
        return [Span("", box, 0.0) for box in boxes]

    broken = reading_of(statement(3, plant="total").sheet)
    (page,) = broken.pages
    mark = Mark("hidden_text", "nothing to see", 1)
    scanned = Page(1, page.width, page.height, "ocr", page.spans, page.fingerprint, marks=(mark,))
    second = Upload(type(broken)(broken.sha256, broken.media_type, (scanned,)), look=look)
    found = together(upload(w2(3)), second)[1]
    assert asked == [1]
    assert [signal.evidence and signal.evidence.page for signal in found.signals] == [2]


def test_an_empty_packet_has_no_answer() -> None:
    """Nothing in, nothing out; an empty page is a document of its own."""
    assert together() == ()
    assert len(together(Upload(reading_of(Sheet())))[0].documents) == 1
