"""A failed sum is read again before it means anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lendgate.documents.document import Document
from lendgate.documents.examine import examine
from lendgate.documents.model import Box, Page, Span
from lendgate.documents.second_look import look_again
from tests.documents.printed_forms import w2
from tests.documents.reading import CASE, document, result_of


def scanned(found: Document) -> Document:
    """The document as if it had been read from a picture."""
    layouts = tuple(replace(one, page=replace(one.page, source="ocr")) for one in found.layouts)
    return replace(found, part=replace(found.part, layouts=layouts))


def misread(found: Document, name: str, factor: int) -> Document:
    """The document with one of its amounts misread."""
    field = found.extract.fields[name]
    wrong = replace(field, value=(found.extract.amount(name) or 0) * factor)
    return replace(found, extract=replace(found.extract, fields={**found.extract.fields, name: wrong}))


def seeing(found: Document) -> list[Sequence[Box]]:
    """What was asked to be read again."""
    asked: list[Sequence[Box]] = []
    truth = {field.box: field.quote for field in found.extract.fields.values()}

    def look(page: Page, boxes: Sequence[Box]) -> Sequence[Span]:
        assert page.source == "ocr"
        asked.append(boxes)
        return [Span(truth[box], box, 0.99) for box in boxes]

    seeing.look = look  # type: ignore[attr-defined]  # the reader that goes with the record
    return asked


def test_a_misread_amount_is_corrected() -> None:
    """The second reading makes the sum right: it passes, and the amount is less sure."""
    good = scanned(document(w2(121)))
    bad = misread(good, "social_security_tax", 10)
    checks = examine(bad, CASE)
    assert result_of(checks, "w2_social_security") == "fail"
    asked = seeing(good)
    after, again = look_again(bad, checks, CASE, seeing.look)  # type: ignore[attr-defined]  # see above
    assert asked
    assert result_of(again, "w2_social_security") == "pass"
    assert after.extract.amount("social_security_tax") == good.extract.amount("social_security_tax")
    assert (
        after.extract.fields["social_security_tax"].confidence
        < good.extract.fields["social_security_tax"].confidence
    )


def test_a_sum_that_is_wrong_on_paper_stays_wrong() -> None:
    """Both readings agree: it fails, and says that it was read twice."""
    planted = scanned(document(w2(122, "social_security")))
    checks = examine(planted, CASE)
    seeing(planted)
    after, again = look_again(planted, checks, CASE, seeing.look)  # type: ignore[attr-defined]  # see above
    assert after == planted
    failed = next(check for check in again if check.id == "w2_social_security")
    assert failed.result == "fail"
    assert failed.detail.endswith("Read twice.")


def test_readings_that_differ_without_being_right_cannot_tell() -> None:
    """Nobody knows which is true: a person looks."""
    planted = scanned(document(w2(123, "social_security")))
    checks = examine(planted, CASE)

    def look(page: Page, boxes: Sequence[Box]) -> Sequence[Span]:
        assert page.number == 1
        return [Span("7.77", box, 0.9) for box in boxes]

    _, again = look_again(planted, checks, CASE, look)
    assert result_of(again, "w2_social_security") == "cannot_tell"


def test_text_layers_are_not_read_again() -> None:
    """Their digits are what was printed."""
    planted = document(w2(124, "social_security"))
    checks = examine(planted, CASE)

    def look(page: Page, boxes: Sequence[Box]) -> Sequence[Span]:
        raise AssertionError((page, boxes))

    assert look_again(planted, checks, CASE, look) == (planted, checks)
