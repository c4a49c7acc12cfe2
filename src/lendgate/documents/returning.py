"""What a sender is told of a document that a person sends back.

Law: the sentences are those that triage itself says (a test holds them to it): no figure of the lender's, no
signal, nothing that a person wrote. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from lendgate.schema.inspection import ReturnCode

SENTENCES: Final[Mapping[ReturnCode, str]] = MappingProxyType(
    {
        "unreadable": "The document could not be read; please scan it again in good light and send that.",
        "blank_form": "The form is not filled in; please send it completed.",
        "not_asked_for": "This looks like: {title}. Please send the document that was asked for.",
        "other_type": "The document is of another type than was declared.",
        "active_content": (
            "The file carries scripts or other files, which were not opened; a plain PDF is better."
        ),
        "pages_missing": "Not all pages of the document are there; please send all of them.",
        "not_signed": "The document has to be signed.",
        "too_old": "The document is older than what can be used; please send the latest one.",
        "other_year": "The form is not for one of the most recent years.",
        "expired": "The identity document has expired.",
        "dated_ahead": "The document is dated after the day it was received.",
        "name_unmatched": "The name on the document could not be matched.",
        "employer_unmatched": "The employer on the document could not be matched.",
        "income_unmatched": "The income on the documents could not be matched with the income stated.",
        "ssn_unmatched": "The Social Security numbers on the documents do not agree.",
        "statement_amounts": "The amounts on the statement could not be reconciled.",
        "stub_amounts": "The amounts on the pay stub could not be reconciled.",
        "w2_amounts": "The amounts on the W-2 do not agree with one another.",
        "return_lines": "Lines of the tax form do not add up.",
        "no_year_to_date": "The pay stub does not clearly show year-to-date earnings.",
        "longer_time": "Bank statements for a longer unbroken time may be needed.",
        "deposit_source": "The source of one or more deposits needs to be documented.",
        "debt_unexplained": "Payments on a debt that is not on the application need to be explained.",
    }
)


def told_of(codes: Sequence[ReturnCode], title: str | None) -> tuple[str, ...]:
    """The sentences of these codes; ``title`` is what the document was found to be, if anything."""
    words = {code: SENTENCES[code].replace("{title}", title or "another document") for code in codes}
    return tuple(words.values())
