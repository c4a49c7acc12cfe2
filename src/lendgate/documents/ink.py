"""How much of what a page shows stands where its text layer says nothing. Pure.

Law: a text layer is believed to be the page's text only where it covers what is printed. Forms drawn as
curves, and scans on which only the answers were typed, have a layer that holds a part of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lendgate.documents.model import Box

_DARK: Final = 128
_RULE: Final = 40
"""Pixels in a straight run that no letter has at 100 dpi: rules, frames and shaded boxes."""
_AROUND: Final = 2
_LEAST_INK: Final = 2_000
"""Pixels: less than this is a speck or a small mark, not text."""


def unread_ink(grey: NDArray[np.uint8], boxes: Sequence[Box]) -> float:
    """The share of the page's ink, rules aside, that lies outside ``boxes``; 0 for next to none."""
    ink = grey < _DARK
    ink &= ~(_runs(ink) | _runs(ink.T).T)
    everything = int(ink.sum())
    height, width = ink.shape
    for box in boxes:
        top, left = max(int(box.top * height) - _AROUND, 0), max(int(box.left * width) - _AROUND, 0)
        ink[top : int(box.bottom * height) + _AROUND + 1, left : int(box.right * width) + _AROUND + 1] = False
    outside = int(ink.sum())
    return outside / everything if outside >= _LEAST_INK else 0.0


def _runs(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels that lie in a level run of at least ``_RULE`` dark ones."""
    height, width = ink.shape
    if width < _RULE:
        return np.zeros_like(ink)
    sums = np.zeros((height, width + 1), dtype=np.int32)
    np.cumsum(ink, axis=1, out=sums[:, 1:])
    begins = np.zeros((height, width + 1), dtype=np.int32)
    begins[:, : width - _RULE + 1] = sums[:, _RULE:] - sums[:, :-_RULE] == _RULE
    # A pixel is in a run when one begins at it or at most _RULE - 1 pixels before it.
    np.cumsum(begins, axis=1, out=begins)
    inside = begins[:, :width].copy()
    inside[:, _RULE:] -= begins[:, : width - _RULE]
    return inside > 0
