"""``python -m evals``: put every case to every subject, several times, and print the scores."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence

from evals.cases import CASES
from evals.report import document, text
from evals.score import Score, score
from evals.subjects import Subject, subjects
from evals.trial import put
from lendgate.bootstrap import rulebook_from
from lendgate.errors import LendgateError
from lendgate.settings import service_settings
from lendgate.workflow.underwrite import Rulebook


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the evals; 0 when nothing failed that no memo may fail, 1 when something did, 2 for settings."""
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="how often each case is put (5)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--simulated", action="store_true", help="leave the configured model out")
    given = parser.parse_args(arguments)
    try:
        settings = service_settings(**({"reviewer": "rules"} if given.simulated else {}))
        rulebook = rulebook_from(settings)
        scores = asyncio.run(_scores(subjects(settings), rulebook, max(given.repeats, 1)))
    except LendgateError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write((json.dumps(document(scores)) if given.json else text(scores)) + "\n")
    return 0 if all(one.holds for one in scores) else 1


async def _scores(asked: Sequence[Subject], rulebook: Rulebook, repeats: int) -> list[Score]:
    found = []
    for subject in asked:
        sys.stderr.write(f"{subject.name}: {len(CASES)} cases, {repeats} times …\n")
        trials = []
        for seed in range(repeats):
            async with subject.at_work(seed) as reviewer:
                trials += [await put(case, reviewer, rulebook, f"{subject.name}/{seed}") for case in CASES]
        found.append(score(subject.name, trials))
    return found


if __name__ == "__main__":
    sys.exit(main())
