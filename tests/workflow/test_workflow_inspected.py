"""How a document stands after any verdicts and doubts: what holds whatever comes in whatever order. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.documents.report import ReasonShown, report
from lendgate.errors import InvalidRequestError
from lendgate.review.document_verdict import require_sound
from lendgate.review.refusals import VerdictRefusedError
from lendgate.schema.documents import DocumentRoute
from lendgate.schema.inspection import DocumentVerdict, Standing
from lendgate.workflow.inspected import GivenVerdict, InspectedFile
from lendgate.workflow.triage import Findings
from tests.documents.printed import pay_stub
from tests.documents.reading import triaged
from tests.workflow.inspecting import accept, back, field

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOCUMENT = UUID(int=1)
PACKET = ("1", "2")
ROUTES: tuple[DocumentRoute, ...] = ("accept", "human_review", "return_to_sender")


@cache
def shown() -> Findings:
    """The findings of a file with two stubs."""
    (file,) = report(["1"], [triaged(pay_stub(3), pay_stub(3, 1))], unmasked=True).files
    return Findings(packet=("1",), file=file, together=())


def file_of(*routes: DocumentRoute) -> InspectedFile:
    """A file whose documents were routed so."""
    file = shown().file
    documents = tuple(
        one.model_copy(update={"route": route, "reasons": ()})
        for one, route in zip(file.documents, routes, strict=True)
    )
    whole = "accept" if set(routes) == {"accept"} else "human_review"
    found = file.model_copy(update={"documents": documents, "route": whole})
    return InspectedFile(DOCUMENT, shown().model_copy(update={"file": found}))


@dataclass(frozen=True)
class Doubted:
    """A triage of other files says this of the document on that page."""

    page: int
    words: str


Step = DocumentVerdict | Doubted
STEPS = st.lists(
    st.one_of(
        st.builds(Doubted, st.sampled_from([1, 2]), st.sampled_from(["a", "b", "c"])),
        st.builds(accept, st.sampled_from([1, 2, None])),
        st.builds(lambda number: back(number, "too_old"), st.sampled_from([1, 2, None])),
    ),
    max_size=8,
)


def after(file: InspectedFile, step: Step) -> InspectedFile:
    """The file after a step; a verdict that may not be given, or a doubt that stood, changes nothing."""
    if isinstance(step, Doubted):
        reason = ReasonShown(code="check_failed", detail=step.words, told="", places=())
        more = file.unheard(PACKET, [(step.page, reason)])
        return file.with_later(more) if more else file
    if not file.is_open:
        return file
    try:
        sound = require_sound(step, file.asked)
    except VerdictRefusedError:
        return file
    return file.with_verdict(GivenVerdict(verdict=sound, actor="ada", at=AT, seen=len(file.later)))


@given(st.tuples(st.sampled_from(ROUTES), st.sampled_from(ROUTES)), STEPS)
def test_what_went_back_stays_back(routes: tuple[DocumentRoute, DocumentRoute], steps: list[Step]) -> None:
    """Whatever is said or found later."""
    file, gone = file_of(*routes), set[int]()
    for step in steps:
        file = after(file, step)
        assert gone <= {number for number in file.numbers if file.standing(number) == "returned"}
        gone |= {number for number in file.numbers if file.standing(number) == "returned"}


@given(st.tuples(st.sampled_from(ROUTES), st.sampled_from(ROUTES)), STEPS)
def test_nothing_counts_that_nobody_accepted_knowing_all_that_is_said(
    routes: tuple[DocumentRoute, DocumentRoute], steps: list[Step]
) -> None:
    """A document is accepted by triage and undoubted, or by a person after the last doubt."""
    file = file_of(*routes)
    for step in steps:
        file = after(file, step)
    for number, route in zip(file.numbers, routes, strict=True):
        if file.standing(number) != "accepted":
            continue
        doubts = [
            at for at, each in enumerate(file.later, 1) if any(r.document == number for r in each.reasons)
        ]
        said = [one.seen for one in file.verdicts if one.verdict.document == number]
        assert (route == "accept" and not doubts) or (said and max(said) >= max(doubts, default=0))


@given(st.tuples(st.sampled_from(ROUTES), st.sampled_from(ROUTES)), STEPS)
def test_what_was_said_once_is_no_new_reason(
    routes: tuple[DocumentRoute, DocumentRoute], steps: list[Step]
) -> None:
    """The same doubts again, all of them, change nothing."""
    file = file_of(*routes)
    for step in steps:
        file = after(file, step)
    for step in steps:
        if isinstance(step, Doubted):
            assert after(file, step) == file


@given(st.tuples(st.sampled_from(ROUTES), st.sampled_from(ROUTES)), STEPS)
def test_a_file_waits_as_long_as_anything_in_it_does(
    routes: tuple[DocumentRoute, DocumentRoute], steps: list[Step]
) -> None:
    """And there is always a verdict that settles it."""
    file = file_of(*routes)
    for step in steps:
        file = after(file, step)
        assert file.is_open or not file.waiting
    assert not after(file, back(None, "too_old")).is_open


@pytest.mark.parametrize(
    ("routes", "standings"),
    [
        (("accept", "human_review"), ["accepted", "waits"]),
        (("return_to_sender", "human_review"), ["returned", "waits"]),
    ],
)
def test_before_anybody_says_anything_triage_stands(
    routes: tuple[DocumentRoute, DocumentRoute], standings: list[Standing]
) -> None:
    """Document by document."""
    file = file_of(*routes)
    assert [file.standing(number) for number in file.numbers] == standings


def test_a_second_verdict_goes_on_from_the_first() -> None:
    """Type and values that a person gave hold when they are asked again, and can be added to."""
    file = file_of("human_review", "accept")
    file = after(file, accept(1, type="w2", fields=[field("wages", "60,000.00")]))
    file = after(file, Doubted(1, "a"))
    assert file.waiting == (1,)
    with pytest.raises(InvalidRequestError):
        require_sound(accept(1, fields=[field("gross_current", "1.00")]), file.asked)
    file = after(file, accept(1, fields=[field("tax_year", "2025")]))
    document = file.document(1, 1)
    values = {name: one.value for name, one in document.extract.fields.items() if one.reader == "person"}
    assert (document.type, values) == ("w2", {"wages": Decimal("60000.00"), "tax_year": 2025})


def test_a_reason_on_a_page_of_no_document_is_nobodys() -> None:
    """A file that another version would split otherwise."""
    file = file_of("accept", "accept")
    assert after(file, Doubted(9, "a")) == file


def test_a_file_that_nobody_could_read_waits_as_a_whole() -> None:
    """Until a person says what it is, or sends it back."""
    found = shown().file.model_copy(update={"documents": (), "route": "human_review"})
    file = InspectedFile(DOCUMENT, shown().model_copy(update={"file": found}))
    assert file.is_open
    said = after(file, accept(None, type="pay_stub", fields=[field("net_current", "1.00")]))
    alone = said.by_hand(5)
    assert alone is not None
    assert (said.is_open, alone.number, alone.extract.amount("net_current")) == (False, 5, Decimal("1.00"))
    returned = after(file, back(None, "unreadable"))
    assert (returned.is_open, returned.by_hand(5)) == (False, None)
