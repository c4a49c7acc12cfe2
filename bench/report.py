"""The report: a table for people, the same figures as JSON, and whether the aims were met.

Law: pure. An aim that was missed is printed as missed; the bench does not fail for it, since a busy
machine is no defect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from bench.summary import Row
from bench.targets import BASE

_HEAD: Final = (
    f"{'':34} {'conn.':>5} {'req/s':>8} {'p50 ms':>8} {'p99 ms':>8}"
    f" {'Worker':>8} {'service':>8} {'postgres':>8}   {'CPU':>6} {'req/s':>8} {'p50':>7}"
)
_PADDING: Final = 44


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one run found; seconds, bytes and microseconds as the names say."""

    machine: str
    client: str
    placing: str
    took: str
    load: str
    rows: Sequence[Row]
    start_seconds: dict[str, float]
    memory_bytes: dict[str, int]
    step_microseconds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Aim:
    """One figure that was aimed at, and what it came to."""

    words: str
    found: str
    met: bool


def aims(report: Report) -> list[Aim]:
    """The aims of the project, against this run."""
    most = max(row.connections for row in report.rows)
    at = {(row.key, row.connections): row for row in report.rows}
    validate, review, alone = at["validate", most], at["review", most], at["review", 1]
    added = alone.p50 - at[BASE, 1].p50
    start = report.start_seconds["platform, first start"]
    return [
        Aim(
            "/validate at most 6 times the CPU of raw hello world",
            f"{validate.cpu_ratio:.1f} times",
            validate.cpu_ratio <= 6,
        ),
        Aim("at least 200 full reviews a second", f"{review.rate:.0f}/s", review.rate >= 200),
        Aim("less than 20 ms added at one caller (p50)", f"{added:.1f} ms", added < 20),
        Aim("platform ready in less than 8 s, first start", f"{start:.1f} s", start < 8),
    ]


def text(report: Report) -> str:
    """The report for people."""
    return "\n".join(
        [
            *_facts(report),
            "",
            f"{'':65} CPU µs a request{'':12} ratio to raw",
            _HEAD,
            *(_line(row) for row in report.rows),
            "",
            *_section("seconds", report.start_seconds, "{:.2f}"),
            *_section("MB held (PSS)", {k: v / 1e6 for k, v in report.memory_bytes.items()}, "{:.0f}"),
            *_section("µs a call, in one process", report.step_microseconds, "{:.0f}"),
            "aims",
            *(f"  {aim.words:<{_PADDING + 6}} {aim.found:>9}  {_verdict(aim)}" for aim in aims(report)),
        ]
    )


def document(report: Report) -> dict[str, object]:
    """The report as a JSON object."""
    return {**asdict(report), "aims": [asdict(aim) for aim in aims(report)]}


def _facts(report: Report) -> list[str]:
    found = {
        "machine": report.machine,
        "client": report.client,
        "placing": report.placing,
        "taken": report.took,
        "load": report.load,
    }
    return [f"{name:<9} {words}" for name, words in found.items()]


def _line(row: Row) -> str:
    rate = f"{'≥' if row.at_least else ''}{row.rate:,.0f}"
    parts = [f"{part:,.0f}" if part else "-" for part in (row.worker, row.service, row.postgres)]
    return (
        f"{row.name:<34} {row.connections:>5} {rate:>8} {row.p50:>8.2f} {row.p99:>8.2f}"
        f" {parts[0]:>8} {parts[1]:>8} {parts[2]:>8}"
        f"   {row.cpu_ratio:>6.1f} {row.rate_ratio:>8.3f} {row.p50_ratio:>7.1f}"
    )


def _section(title: str, figures: dict[str, float], form: str) -> list[str]:
    return [title, *(f"  {name:<{_PADDING}} {form.format(value):>9}" for name, value in figures.items()), ""]


def _verdict(aim: Aim) -> str:
    return "met" if aim.met else "missed"
