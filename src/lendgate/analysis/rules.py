"""The rules reviewer: the memo without a model. It is always there, costs nothing and is never late."""

from __future__ import annotations

from lendgate.analysis.prose import write
from lendgate.analysis.reviewer import Case, Reviewed
from lendgate.schema import Usage
from lendgate.schema.review import ReviewerName


class RulesReviewer:
    """A ``Reviewer`` whose words come from facts and public checks alone."""

    @property
    def name(self) -> ReviewerName:
        """``rules``."""
        return "rules"

    async def review(self, case: Case) -> Reviewed:
        """The rules memo; it cannot fail and uses nothing.

        Its words come from the case alone: a property test holds that the verifier finds nothing to drop.
        """
        return Reviewed(memo=write(case), usage=Usage())
