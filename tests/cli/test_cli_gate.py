"""Patience at the gate: a minute's quota is waited for, everything else is told at once."""

from __future__ import annotations

import pytest

from lendgate.cli.gate import LONGEST_PAUSE, patiently
from lendgate.client import RefusedError
from lendgate.schema import Problem


def refusal(status: int, retry_after: int | None) -> RefusedError:
    problem = Problem(type="t", title="t", status=status, detail="d", reason="r", request_id="r1")
    return RefusedError(problem, retry_after)


class Gate:
    """Refuses with each of these once, then answers."""

    def __init__(self, *refusals: RefusedError) -> None:
        self.refusals = list(refusals)

    def __call__(self) -> str:
        if self.refusals:
            raise self.refusals.pop(0)
        return "yes"


def test_quota_is_waited_for_as_long_as_the_gate_says() -> None:
    """Once for each refusal, then the answer."""
    pauses: list[float] = []
    assert patiently(Gate(refusal(429, 1), refusal(429, LONGEST_PAUSE)), pauses.append) == "yes"
    assert pauses == [1, LONGEST_PAUSE]


@pytest.mark.parametrize(
    ("status", "retry_after"), [(422, None), (503, 2), (429, None), (429, LONGEST_PAUSE + 1)]
)
def test_any_other_refusal_is_told_at_once(status: int, retry_after: int | None) -> None:
    """A day's quota, a service that is away, a body that is wrong: no waiting."""
    pauses: list[float] = []
    with pytest.raises(RefusedError):
        patiently(Gate(refusal(status, retry_after)), pauses.append)
    assert pauses == []
