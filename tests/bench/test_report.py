"""From turns to rows to words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bench.jobs import Outcome, Said, get
from bench.report import Report, aims, document, text
from bench.rounds import Spent, Turn
from bench.summary import Row, client_cost, others, rows
from bench.targets import Target

RAW = Target("raw", "raw workerd", get("/"), 200, raw=True)
VALIDATE = Target("validate", "gate 200", get("/validate"), 200)
REVIEW = Target("review", "review", get("/lending-review"), 200, reviews=True)


def turn(target: Target, connections: int, requests: int, worker: float, service: float = 0.0) -> Turn:
    """A turn of one second."""
    said = Said(requests, 1.0, p50=0.001, p99=0.004, refused=0, broken=0)
    spent = Spent(worker, service, postgres=service / 2, machine=1.5)
    return Turn(target, connections, Outcome(said, client_seconds=0.5), spent, others=0.1)


TURNS = [
    turn(target, connections, requests, worker, service)
    for _ in range(3)
    for connections in (16, 1)
    for target, requests, worker, service in (
        (RAW, 10_000, 0.4, 0.0),
        (VALIDATE, 5_000, 0.8, 0.02),
        (REVIEW, 250, 0.1, 0.5),
    )
]


def row(key: str, connections: int = 16) -> Row:
    """One row of the turns above."""
    return next(r for r in rows(TURNS) if (r.key, r.connections) == (key, connections))


def report(turns: list[Turn]) -> Report:
    """A report of these turns."""
    return Report(
        machine="2 CPUs",
        client="wrk",
        placing="apart",
        took="3 rounds",
        load="none",
        rows=rows(turns),
        start_seconds={"platform, first start": 2.5},
        memory_bytes={"service, idle": 94_000_000},
        step_microseconds={"strict parse": 33.0},
    )


def test_cpu_a_request_and_its_ratio() -> None:
    """0.8 s for 5,000 requests are 160 µs, four times the raw Worker's 40 µs."""
    assert row("validate").worker == pytest.approx(160)
    assert row("validate").cpu_ratio == pytest.approx(4)
    assert row("raw").cpu_ratio == 1


def test_a_review_costs_what_all_three_spend() -> None:
    """Worker 400, service 2,000, PostgreSQL 1,000 µs."""
    found = row("review")
    assert (found.worker, found.service, found.postgres) == pytest.approx((400, 2_000, 1_000))
    assert found.cpu == pytest.approx(3_400)


def test_the_idle_service_is_not_charged_to_the_gate() -> None:
    """What the service did while only the gate was asked is no part of the request."""
    assert row("validate").service == 0
    assert row("validate").cpu == pytest.approx(160)


def test_figures_are_medians_of_the_turns() -> None:
    """One disturbed turn of three moves nothing."""
    disturbed = [turn(t.target, t.connections, 500, 0.8) if t is TURNS[1] else t for t in TURNS]
    assert next(r for r in rows(disturbed) if r.key == "validate").rate == 5_000


def test_a_client_that_used_up_its_core_is_said() -> None:
    """Then the server could have answered more: the rate is a lower bound."""
    full = [replace(t, outcome=replace(t.outcome, client_seconds=0.95)) for t in TURNS]
    assert "≥10,000" in text(report(full))
    assert "≥" not in text(report(TURNS))


def test_the_clients_own_cost_is_taken_where_it_sends_most() -> None:
    """Half a second for 10,000 requests to the raw Worker: 50 µs, so at most 20,000 a second."""
    assert client_cost(TURNS) == pytest.approx(50)


def test_others_are_the_usual_and_the_worst_share() -> None:
    """What else ran on the machine is part of the report."""
    worst = replace(TURNS[0], others=0.7)
    assert others([worst, *TURNS[1:]]) == (0.1, 0.7)


def test_each_aim_says_what_was_found_and_whether_it_was_met() -> None:
    """4 times, 250/s, 0 ms added, 2.5 s."""
    assert [(aim.found, aim.met) for aim in aims(report(TURNS))] == [
        ("4.0 times", True),
        ("250/s", True),
        ("0.0 ms", True),
        ("2.5 s", True),
    ]


def test_a_missed_aim_is_printed_as_missed() -> None:
    """150 reviews a second are not 200."""
    slow = [turn(REVIEW, t.connections, 150, 0.1, 0.5) if t.target is REVIEW else t for t in TURNS]
    assert "150/s  missed" in text(report(slow))


def test_the_document_is_json_and_holds_every_row() -> None:
    """--json says what the table says."""
    found = json.loads(json.dumps(document(report(TURNS))))
    assert [(r["key"], r["connections"]) for r in found["rows"]][:3] == [
        ("raw", 16),
        ("validate", 16),
        ("review", 16),
    ]
    assert found["memory_bytes"] == {"service, idle": 94_000_000}
