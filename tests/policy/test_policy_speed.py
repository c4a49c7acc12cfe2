"""Evaluation stays far below what anybody would notice."""

from __future__ import annotations

from timeit import repeat

import pytest

from lendgate.policy.evaluate import evaluate
from lendgate.schema.enums import Product
from tests.policy.builders import DAY, GOOD, PACKS, facts_of

MOST_SECONDS = 0.0005


@pytest.mark.parametrize("product", PACKS)
def test_a_pack_is_evaluated_in_half_a_millisecond(product: Product) -> None:
    """The best of many runs, so that a busy machine does not count against the code."""
    pack, facts = PACKS[product], facts_of(GOOD[product])
    assert min(repeat(lambda: evaluate(pack, facts, DAY), number=1, repeat=200)) < MOST_SECONDS
