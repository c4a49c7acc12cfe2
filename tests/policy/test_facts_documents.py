"""Facts from documents: beside the stated ones, known to be unknown where no document shows them."""

from __future__ import annotations

from decimal import Decimal

from lendgate.policy.evaluate import assess
from lendgate.policy.facts import derive
from lendgate.policy.model import Fact, Facts
from lendgate.schema import Application
from tests.policy.builders import DAY, PACKS, SMALLEST, by_rule

APPLICATION = Application.model_validate(SMALLEST)


def shown(difference: str) -> Facts:
    """What a stub shows that is this far from what is stated."""
    facts = (
        Fact("documented_annual_income", Decimal(95000), "usd", "From a stub.", ("/documents/0",)),
        Fact("documented_income_difference", Decimal(difference), "ratio", "Compared.", ("/documents/0",)),
    )
    return {fact.name: fact for fact in facts}


def test_without_documents_nothing_is_shown_and_no_rule_asks() -> None:
    """Unknown, not zero; the rule on documented income does not apply."""
    facts = derive(APPLICATION, DAY)
    assert facts["income_documented"].value is False
    assert facts["documented_annual_income"].value is None
    findings = by_rule(assess(PACKS["personal_loan"], APPLICATION, DAY).findings)
    assert "documented_income" not in findings


def test_what_documents_show_stands_beside_what_is_stated() -> None:
    """Marked as verified by a document, with the place of the document; the stated fact is untouched."""
    facts = derive(APPLICATION, DAY, shown("0.02"))
    assert facts["documented_annual_income"] == Fact(
        "documented_annual_income", Decimal("95000.00"), "usd", "From a stub.", ("/documents/0",), "document"
    )
    assert (facts["annual_income"].value, facts["annual_income"].verified) == (Decimal("95000.00"), "stated")


def test_documents_that_show_another_income_are_a_finding() -> None:
    """More than a tenth apart: an underwriter asks; in public words it is income that cannot be verified."""
    for difference, result in (("0.100000", "pass"), ("0.100001", "fail")):
        assessment = assess(PACKS["personal_loan"], APPLICATION, DAY, shown(difference))
        finding = by_rule(assessment.findings)["documented_income"]
        assert finding.result == result
        assert finding.effect == "refer"
    assert finding.reason is not None
    assert finding.reason.text == "Unable to verify income"


def test_a_difference_that_cannot_be_told_is_not_evaluable() -> None:
    """Income is documented and none is stated to compare it with."""
    facts = {name: fact for name, fact in shown("0").items() if name == "documented_annual_income"}
    finding = by_rule(assess(PACKS["personal_loan"], APPLICATION, DAY, facts).findings)["documented_income"]
    assert finding.result == "not_evaluable"


def test_what_is_no_registered_fact_is_left_out() -> None:
    """Whatever a reader of documents may come to say."""
    facts = derive(APPLICATION, DAY, {"applicant_age": Fact("applicant_age", 44, "count", "?")})
    assert "applicant_age" not in facts
