"""Numbers made of numbers: percentiles, medians over turns, ratios within a turn.

Law: pure.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of ``ordered`` does not exceed.

    Raises:
        ValueError: there are no values, or the share is not one.
    """
    if not ordered or not 0 <= share <= 1:
        raise ValueError("a percentile needs values and a share from 0 to 1")
    position = -(-len(ordered) * share // 1)  # rounded up
    return ordered[max(int(position) - 1, 0)]


def median(values: Sequence[float]) -> float:
    """The middle one of the turns."""
    return statistics.median(values)


def ratio(values: Sequence[float], base: Sequence[float]) -> float:
    """The median of the turns' own ratios: both were measured in the same moment of the machine."""
    return statistics.median(value / of for value, of in zip(values, base, strict=True))


def microseconds(seconds: float, requests: int) -> float:
    """Microseconds a request."""
    return seconds / requests * 1e6
