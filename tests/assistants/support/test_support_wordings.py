"""The approved wordings: whole, public, harmless."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import BaseModel, ValidationError

from lendgate.analysis.language import DISCOURAGEMENT, PROHIBITED_BASIS, PROXIES, SIGNALS
from lendgate.analysis.numbers import figures
from lendgate.analysis.plain import folded, readable
from lendgate.analysis.quoting import marked
from lendgate.analysis.refusals import refusals
from lendgate.assistants.support.private_text import PrivateText, policy_text
from lendgate.assistants.support.wordings import Wordings, wordings
from lendgate.policy.library import load_packs

NEVER = {language.name for language in (DISCOURAGEMENT, PROXIES, SIGNALS)}


def texts(part: object) -> Iterator[str]:
    """Every wording."""
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from texts(getattr(part, name))
    elif isinstance(part, dict):
        for inner in part.values():
            yield from texts(inner)
    elif isinstance(part, str):
        yield part


ALL = sorted(set(texts(wordings())))


@pytest.mark.parametrize("text", ALL)
def test_a_wording_discourages_nobody_and_hints_at_no_basis(text: str) -> None:
    """The lists that hold for every speaker hold for the lender's own words."""
    broken = {language.name for language in refusals(marked(folded(text), ()))}
    assert not broken & NEVER
    assert PROHIBITED_BASIS.name not in broken or "prohibited basis" in text


@pytest.mark.parametrize("text", ALL)
def test_a_wording_is_plain_and_its_only_number_is_a_regulations(text: str) -> None:
    """Thirty days, and the numbers of forms."""
    plain = folded(text).replace("{", "").replace("}", "")
    assert readable(plain)
    stated = figures(marked(plain.replace("30 days", "days"), ()))
    assert stated == []


def test_invariant_g_no_wording_shares_eight_words_with_a_pack() -> None:
    """What is approved is public."""
    private = PrivateText.of(policy_text(load_packs().values()))
    assert [text for text in ALL if private.shares(text)] == []


def test_a_file_that_lacks_a_reason_is_refused() -> None:
    """Every code of the catalogue has its words, and no other code has."""
    document = wordings().model_dump()
    del document["help"]["reasons"]["AA09"]
    with pytest.raises(ValidationError, match=r"every reason of reasons\.yaml"):
        Wordings.model_validate(document)


def test_a_file_that_lacks_a_stage_is_refused() -> None:
    """There is something to say however an application stands."""
    document = wordings().model_dump()
    del document["stages"]["eligible"]
    with pytest.raises(ValidationError, match="every stage"):
        Wordings.model_validate(document)
