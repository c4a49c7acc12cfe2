"""Percentiles, ratios and microseconds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import microseconds, percentile, ratio

VALUES = st.lists(st.floats(0, 1e6), min_size=1, max_size=200).map(sorted)


@pytest.mark.parametrize(("share", "expected"), [(0, 1), (0.5, 2), (0.51, 3), (0.75, 3), (0.99, 4), (1, 4)])
def test_percentile_is_the_nearest_rank(share: float, expected: float) -> None:
    """Four values: half of them do not exceed the second, and so on."""
    assert percentile([1, 2, 3, 4], share) == expected


@given(VALUES, st.floats(0, 1))
def test_at_least_the_share_does_not_exceed_the_percentile(values: list[float], share: float) -> None:
    """What a percentile is, for any values; and it is one of them."""
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 1.1), ([1.0], -0.1)])
def test_a_percentile_of_nothing_is_refused(values: list[float], share: float) -> None:
    """No values, or a share that is none."""
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, share)


def test_ratio_compares_within_a_round() -> None:
    """The machine is half as fast in the third round, for both: the ratio does not see it."""
    assert ratio([30, 33, 60], [10, 11, 20]) == 3


def test_ratio_needs_a_base_for_every_round() -> None:
    """A turn that is missing is not made up."""
    with pytest.raises(ValueError, match="shorter"):
        ratio([1, 2], [1])


def test_microseconds_a_request() -> None:
    """Half a second for ten thousand requests."""
    assert microseconds(0.5, 10_000) == pytest.approx(50)
