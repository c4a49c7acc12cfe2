"""One application after the other: at the gate, or in this process; a refused one is a result, too.

Law: nothing that is wrong with one application ends the run of the others. With the name of a run, each is
sent under an Idempotency-Key made of it and the line's number: sent again after a kill, it is the same
review, and nothing is paid twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lendgate.agent import LendingAgent
from lendgate.cli.applications import Body
from lendgate.cli.columns import UnreadableFileError
from lendgate.cli.gate import patiently
from lendgate.client import LendgateClient, RefusedError
from lendgate.errors import InvalidBodyError
from lendgate.intake.parse import Intake, parse_application, validate
from lendgate.policy.model import Facts

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Numbered:
    """An application and the number of its line, from 1; ``body`` makes it of what stood there."""

    line: int
    body: Callable[[], Body]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A result as it is printed, and the debt-to-income ratio it rests on, where there is one."""

    result: Result
    ratio: float | None = None


Reviewing = Callable[[Numbered], Reviewed]


def at_the_gate(gate: LendgateClient, wait: float, run: str | None = None) -> Reviewing:
    """Reviews by a service, behind its gate."""

    def review(numbered: Numbered, body: Body) -> Reviewed:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        key = f"{run}-{numbered.line}" if run else None
        answer = patiently(lambda: gate.review(sent, wait=wait, idempotency_key=key))
        return Reviewed(answer.model_dump(mode="json", exclude_none=True), _stated(sent))

    return _each(review)


def in_process(agent: LendingAgent) -> Reviewing:
    """Reviews in this process, stored nowhere."""

    def review(_numbered: Numbered, body: Body) -> Reviewed:
        case = agent.analyze(intake_of(body).application)
        result = {
            "applicant_id": case.application.applicant_id,
            "recommendation": case.recommendation.model_dump(mode="json", exclude_none=True),
            "memo": case.memo.model_dump(mode="json", exclude_none=True),
        }
        return Reviewed(result, ratio_of(case.case.facts))

    return _each(review)


def intake_of(body: Body) -> Intake:
    """A body taken in.

    Raises:
        InvalidBodyError: it is no valid application.
    """
    return parse_application(body) if isinstance(body, bytes) else validate(body)


def ratio_of(facts: Facts) -> float | None:
    """The back-end ratio that policy went by."""
    found = facts["back_end_dti"].value
    return None if found is None else float(found)


def refused(cause: InvalidBodyError | UnreadableFileError) -> Result:
    """What is wrong with an application, as a result."""
    if isinstance(cause, UnreadableFileError):
        return {"ok": False, "reason": str(cause), "errors": []}
    errors = [{"pointer": error.pointer, "detail": error.detail} for error in cause.errors]
    return {"ok": False, "reason": "the application is not valid", "errors": errors}


def _each(review: Callable[[Numbered, Body], Reviewed]) -> Reviewing:
    def reviewed(numbered: Numbered) -> Reviewed:
        try:
            found = review(numbered, numbered.body())
        except RefusedError as refusal:
            found = Reviewed(refusal.problem.model_dump(mode="json", exclude_none=True))
        except (InvalidBodyError, UnreadableFileError) as cause:
            found = Reviewed(refused(cause))
        return Reviewed({"line": numbered.line, **found.result}, found.ratio)

    return reviewed


def _stated(body: bytes) -> float | None:
    """The ratio that the sender states: behind the gate is another, which a broker is not told."""
    document: Mapping[str, object] = json.loads(body)
    found = document.get("debt_to_income")
    return float(found) if isinstance(found, int | float) else None
