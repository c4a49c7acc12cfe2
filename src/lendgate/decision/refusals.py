"""Why a decision cannot be made, or a notice not sent, as it was asked for.

Law: one plain sentence that says what to mend.
"""

from __future__ import annotations

from lendgate.errors import LendgateError


class DecisionRefusedError(LendgateError):
    """What was chosen or written cannot become a decision: the findings, the law or a date forbid it."""
