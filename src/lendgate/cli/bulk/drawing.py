"""The summary of a run as one SVG: to be read in any browser, printed, or put into a report.

Law: pure; no script, no font or picture from elsewhere, and every word is escaped. Colours are told apart
by lightness, too, and each bar says its number.
"""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from lendgate.cli.bulk.tally import BARS, Tally

_COLOURS: Final = {
    "eligible": "#2e7d32",
    "refer": "#f9a825",
    "incomplete": "#90caf9",
    "ineligible": "#b71c1c",
    "refused": "#757575",
}
_WIDE: Final = 900
_LABEL: Final = 330
_ROW: Final = 26
_TALL: Final = 220
_MOST_REASONS: Final = 10


def drawing(tally: Tally, title: str) -> str:
    """Outcomes, reasons and the spread of debt-to-income ratios, one below the other."""
    picture = _Picture()
    picture.heading(title, 22)
    picture.heading("Outcomes", 16)
    total = tally.total or 1
    for outcome, count in tally.outcomes.most_common():
        colour = _COLOURS.get(outcome, "#757575")
        picture.bar(outcome, count, total, f"{count:,} ({count / total:.1%})", colour)
    if tally.reasons:
        picture.heading("Principal reasons", 16)
        most = max(tally.reasons.values())
        for reason, count in tally.reasons.most_common(_MOST_REASONS):
            picture.bar(reason, count, most, f"{count:,}", "#455a64")
    if tally.spread:
        picture.heading("Debt-to-income ratio", 16)
        picture.histogram(tally)
    return picture.text()


class _Picture:
    """Shapes from top to bottom; ``at`` is where the next one goes."""

    def __init__(self) -> None:
        self.at = 10
        self.shapes: list[str] = []

    def heading(self, words: str, size: int) -> None:
        self.at += size + 14
        self._words(10, self.at, words, size=size)
        self.at += 10

    def bar(self, name: str, count: int, most: int, told: str, colour: str) -> None:
        width = round((_WIDE - _LABEL - 170) * count / most)
        self._words(_LABEL - 10, self.at + 17, name, anchor="end")
        self._box(_LABEL, self.at + 4, max(width, 1), _ROW - 8, colour)
        self._words(_LABEL + width + 8, self.at + 17, told)
        self.at += _ROW

    def histogram(self, tally: Tally) -> None:
        """Stacked columns in the outcomes' colours, and what each colour is."""
        totals = [sum(tally.in_bar(bar, outcome) for outcome in _COLOURS) for bar in range(BARS)]
        most, width, foot = max([*totals, 1]), (_WIDE - 60) // BARS, self.at + _TALL
        for bar, total in enumerate(totals):
            left, so_far = 30 + bar * width, 0
            for outcome, colour in _COLOURS.items():
                count = tally.in_bar(bar, outcome)
                low, so_far = so_far, so_far + count
                top, bottom = (foot - round((_TALL - 20) * part / most) for part in (so_far, low))
                self._box(left, top, width - 3, bottom - top, colour, f"{outcome}: {count:,}")
            self._words(left, foot + 16, f"{bar * 100 // BARS} %", size=11)
            if total:
                height = round((_TALL - 20) * total / most)
                self._words(left, foot - height - 4, f"{total:,}", size=10)
        self.at = foot + 30
        for number, (outcome, colour) in enumerate(_COLOURS.items()):
            self._box(30 + number * 130, self.at, 14, 14, colour)
            self._words(50 + number * 130, self.at + 12, outcome)
        self.at += 30

    def text(self) -> str:
        tall = self.at + 10
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {tall}" width="{_WIDE}" '
            f'height="{tall}" font-family="sans-serif" role="img"><rect width="100%" height="100%" '
            f'fill="#ffffff"/>{"".join(self.shapes)}</svg>\n'
        )

    def _words(self, x: int, y: int, words: str, *, size: int = 13, anchor: str = "start") -> None:
        self.shapes.append(
            f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="#212121">'
            f"{escape(words)}</text>"
        )

    def _box(self, x: int, y: int, width: int, height: int, colour: str, told: str = "") -> None:
        if height:
            title = f"<title>{escape(told)}</title>" if told else ""
            self.shapes.append(
                f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{colour}">{title}</rect>'
            )
