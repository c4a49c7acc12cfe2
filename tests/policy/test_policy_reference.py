"""The reference page is the packs, written out."""

from __future__ import annotations

from pathlib import Path

from lendgate.policy.reasons import catalogue
from lendgate.policy.reference import render
from lendgate.policy.registry import FACTS
from tests.policy.builders import PACKS

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/policy.md"


def test_the_page_is_up_to_date() -> None:
    """Otherwise: python -m lendgate.policy.reference > docs/reference/policy.md."""
    assert PAGE.read_text() == render(PACKS)


def test_everything_is_on_it() -> None:
    """Every fact, reason, limit and rule has its line."""
    text = render(PACKS)
    names = [*FACTS, *(f"limit_{name}" for pack in PACKS.values() for name in pack.limits)]
    names += [rule.id for pack in PACKS.values() for rule in pack.rules]
    assert [name for name in names if f"`{name}`" not in text] == []
    assert [code for code in catalogue() if f"| {code} |" not in text] == []
