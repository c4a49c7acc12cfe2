"""Why something cannot be done to a referral now.

Law: each says in one sentence what stands in the way, and names nobody but an underwriter of the lender.
"""

from __future__ import annotations

from lendgate.errors import LendgateError


class HeldError(LendgateError):
    """Another underwriter holds the referral, or it is assigned to another."""


class ClosedError(LendgateError):
    """The referral is decided; nothing more can be done to it."""


class StaleError(LendgateError):
    """The referral has changed since it was read: read it again."""


class VerdictRefusedError(LendgateError):
    """A verdict that lacks something, or that this person may not give."""
