"""The summary of a run on a terminal: outcomes, reasons, and the spread of debt-to-income ratios."""

from __future__ import annotations

from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lendgate.cli.bulk.tally import BARS, Tally
from lendgate.cli.output import printable

COLOURS: Final = {
    "eligible": "green",
    "refer": "yellow",
    "incomplete": "blue",
    "ineligible": "red",
    "refused": "magenta",
}
_WIDTH: Final = 40
_MOST_REASONS: Final = 10


def summary(tally: Tally) -> RenderableType:
    """Everything a tally says, as wide as a terminal is."""
    parts: list[RenderableType] = [_outcomes(tally)]
    if tally.reasons:
        parts += ["", _reasons(tally)]
    if tally.spread:
        parts += ["", _spread(tally)]
    return Group(*parts)


def _table(title: str, name: str, *numbers: str) -> Table:
    table = Table(title=title, box=None, title_justify="left", title_style="bold", pad_edge=False)
    table.add_column(name, overflow="fold")
    for number in numbers:
        table.add_column(number, justify="right")
    table.add_column("", no_wrap=True, overflow="crop")
    return table


def _outcomes(tally: Tally) -> Table:
    table = _table("outcomes", "outcome", "applications", "share")
    most = max(tally.outcomes.values(), default=1)
    for outcome, count in tally.outcomes.most_common():
        share = f"{count / (tally.total or 1):.1%}"
        table.add_row(outcome, f"{count:,}", share, _bar(count, most, COLOURS.get(outcome, "white")))
    return table


def _reasons(tally: Tally) -> Table:
    table = _table("principal reasons", "reason", "applications")
    most = max(tally.reasons.values())
    for reason, count in tally.reasons.most_common(_MOST_REASONS):
        table.add_row(Text(printable(reason)), f"{count:,}", _bar(count, most, "cyan"))
    return table


def _spread(tally: Tally) -> Table:
    table = _table("debt-to-income ratio", "from", "applications")
    counts = [{outcome: tally.in_bar(bar, outcome) for outcome in tally.outcomes} for bar in range(BARS)]
    most = max(sum(each.values()) for each in counts)
    for bar, each in enumerate(counts):
        total = sum(each.values())
        table.add_row(f"{bar * 100 // BARS} %", f"{total:,}", _stack(each, most))
    return table


def _bar(count: int, most: int, colour: str) -> Text:
    return Text("█" * max(round(count / most * _WIDTH), 1), style=colour)


def _stack(counts: dict[str, int], most: int) -> Text:
    """A bar in the colours of its outcomes."""
    stacked, drawn, so_far = Text(), 0, 0
    for outcome in COLOURS:
        so_far += counts.get(outcome, 0)
        upto = round(so_far / most * _WIDTH)
        stacked.append("█" * (upto - drawn), style=COLOURS[outcome])
        drawn = upto
    return stacked
