"""What a caller would rather have: ``Prefer`` (RFC 7240), how long to wait; ``Accept``, HTML or PDF.

Law: a preference that is not understood is ignored, never an error (RFC 7240 section 2). Pure.
"""

from __future__ import annotations

import re
from typing import Final

_WAIT: Final = re.compile(
    r"""(?:^|[,;])\s*wait\s*=\s*"?([0-9]{1,9}(?:\.[0-9]{1,3})?)"?\s*(?=$|[,;])""", re.IGNORECASE
)

_WEIGHT: Final = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def wait_of(prefer: str | None, default: float, longest: float) -> float:
    """Seconds to wait: what was asked for, at most ``longest``; ``default`` when nothing was asked."""
    match = _WAIT.search(prefer or "")
    return min(float(match[1]), longest) if match else default


def prefers_pdf(accept: str | None) -> bool:
    """Whether PDF is wanted rather than HTML (RFC 9110, section 12.5.1); HTML when both are as welcome."""
    return _quality(accept, "application/pdf") > _quality(accept, "text/html")


def _quality(accept: str | None, media_type: str) -> float:
    ranges = [media_type, f"{media_type.partition('/')[0]}/*", "*/*"]
    found: dict[str, float] = {}
    for one in (accept or "*/*").split(","):
        name, *parameters = (part.strip().lower() for part in one.split(";"))
        weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        found[name] = float(weight) if _WEIGHT.fullmatch(weight) else 0.0
    return next((found[name] for name in ranges if name in found), 0.0)
