"""A memo as a snapshot file holds it. ``python -m tests.analysis.snapshot`` writes all of them anew: read
the difference aloud before keeping it.
"""

from __future__ import annotations

from pathlib import Path

from lendgate.analysis.prose import write
from lendgate.schema import CreditMemo
from tests.analysis.cases import CASES

DIRECTORY = Path(__file__).parent / "snapshots"


def rendered(memo: CreditMemo) -> str:
    """The three paragraphs, then every concern with the facts it rests on."""
    concerns = [f"* {concern.text} [{', '.join(concern.facts)}]" for concern in memo.concerns]
    return "\n".join((memo.text, "", *concerns)).rstrip() + "\n"


def renew() -> None:
    """Write every snapshot."""
    DIRECTORY.mkdir(exist_ok=True)
    for name, case in CASES.items():
        (DIRECTORY / f"{name}.txt").write_text(rendered(write(case)))


if __name__ == "__main__":
    renew()
