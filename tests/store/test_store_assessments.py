"""Facts and findings read back exactly as they were."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lendgate.policy.model import Assessment, Fact, Unit
from lendgate.store.assessments import facts_from_json, facts_to_json, findings_from_json, findings_to_json

VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.text(max_size=20)
    | st.decimals(allow_nan=False, allow_infinity=False)
)
FACTS = st.builds(
    Fact,
    name=st.text(min_size=1, max_size=20),
    value=VALUES,
    unit=st.sampled_from(get_args(Unit)),
    how=st.text(max_size=20),
    inputs=st.lists(st.text(max_size=10), max_size=3).map(tuple),
)


@given(st.lists(FACTS, max_size=5))
def test_facts_survive_the_round_trip(facts: list[Fact]) -> None:
    """Every value keeps its type, and a decimal every digit."""
    given_facts = {fact.name: fact for fact in facts}
    back = facts_from_json(facts_to_json(given_facts))
    assert back == given_facts
    for name, fact in given_facts.items():
        value, expected = back[name].value, fact.value
        assert (type(value), str(value)) == (type(expected), str(expected))


def test_decimal_is_not_a_number_in_the_text(assessment: Assessment) -> None:
    """JSON's doubles never see a decimal."""
    text = facts_to_json(assessment.facts)
    assert json.loads(text)["back_end_dti"]["value"] == {"decimal": "0.310000"}


def test_findings_survive_the_round_trip(assessment: Assessment) -> None:
    """Private parts and public reason are kept."""
    assert findings_from_json(findings_to_json(assessment.findings)) == assessment.findings


@pytest.mark.parametrize(
    "text", ['{"x": {"value": 0.5, "unit": "ratio", "how": "", "inputs": []}}', "[]", "{"]
)
def test_text_that_is_no_record_is_refused(text: str) -> None:
    """Something that was not written here is not guessed at."""
    with pytest.raises(ValidationError):
        facts_from_json(text)
