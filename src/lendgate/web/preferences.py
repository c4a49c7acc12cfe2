"""``Prefer`` (RFC 7240): how long the caller wants to wait.

Law: a preference that is not understood is ignored, never an error (RFC 7240 section 2). Pure.
"""

from __future__ import annotations

import re
from typing import Final

_WAIT: Final = re.compile(
    r"""(?:^|[,;])\s*wait\s*=\s*"?([0-9]{1,9}(?:\.[0-9]{1,3})?)"?\s*(?=$|[,;])""", re.IGNORECASE
)


def wait_of(prefer: str | None, default: float, longest: float) -> float:
    """Seconds to wait: what was asked for, at most ``longest``; ``default`` when nothing was asked."""
    match = _WAIT.search(prefer or "")
    return min(float(match[1]), longest) if match else default
