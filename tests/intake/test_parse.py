"""Bytes to application: sentences, pointers, exact money, and the wall around monitoring data."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lendgate.errors import FieldError, InvalidBodyError
from lendgate.intake.parse import Intake, parse_application, validate
from lendgate.schema.application import Application
from lendgate.schema.monitoring import Monitoring

MINIMAL: dict[str, Any] = {"applicant_id": "A123", "income": 95000, "debt_to_income": 0.31}
MAX_CENTS = 99_999_999_999
# The machine is shared: a slow example says nothing about the parser.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FIELDS = [*Application.model_fields, "monitoring", "zzz", "a/b", "type", "role", "value"]
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(-100, 100) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=10,
)


def read(**members: Any) -> Intake:
    """The smallest application with more members or other ones."""
    return parse_application(json.dumps(MINIMAL | members).encode())


def errors(**members: Any) -> tuple[FieldError, ...]:
    """The errors of the smallest application with more members or other ones."""
    with pytest.raises(InvalidBodyError) as caught:
        read(**members)
    return caught.value.errors


def test_three_fields_are_an_application() -> None:
    """The smallest application is a personal loan with exact numbers and nothing invented."""
    intake = parse_application(b'{"applicant_id":"A123","income":95000,"debt_to_income":0.31}')
    application = intake.application
    assert (application.product, application.income) == ("personal_loan", Decimal("95000.00"))
    assert application.debt_to_income == Decimal("0.31")
    assert application.model_dump(exclude_none=True).keys() == {*MINIMAL, "product"}
    assert intake.monitoring is None


def test_bytes_and_plain_python_are_read_alike() -> None:
    """The SDK's dict and the body made of it give the same application."""
    members = MINIMAL | {"income": 0.29, "term_months": 360.0, "credit": {"utilization": 0.1}}
    assert validate(members) == parse_application(json.dumps(members).encode())


@pytest.mark.parametrize(
    ("members", "pointer", "detail"),
    [
        ({"income": None}, "/income", "is required"),
        ({"zzz": 1}, "/zzz", "is not a known field"),
        ({"zzz": None}, "/zzz", "is not a known field"),
        ({"a/b~c": 1}, "/a~1b~0c", "is not a known field"),
        ({"credit": []}, "/credit", "must be an object"),
        ({"applicants": {}}, "/applicants", "must be a list"),
        ({"applicants": []}, "/applicants", "must have at least 1 items"),
        ({"applicants": [{}] * 5}, "/applicants", "must have at most 4 items"),
        ({"product": "loan"}, "/product", "must be one of: personal_loan, mortgage"),
        (
            {"loan_purpose": 1},
            "/loan_purpose",
            "must be one of: Purchase, Refinance, MortgageModification, Other",
        ),
        ({"income": "NaN"}, "/income", "must be dollars such as 95000 or 95000.50"),
        ({"income": True}, "/income", "must be a number or a decimal string"),
        ({"income": -1}, "/income", "must be at least 0"),
        ({"income": 1e9}, "/income", "must be at most 999999999.99"),
        ({"income": 1.005}, "/income", "must have at most two decimals"),
        ({"debt_to_income": "0.31"}, "/debt_to_income", "must be a number"),
        (
            {"debt_to_income": 31},
            "/debt_to_income",
            "must be at most 1; looks like a percentage, send 0.31 for 31%",
        ),
        ({"employment_years": 81}, "/employment_years", "must be at most 80"),
        ({"term_months": 360.5}, "/term_months", "must be a whole number"),
        ({"applicant_id": 5}, "/applicant_id", "must be text"),
        ({"applicant_id": "-A"}, "/applicant_id", "must look like A123"),
        ({"applicant_id": "A" * 65}, "/applicant_id", "must have at most 64 characters"),
        ({"credit": {"bureau": ""}}, "/credit/bureau", "must have at least 1 characters"),
        ({"credit": {"score_date": "x"}}, "/credit/score_date", "must look like 2026-11-22"),
        (
            {"credit": {"score_date": "2026-02-30"}},
            "/credit/score_date",
            "must be a day of the calendar such as 2026-11-22",
        ),
        (
            {"liabilities": [{"type": "Taxes", "monthly_payment": 1, "to_be_paid_off": 1}]},
            "/liabilities/0/to_be_paid_off",
            "must be true or false",
        ),
    ],
)
def test_a_fault_has_its_place_and_its_sentence(members: dict[str, Any], pointer: str, detail: str) -> None:
    """One fault, one error, in the words that the Worker uses too."""
    assert errors(**members) == (FieldError(pointer, detail),)


def test_a_missing_field_is_required() -> None:
    """Each missing field is named; a body of no members names them all."""
    with pytest.raises(InvalidBodyError) as caught:
        parse_application(b"{}")
    assert caught.value.errors == tuple(FieldError(f"/{field}", "is required") for field in MINIMAL)


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"1", b"null", b"true"])
def test_a_body_that_is_no_object(body: bytes) -> None:
    """Anything but an object is refused as a whole."""
    with pytest.raises(InvalidBodyError) as caught:
        parse_application(body)
    assert caught.value.errors == (FieldError("", "must be a JSON object"),)


def test_null_means_the_default() -> None:
    """``null`` in a field with a default reads as if it were left out, also inside objects."""
    intake = read(product=None, property={"units": None}, credit=None)
    assert intake.application == read(property={}).application
    assert intake.application.property is not None
    assert intake.application.property.units == 1


def test_a_whole_number_is_the_double_that_was_sent() -> None:
    """Digits beyond a double do not turn 4 into 3."""
    body = b'{"applicant_id":"A","income":1,"debt_to_income":0,"property":{"units":3.99999999999999999999}}'
    found = parse_application(body).application.property
    assert found is not None
    assert found.units == 4


@unhurried
@given(st.integers(0, MAX_CENTS))
def test_every_amount_reads_the_same_as_number_and_as_text(cents: int) -> None:
    """No cent is lost or gained, whichever way an amount is sent."""
    amount = Decimal(cents).scaleb(-2)
    as_number, as_text = read(income=cents / 100).application, read(income=f"{amount:.2f}").application
    assert as_number.income == as_text.income == amount


@unhurried
@given(st.integers(0, MAX_CENTS), st.integers(1, 9))
def test_a_third_decimal_is_always_refused(cents: int, tenths: int) -> None:
    """A tenth of a cent is never rounded away, however large the amount."""
    amount = float(Decimal(cents * 10 + tenths).scaleb(-3))
    assert {error.pointer for error in errors(income=amount)} == {"/income"}


@unhurried
@given(st.floats(0, 1))
def test_every_double_from_zero_to_one_is_a_ratio(ratio: float) -> None:
    """A ratio is read as exactly the double that was sent."""
    assert float(read(debt_to_income=ratio).application.debt_to_income) == ratio


@unhurried
@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6))
def test_any_object_is_read_or_refused_at_places_it_has(members: dict[str, Any]) -> None:
    """Whatever the members hold: an application, or errors whose parent is a place of the body."""
    try:
        parse_application(json.dumps(members).encode())
    except InvalidBodyError as refused:
        for error in refused.errors:
            assert _parent_exists(members, error.pointer)


@unhurried
@given(st.binary(max_size=40))
def test_bytes_never_raise_anything_else(body: bytes) -> None:
    """No bytes are an application by accident, and none bring the parser down."""
    with pytest.raises(InvalidBodyError):
        parse_application(body)


def test_monitoring_data_leaves_at_the_door() -> None:
    """Demographic data comes out as a value of its own and is nowhere in the application."""
    intake = read(monitoring={"applicants": [{"race": ["Race-7f3a"], "age": 42, "collected": "self"}]})
    assert intake.monitoring == Monitoring.model_validate(
        {"applicants": [{"race": ["Race-7f3a"], "age": 42, "collected": "self"}]}
    )
    assert type(intake.application) is Application
    assert "Race-7f3a" not in f"{intake.application!r}{intake.application.model_dump_json()}"
    assert intake.application == read().application


@pytest.mark.parametrize("field", ["race", "sex", "ethnicity", "age", "marital_status", "religion"])
def test_no_demographic_field_outside_monitoring(field: str) -> None:
    """Demographic data has one place; elsewhere it is an unknown field, at the top and of an applicant."""
    assert errors(**{field: "x"}) == (FieldError(f"/{field}", "is not a known field"),)
    nested = errors(applicants=[{field: "x"}])
    assert nested == (FieldError(f"/applicants/0/{field}", "is not a known field"),)


def test_a_refusal_does_not_repeat_values() -> None:
    """A sentence never holds what was sent: a body may carry personal data by mistake."""
    sent = "000-00-0000"
    found = errors(applicants=[{"taxpayer_identifier_token": sent, "role": sent, "birth_date": sent}])
    assert len(found) == 3
    assert all(sent not in error.detail for error in found)


def _parent_exists(value: Any, pointer: str) -> bool:
    """Whether the place that would hold ``pointer`` is in the value."""
    for token in pointer.split("/")[1:-1]:
        key = token.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, IndexError, TypeError):
            return False
    return isinstance(value, dict | list)
