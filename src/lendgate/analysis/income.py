"""The income verification summary: what income is stated, what agrees with it, what would show it.

Law: nothing is called verified; the facts hold what was stated and whether its parts agree.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from lendgate.analysis.documents import asked
from lendgate.analysis.plain import words_in
from lendgate.analysis.reviewer import Case
from lendgate.analysis.saying import listed, said_of
from lendgate.analysis.speaking import Topic
from lendgate.analysis.telling import told
from lendgate.schema.enums import DocumentType

PROMPT: Final = "income-summary"
FACTS: Final = words_in(
    "annual_income monthly_income itemized_income income_itemized income_disagreement employment_applies"
    " employment_years months_on_job months_in_line_of_work self_employed"
)
_DOCUMENTS: Final[frozenset[DocumentType]] = frozenset(
    {
        "pay_stub",
        "w2",
        "1099_nec",
        "1099_misc",
        "1099_r",
        "1040",
        "1040_schedule_1",
        "1040_schedule_c",
        "1040_schedule_e",
        "bank_statement",
        "voe_1005",
        "tax_transcript",
    }
)
_SAID: Final = ("annual_income", "months_on_job", "months_in_line_of_work", "self_employed")


def income_summarized(case: Case) -> Topic:
    """The summary, from what the case holds about income and work alone."""
    narrow = of_income(case)
    return Topic(narrow, PROMPT, told(narrow), by_rule(narrow))


def of_income(case: Case) -> Case:
    """The case without anything that is not about income or work."""
    checks = tuple(check for check in case.checks if FACTS.intersection(case.rests_on.get(check.check, ())))
    documents = [missing for missing in case.completeness.missing_documents if missing.type in _DOCUMENTS]
    missing = case.completeness.model_copy(update={"missing_documents": documents, "missing_fields": []})
    return replace(
        case,
        facts={name: fact for name, fact in case.facts.items() if name in FACTS},
        checks=checks,
        completeness=missing,
    )


def by_rule(case: Case) -> str:
    """The summary without a model."""
    figures = listed(said_of(case.facts, _SAID))
    sentences = [f"The application states {figures}." if figures else "The application states no income."]
    itemized = listed(said_of(case.facts, ("itemized_income", "income_disagreement")))
    sentences.append(f"It itemizes {itemized}." if itemized else "Itemized income was not provided.")
    requests = [asked(document) for document in case.completeness.missing_documents]
    if requests:
        sentences.append(f"Still needed to confirm it: {listed(requests)}.")
    sentences.append("An underwriter confirms the stated figures.")
    return " ".join(sentences)
