"""The completeness vectors at the origin; the Worker runs the same files."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from contract.vectors import CompletenessVector, load_completeness_vectors
from lendgate.intake.completeness import completeness
from lendgate.intake.parse import parse_application

VECTORS = load_completeness_vectors()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_the_origin_finds_what_is_missing(vector: CompletenessVector) -> None:
    """The documents and fields that are missing, with counts and reasons, in the order of the table."""
    application = parse_application(json.dumps(vector.application).encode()).application
    assert completeness(application, vector.requirements.products) == vector.expected, vector.why


def test_the_vectors_cover_every_condition_both_ways() -> None:
    """At least ten vectors, complete ones and others, and every condition of the table is used."""
    tables = [part for vector in VECTORS for part in vector.requirements.products.values()]
    conditions = {document.when for table in tables for document in table.documents}
    verdicts = Counter(vector.expected.complete for vector in VECTORS)
    assert len(VECTORS) >= 10
    assert min(verdicts[True], verdicts[False]) >= 5
    assert conditions == {"always", "self_employed", "purchase", "refinance"}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_complete_means_that_nothing_is_missing(vector: CompletenessVector) -> None:
    """``complete`` says the same as the two lists."""
    expected = vector.expected
    assert expected.complete is (not expected.missing_documents and not expected.missing_fields)
