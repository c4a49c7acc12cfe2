"""Perceptual fingerprints of pages: near for the same page scanned twice, far for different pages.

256 bits of differences between neighbours in a 17 x 16 thumbnail of the page (difference hash). Forms
of one kind look alike, so a near fingerprint alone never makes two documents one: ``duplicates`` also
compares the numbers on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import Image

SIDE: Final = 16


def fingerprint(page: Image.Image) -> str:
    """The page's hash as 64 hex digits."""
    import numpy as np  # noqa: PLC0415 - whoever only compares fingerprints works with no pictures
    from PIL import Image  # noqa: PLC0415 - the same

    thumbnail = page.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX)
    pixels = np.asarray(thumbnail, dtype=np.int16)
    # A step of one grey level is noise of the scanner, not a line of text.
    brighter = (pixels[:, 1:] - pixels[:, :-1]) > 1
    return np.packbits(brighter).tobytes().hex()


def distance(one: str, other: str) -> int:
    """How many of the 256 bits differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
