"""A notice as a snapshot file holds it. ``python -m tests.decision.snapshot`` writes all of them anew: read
the difference aloud before keeping it.
"""

from __future__ import annotations

from pathlib import Path

from tests.decision.cases import NOTICES, letter

DIRECTORY = Path(__file__).parent / "snapshots"


def renew() -> None:
    """Write every snapshot."""
    DIRECTORY.mkdir(exist_ok=True)
    for name, case in NOTICES.items():
        (DIRECTORY / f"{name}.txt").write_text(letter(*case).text + "\n")


if __name__ == "__main__":
    renew()
