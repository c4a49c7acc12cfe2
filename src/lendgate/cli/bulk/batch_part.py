"""A part of a portfolio that goes out as one batch: what is asked of it, and what stands in the journal.

Law: what the journal holds is enough to make the same part again of the same rows: the day it was judged on,
which rows money was set aside for, and the batch's id once there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lendgate.analysis.claude_reviewer import memo_request
from lendgate.analysis.reviewer import Case, ChargedTo, Reviewed
from lendgate.claude.ledger import Reservation
from lendgate.claude.port import Effort, ModelRequest
from lendgate.cli.bulk.reviewing import Numbered, Result, intake_of, ratio_of, refused
from lendgate.cli.bulk.reviewing import Reviewed as Line
from lendgate.cli.columns import UnreadableFileError
from lendgate.decision.recommend import recommend
from lendgate.errors import InvalidBodyError
from lendgate.policy.model import Assessment
from lendgate.schema import Application
from lendgate.workflow.underwrite import Rulebook, laid_out

_DEADLINE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Asking:
    """What every row of a run is asked with; ``run`` and the line make a request's name."""

    rulebook: Rulebook
    tenant: str
    run: str
    model: str
    effort: Effort | None

    def name(self, line: int) -> str:
        """The name of a line's request: letters, digits and dashes, at most 64."""
        return f"{self.run}-{line}"

    def row(self, numbered: Numbered, on: date) -> Row | Result:
        """A row made ready to be asked about, or what is wrong with it."""
        try:
            application = intake_of(numbered.body()).application
        except (InvalidBodyError, UnreadableFileError) as cause:
            return {"line": numbered.line, **refused(cause)}
        name = self.name(numbered.line)
        assessment, case = laid_out(application, on, self.rulebook, ChargedTo(self.tenant, name))
        request = memo_request(case, self.model, _DEADLINE_SECONDS, self.effort)
        return Row(numbered.line, name, application, assessment, case, request)


@dataclass(frozen=True, slots=True)
class Row:
    """One valid application, judged, and what the model is asked about it."""

    line: int
    name: str
    application: Application
    assessment: Assessment
    case: Case
    request: ModelRequest

    def reviewed(self, found: Reviewed) -> Line:
        """Its result, with the memo that came of it."""
        recommendation = recommend(self.assessment, self.case.completeness, found.memo)
        result = {
            "line": self.line,
            "applicant_id": self.application.applicant_id,
            "recommendation": recommendation.model_dump(mode="json", exclude_none=True),
            "memo": found.memo.model_dump(mode="json", exclude_none=True),
            "usage": found.usage.model_dump(mode="json", exclude_none=True),
        }
        return Line(result, ratio_of(self.assessment.facts))


@dataclass(slots=True)
class Standing:
    """Where a part stands: ``rows`` of the input, money by name, when it was meant to go, and its batch."""

    on: date
    rows: int = 0
    held: dict[str, Reservation] = field(default_factory=dict)
    intended: datetime | None = None
    batch: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For the journal."""
        return {
            "on": self.on.isoformat(),
            "rows": self.rows,
            "held": {name: [each.id, str(each.amount)] for name, each in self.held.items()},
            "intended": self.intended.isoformat() if self.intended else None,
            "batch": self.batch,
        }


def standing_from(document: Mapping[str, Any], tenant: str) -> Standing:
    """The standing that ``as_json`` wrote."""
    held = {
        name: Reservation(number, tenant, Decimal(amount))
        for name, (number, amount) in document["held"].items()
    }
    intended = document["intended"]
    return Standing(
        on=date.fromisoformat(document["on"]),
        rows=document["rows"],
        held=held,
        intended=datetime.fromisoformat(intended) if intended else None,
        batch=document["batch"],
    )
