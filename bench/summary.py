"""From turns to figures: one row a target and number of connections.

Law: pure. A row's figures are medians of its turns; its ratios are medians of each round's own ratio to
the raw Worker in the same round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures import median, microseconds, ratio
from bench.load import was_full
from bench.rounds import Turn
from bench.targets import BASE


@dataclass(frozen=True, slots=True)
class Row:
    """Times in milliseconds, CPU times in microseconds a request; the ratios are to the raw Worker.

    ``at_least``: the client was what ended the rise of requests a second.
    """

    key: str
    name: str
    connections: int
    rate: float
    at_least: bool
    p50: float
    p99: float
    worker: float
    service: float
    postgres: float
    cpu_ratio: float
    rate_ratio: float
    p50_ratio: float

    @property
    def cpu(self) -> float:
        """CPU of all three, microseconds a request."""
        return self.worker + self.service + self.postgres


def rows(turns: Sequence[Turn]) -> list[Row]:
    """In the order in which the targets first came; the raw Worker is among them."""
    groups: dict[tuple[str, int], list[Turn]] = {}
    for turn in turns:
        groups.setdefault((turn.target.key, turn.connections), []).append(turn)
    return [_row(group, groups[BASE, count]) for (_, count), group in groups.items()]


def others(turns: Sequence[Turn]) -> tuple[float, float]:
    """Share of the machine that programs outside the bench took: median, and the most in a turn."""
    shares = [turn.others for turn in turns]
    return median(shares), max(shares)


def client_cost(turns: Sequence[Turn]) -> float:
    """Microseconds of CPU a request costs the client, where it sends most: against the raw Worker.

    A core has a million of them a second, which is the client's ceiling.
    """
    raw = [turn for turn in turns if turn.target.key == BASE]
    most = max(turn.connections for turn in raw)
    return median(
        [
            microseconds(turn.outcome.client_seconds, turn.outcome.said.requests)
            for turn in raw
            if turn.connections == most
        ]
    )


def _row(group: Sequence[Turn], raw: Sequence[Turn]) -> Row:
    target = group[0].target
    service = median(_each(group, "service")) if target.reviews else 0.0
    postgres = median(_each(group, "postgres")) if target.reviews else 0.0
    return Row(
        key=target.key,
        name=target.name,
        connections=group[0].connections,
        rate=median(_rates(group)),
        at_least=any(was_full(turn.outcome) for turn in group),
        p50=median([turn.outcome.said.p50 * 1000 for turn in group]),
        p99=median([turn.outcome.said.p99 * 1000 for turn in group]),
        worker=median(_each(group, "worker")),
        service=service,
        postgres=postgres,
        cpu_ratio=ratio([_cpu(turn) for turn in group], [_cpu(turn) for turn in raw]),
        rate_ratio=ratio(_rates(group), _rates(raw)),
        p50_ratio=ratio([t.outcome.said.p50 for t in group], [t.outcome.said.p50 for t in raw]),
    )


def _rates(group: Sequence[Turn]) -> list[float]:
    return [turn.outcome.said.requests / turn.outcome.said.seconds for turn in group]


def _each(group: Sequence[Turn], part: str) -> list[float]:
    return [microseconds(getattr(turn.spent, part), turn.outcome.said.requests) for turn in group]


def _cpu(turn: Turn) -> float:
    """What a request cost its target. The service and PostgreSQL idle while the gate alone is asked."""
    spent = turn.spent
    taken = spent.worker + (spent.service + spent.postgres if turn.target.reviews else 0.0)
    return microseconds(taken, turn.outcome.said.requests)
