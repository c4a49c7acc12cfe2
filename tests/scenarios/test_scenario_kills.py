"""Kills at random instants, a few of them: the whole run is ``python -m bench.kills``."""

from __future__ import annotations

import pytest

from bench.kills import Plan, faults_of, run
from tests.support.served import data_directory

# It starts and restarts some ten processes, which takes its time on a busy machine.
pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]


def test_invariant_i_kills_at_random_instants_lose_and_double_nothing() -> None:
    """Service, worker and PostgreSQL, while reviews are under way; recovered within ten seconds."""
    plan = Plan(reviews=40, kills=2, postgres_kills=1, model_ms=20, workers=1, rounds=1)
    with data_directory() as directory:
        story, found = run(plan, directory)
    assert faults_of(plan, story, found) == []
    assert found.reviews > plan.reviews
