"""How sure a share is: Wilson's score interval, which holds for small numbers and at 0 and 1."""

from __future__ import annotations

import math
from typing import Final

_Z95: Final = 1.959963984540054


def wilson(successes: int, trials: int, z: float = _Z95) -> tuple[float, float]:
    """The interval of a share (E. B. Wilson, 1927), 95 % unless another ``z`` is given; 0 to 1.

    Raises:
        ValueError: there are no trials, or more successes than trials.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError("an interval needs trials, and no more successes than trials")
    share, square = successes / trials, z * z
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = z * math.sqrt(share * (1 - share) / trials + square / (4 * trials**2)) / (1 + square / trials)
    return max(0.0, middle - half), min(1.0, middle + half)
