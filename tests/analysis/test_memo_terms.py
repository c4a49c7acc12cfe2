"""The word list: whole, unambiguous, and readable by the verifier."""

from __future__ import annotations

from typing import get_args

import pytest

from lendgate.analysis.documents import DOCUMENT_NAMES, DOCUMENTS
from lendgate.analysis.numbers import figures
from lendgate.analysis.quoting import marked
from lendgate.analysis.refusals import refusal
from lendgate.analysis.terms import TERMS, term_of
from lendgate.analysis.units import UNITS
from lendgate.policy.registry import FACTS
from lendgate.schema.enums import DocumentType


def test_every_registered_fact_has_its_term() -> None:
    """Neither a fact without words nor words without a fact."""
    assert TERMS.keys() == FACTS.keys()


def test_no_name_means_two_facts() -> None:
    """A figure said of a name is held to one fact."""
    names = [called.lower() for term in TERMS.values() for called in term.names]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", TERMS)
def test_a_name_does_not_swallow_a_unit(name: str) -> None:
    """No name begins with a unit, so that "6 years in the job" keeps its own."""
    term = TERMS[name]
    assert not [called for called in term.names if called.split()[0] in UNITS]


@pytest.mark.parametrize("name", [name for name, term in TERMS.items() if term.phrase])
def test_naming_a_fact_is_no_claim(name: str) -> None:
    """Digits and listed words inside a name are not taken for the memo's own."""
    term = TERMS[name]
    for called in term.names:
        text = marked(f"About {called} nothing was provided.", ())
        assert f"<{name}>" in text
        assert not figures(text)
        assert refusal(text) is None


def test_a_fact_nobody_has_named_is_called_by_its_own_name() -> None:
    """A new fact can be said before its term is written."""
    assert term_of("shiny_new_ratio").label == "shiny new ratio"


def test_every_document_type_has_a_name() -> None:
    """One name and its plural for each type of the contract."""
    assert DOCUMENTS.keys() == set(get_args(DocumentType))


@pytest.mark.parametrize("name", sorted(DOCUMENT_NAMES))
def test_naming_a_document_is_no_claim(name: str) -> None:
    """The numbers of forms are names."""
    text = marked(f"Please send {name} soon.", ())
    assert not figures(text)
    assert refusal(text) is None
