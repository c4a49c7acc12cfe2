"""Prices: exact dollars, from the table in force on the day, and never for a model it does not know."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.claude.errors import ModelConfigurationError
from lendgate.claude.port import Usage
from lendgate.claude.prices import load_prices, packaged_prices

TODAY = date(2026, 11, 22)
PRICES = packaged_prices()
TEN_AND_ONE = Usage(input_tokens=10_000, output_tokens=1_000)
COUNTS = st.integers(0, 300_000)
USAGES = st.builds(Usage, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)
TABLE = """
as_of: 2026-11-22
batch_factor: "0.5"
geo_factors: {}
models:
  m:
    - {since: 2026-01-01, input: 1, output: 2, cache_read: "0.1", cache_write_5m: "1.25", cache_write_1h: 2}
"""


@pytest.mark.parametrize(
    ("model", "dollars"),
    [("claude-opus-5-5", "0.06"), ("claude-sonnet-5-5", "0.03"), ("claude-haiku-5-5", "0.0015")],
)
def test_published_example_costs_what_it_should(model: str, dollars: str) -> None:
    """10,000 tokens in and 1,000 out, anywhere in the world."""
    assert PRICES.cost(TEN_AND_ONE, model=model, on=TODAY, geo="global") == Decimal(dollars)


def test_every_part_of_the_input_has_its_rate() -> None:
    """A million tokens of each kind at Opus rates."""
    usage = Usage(10**6, 10**6, 10**6, 10**6, 10**6)
    dollars = PRICES.cost(usage, model="claude-opus-5-5", on=TODAY, geo="global")
    assert dollars == Decimal(4) + 20 + Decimal("0.2") + 5 + 8


def test_long_prompt_is_dear_from_its_first_token() -> None:
    """Haiku: the whole request changes tier above 100,000 tokens, output and cache included."""
    at = PRICES.cost(Usage(100_000, 1_000), model="claude-haiku-5-5", on=TODAY, geo="global")
    above = PRICES.cost(Usage(1, 1_000, 100_000), model="claude-haiku-5-5", on=TODAY, geo="global")
    assert at == Decimal("0.0105")
    assert above == Decimal("0.0000005") + Decimal("0.0025") + Decimal("0.005")


def test_price_is_the_one_in_force_on_the_day() -> None:
    """Sonnet's cache reads became cheaper on 2026-10-07."""
    usage = Usage(cache_read_tokens=10**6)
    before = PRICES.cost(usage, model="claude-sonnet-5-5", on=date(2026, 10, 6), geo="global")
    after = PRICES.cost(usage, model="claude-sonnet-5-5", on=date(2026, 10, 7), geo="global")
    assert (before, after) == (Decimal("0.2"), Decimal("0.1"))


def test_us_inference_costs_a_tenth_more_and_the_unknown_place_is_the_dear_one() -> None:
    """Where it ran decides; not being told is no discount."""
    costs = [
        PRICES.cost(TEN_AND_ONE, model="claude-opus-5-5", on=TODAY, geo=geo) for geo in ("us", None, "mars")
    ]
    assert costs == [Decimal("0.066")] * 3


def test_batch_is_half_price() -> None:
    """Message Batches."""
    cost = PRICES.cost(TEN_AND_ONE, model="claude-opus-5-5", on=TODAY, geo="global", batch=True)
    assert cost == Decimal("0.03")


@given(st.sampled_from(sorted(PRICES.models)), USAGES)
def test_worst_case_is_never_below_the_cost(model: str, usage: Usage) -> None:
    """However the input is split over the cache, and wherever it runs."""
    worst = PRICES.worst_case(usage.total_input, usage.output_tokens, model=model, on=TODAY)
    assert worst >= PRICES.cost(usage, model=model, on=TODAY)
    assert PRICES.worst_case(usage.total_input + 1, usage.output_tokens, model=model, on=TODAY) >= worst


@pytest.mark.parametrize(("model", "on"), [("claude-nine", TODAY), ("claude-opus-5-5", date(2026, 9, 21))])
def test_model_without_a_price_is_refused(model: str, on: date) -> None:
    """Unknown, or not yet priced on that day."""
    with pytest.raises(ModelConfigurationError, match=f"no price is known for model '{model}'"):
        PRICES.cost(TEN_AND_ONE, model=model, on=on)


def test_default_models_have_prices_today() -> None:
    """The models of the design can be paid for."""
    for model in ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"):
        assert PRICES.price(model, TODAY).since <= TODAY


def test_own_table_without_geographies_has_one_price() -> None:
    """A server of one's own runs where it runs."""
    assert load_prices(TABLE).cost(TEN_AND_ONE, model="m", on=TODAY) == Decimal("0.012")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (TABLE.replace('"1.25"', '"-1"'), "cache_write_5m"),
        (TABLE.replace("batch_factor", "bulk_factor"), "batch_factor"),
        (TABLE.replace("since: 2026-01-01, ", ""), "since"),
        (TABLE.replace("as_of: 2026-11-22", "as_of: ["), "not YAML"),
        ("models: {m: []}", "as_of"),
    ],
)
def test_wrong_table_is_refused_at_its_place(wrong: str, told: str) -> None:
    """Names what to mend."""
    with pytest.raises(ModelConfigurationError, match=told):
        load_prices(wrong)
