"""What a verdict on a document must say, and what it may be on."""

from __future__ import annotations

import pytest

from lendgate.errors import InvalidRequestError
from lendgate.review.document_verdict import FileAsked, require_sound
from lendgate.review.refusals import VerdictRefusedError
from lendgate.schema.inspection import DocumentVerdict

TWO = FileAsked([("pay_stub", "pay_stub"), ("w2", "w2")], [2])
NONE_WAITS = FileAsked([("pay_stub", "pay_stub")], [])
UNREAD = FileAsked([], [])


def said(action: str = "accept", **more: object) -> DocumentVerdict:
    """A verdict with a written reason."""
    body = {"action": action, "reason": "Read beside the original.", **more}
    return DocumentVerdict.model_validate({name: value for name, value in body.items() if value is not None})


def fields(**values: str) -> list[dict[str, str]]:
    """Corrected fields as they are sent."""
    return [{"name": name, "value": value} for name, value in values.items()]


def test_values_are_kept_in_one_form() -> None:
    """As the value they are, not as somebody typed it."""
    verdict = said(document=2, fields=fields(wages="$51,200", tax_year="2025", employee_ssn="123-45-6789"))
    kept = require_sound(verdict, TWO).fields
    assert [(one.name, one.value) for one in kept or ()] == [
        ("wages", "51200.00"),
        ("tax_year", "2025"),
        ("employee_ssn", "123456789"),
    ]


def test_fields_are_those_of_the_type_that_the_verdict_gives() -> None:
    """A document that is a stub after all has a stub's fields."""
    given = said(document=2, type="pay_stub", fields=fields(net_current="1,880.00"))
    assert require_sound(given, TWO).fields is not None
    with pytest.raises(InvalidRequestError):
        require_sound(said(document=2, fields=fields(net_current="1,880.00")), TWO)


@pytest.mark.parametrize(
    ("named", "pointer"),
    [
        (fields(nothing="1"), "/fields/0/name"),
        (fields(wages="a lot"), "/fields/0/value"),
        ([*fields(wages="1.00"), *fields(wages="2.00")], "/fields/1/name"),
        ([*fields(wages="1.00"), *fields(tax_year="25")], "/fields/1/value"),
        (fields(employer="Harbor\u202eCBL"), "/fields/0/value"),
    ],
)
def test_what_is_no_field_or_no_value_is_named_by_its_place(
    named: list[dict[str, str]], pointer: str
) -> None:
    """And its value is in no message."""
    with pytest.raises(InvalidRequestError) as refused:
        require_sound(said(document=2, fields=named), TWO)
    assert [one.pointer for one in refused.value.errors] == [pointer]
    assert not any(one["value"] in str(refused.value) for one in named if len(one["value"]) > 4)


@pytest.mark.parametrize(
    ("verdict", "file"),
    [
        (said(document=1), TWO),  # it does not wait
        (said(document=3), TWO),  # it is not there
        (said(), TWO),  # which one
        (said("return", document=1, codes=["too_old"]), TWO),
        (said("return", document=2), TWO),  # without a code
        (said("return", document=2, codes=["too_old"], type="w2"), TWO),
        (said("return", document=2, codes=["too_old"], fields=fields(wages="1.00")), TWO),
        (said(document=2, codes=["too_old"]), TWO),
        (said(type="w2"), NONE_WAITS),
        (said(fields=fields(net_current="1.00")), NONE_WAITS),
        (said(), UNREAD),  # what is it
        (said(document=1), UNREAD),
    ],
)
def test_a_verdict_that_lacks_something_is_refused(verdict: DocumentVerdict, file: FileAsked) -> None:
    """Each with a sentence that says what to mend."""
    with pytest.raises(VerdictRefusedError, match=r"\.$"):
        require_sound(verdict, file)


@pytest.mark.parametrize(
    ("verdict", "file"),
    [
        (said(document=2), TWO),
        (said(document=2, type="w2"), TWO),
        (said("return", codes=["unreadable"]), TWO),  # all of the file
        (said(), NONE_WAITS),
        (said("return", codes=["longer_time"]), NONE_WAITS),
        (said(type="pay_stub", fields=fields(net_current="1.00")), UNREAD),
        (said("return", codes=["unreadable"]), UNREAD),
    ],
)
def test_what_is_whole_passes_as_it_is(verdict: DocumentVerdict, file: FileAsked) -> None:
    """A document that waits, the whole file back, or a file in which none waits."""
    assert require_sound(verdict, file) == verdict
