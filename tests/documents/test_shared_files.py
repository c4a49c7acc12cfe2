"""The shared real files that have a text layer; those that need OCR are measured by ``measure``, not here."""

from __future__ import annotations

import pytest

from lendgate.documents.model import Reading
from lendgate.documents.triage import triage
from tests.documents.measure import same
from tests.documents.reading import CASE, read_bytes
from tests.documents.shared import FIELDS, labels, path_of

WITH_TEXT = (
    "google-docai/2020 Form W-2.pdf",
    "google-docai/2020 Form 1099-NEC.pdf",
    "google-docai/2020 Form 1099-INT.pdf",
    "aws-idp/URLA-matched_for_John_Doe.pdf",
    "irs-forms-ustaxes/2020_f1040.pdf",
    "irs-forms-ustaxes/2022_f1040se.pdf",
)


@pytest.mark.parametrize("name", WITH_TEXT)
def test_types_and_fields_of_real_files(name: str) -> None:
    """Every labelled page has its type, and every field that was read off it by a person is read the same."""
    reading = read_bytes(path_of(name).read_bytes())
    assert isinstance(reading, Reading)
    result = triage(reading, CASE)
    wanted = {page: label for (file, page), label in labels().items() if file == name}
    found = {kind.page: kind.type for one in result.documents for kind in one.document.part.pages}
    assert {page: found[page] for page in wanted} == wanted
    said = {k: v for one in result.documents for k, v in one.document.extract.fields.items()}
    for field, value in FIELDS.get((name, 1), {}).items():
        assert same(said[field].value, value), (field, said[field].value)


def test_blank_forms_of_the_irs_go_back() -> None:
    """Nobody filled them; their scripts are no reason to trouble a person."""
    for name in WITH_TEXT[-2:]:
        reading = read_bytes(path_of(name).read_bytes())
        assert isinstance(reading, Reading)
        result = triage(reading, CASE)
        assert [one.document.blank for one in result.documents] == [True]
        assert result.routed.destination == "return_to_sender"
