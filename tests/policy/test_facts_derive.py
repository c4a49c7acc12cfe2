"""All facts together: complete, well formed, deterministic, and blind to who the applicant is."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given

from lendgate.policy.arithmetic import places_of
from lendgate.policy.evaluate import assess
from lendgate.policy.facts import derive
from lendgate.policy.registry import FACTS
from lendgate.schema import Application
from tests.policy.builders import DAY, HOME_LOAN, PACKS, applications

PYTHON_TYPES: dict[str, type] = {
    "usd": Decimal,
    "usd_per_month": Decimal,
    "ratio": Decimal,
    "years": Decimal,
    "months": int,
    "count": int,
    "score": int,
    "flag": bool,
    "word": str,
}
FORBIDDEN = re.compile(
    r"name|birth|(^|_)age(_|$)|race|sex|gender|marital|ethnic|relig|citizen|national|dependent|token|address|postal"
    r"|employer|creditor|income_type|assistance|language"
)


@given(applications)
def test_every_registered_fact_is_derived_and_no_other(app: Application) -> None:
    """The registry and the derivation name the same facts in the same order."""
    assert tuple(derive(app, DAY)) == tuple(FACTS)


@given(applications)
def test_facts_are_well_formed(app: Application) -> None:
    """Unit and type of the registry, the unit's decimals, a sentence, and pointers."""
    for name, fact in derive(app, DAY).items():
        assert fact.unit == FACTS[name].unit
        assert fact.how.endswith(".")
        assert all(place.startswith("/") for place in fact.inputs)
        if fact.value is not None:
            assert type(fact.value) is PYTHON_TYPES[fact.unit]
        if isinstance(fact.value, Decimal):
            assert fact.value.as_tuple().exponent == (places_of(fact.unit) or Decimal(1)).as_tuple().exponent
        if fact.unit == "word" and fact.value is not None:
            assert fact.value in FACTS[name].words


@given(applications)
def test_facts_are_deterministic(app: Application) -> None:
    """The same application on the same day gives the same facts."""
    assert dict(derive(app, DAY)) == dict(derive(app.model_copy(deep=True), DAY))


def test_facts_cannot_be_changed() -> None:
    """What was derived stays as derived."""
    facts = derive(Application.model_validate(HOME_LOAN), DAY)
    with pytest.raises(TypeError):
        facts["credit_score"] = facts["units"]  # type: ignore[index]


@pytest.mark.parametrize("name", FACTS)
def test_no_fact_is_named_after_a_person_or_a_prohibited_basis(name: str) -> None:
    """12 CFR 1002.2(z) and 1002.5: the registry has no place for such a thing."""
    assert not FORBIDDEN.search(name)


def test_who_the_applicant_is_changes_nothing() -> None:
    """R14: name, birth date, token, citizenship, dependents, places and banks leave all findings alone."""
    person = {
        "name": {"first": "Marker-First", "last": "Marker-Last"},
        "birth_date": "1950-01-01",
        "taxpayer_identifier_token": "tok_marker",
        "citizenship_residency": "NonPermanentResidentAlien",
        "dependents_count": 9,
    }
    plain = Application.model_validate(HOME_LOAN)
    body = plain.model_dump(mode="json", exclude_none=True)
    body["applicants"][0].update(person)
    body["applicants"][0]["employments"][0]["employer"] = "Marker Church"
    body["liabilities"][0]["creditor"] = "Marker Charity"
    body["assets"][0] |= {"institution": "Marker Bank", "account_last4": "9999"}
    address = {"line": "Marker Street", "city": "Marker", "state": "TX", "postal_code": "00000"}
    body["property"] |= {"address": address, "county_fips": "00000"}
    body["credit"] |= {"bureau": "Marker Bureau"}
    marked = Application.model_validate(body)
    pack = PACKS["mortgage"]
    assert dict(derive(marked, DAY)) == dict(derive(plain, DAY))
    assert assess(pack, marked, DAY) == assess(pack, plain, DAY)
    assert "arker" not in repr(derive(marked, DAY))


@pytest.mark.parametrize("kind", ["SocialSecurity", "Alimony", "ChildSupport", "Pension"])
def test_kind_of_income_never_makes_a_finding_worse(kind: str) -> None:
    """Benefits in place of wages leave every finding equal, and drop those about employment."""
    wages = Application.model_validate(HOME_LOAN)
    body = wages.model_dump(mode="json", exclude_none=True)
    body["applicants"][0]["incomes"][0]["type"] = kind
    pack = PACKS["mortgage"]
    others = assess(pack, Application.model_validate(body), DAY).findings
    expected = [one for one in assess(pack, wages, DAY).findings if one.rule != "length_of_employment"]
    assert list(others) == expected
