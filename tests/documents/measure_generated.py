"""Scores extraction by field on generated documents.

``python -m tests.documents.measure_generated [--scans]`` prints, for each field, how many of its values were
read exactly, wrongly and not at all: from text layers, or from noisy pictures, turned by a little or by a
quarter, by OCR.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator

from lendgate.documents.document import Document
from lendgate.documents.limits import Limits
from lendgate.documents.model import Reading
from lendgate.documents.read import read
from lendgate.documents.triage import read_documents
from tests.documents.measure import same
from tests.documents.printed import Printed
from tests.documents.reading import document, recognizer
from tests.documents.sheet import picture_of, png_of
from tests.documents.test_extract_accuracy import MAKERS

_SEEDS = range(20)
_SCANNED_SEEDS = range(2)
_TURNS = (0.0, 1.5, -1.2, 90.0)


def main() -> None:
    """Run over every maker and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.documents.measure_generated", description=__doc__)
    parser.add_argument("--scans", action="store_true", help="noisy, turned pictures, read by OCR")
    scans = parser.parse_args().scans
    tally: Counter[tuple[str, str, str]] = Counter()
    for name, _, make in MAKERS:
        for seed in _SCANNED_SEEDS if scans else _SEEDS:
            made = make(seed)
            _count(tally, name, made, _scanned(made, seed) if scans else document(made))
    for line in _lines(tally):
        print(line)  # noqa: T201 - what a script is for


def _scanned(made: Printed, seed: int) -> Document:
    rng = random.Random(seed)
    picture = picture_of(made.sheet, side=2200, turn=rng.choice(_TURNS), noise=30, seed=seed)
    reading = read(png_of(picture), recognizer(), Limits())
    assert isinstance(reading, Reading)
    return read_documents(reading)[0]


def _count(tally: Counter[tuple[str, str, str]], name: str, made: Printed, found: Document) -> None:
    for field, value in made.truth.items():
        said = found.extract.fields.get(field)
        result = "missed" if said is None else "right" if same(said.value, value) else "wrong"
        tally[name, field, result] += 1


def _lines(tally: Counter[tuple[str, str, str]]) -> Iterator[str]:
    yield f"{'document':14} {'field':26} {'right':>6} {'wrong':>6} {'missed':>6}"
    for name, field in dict.fromkeys((name, field) for name, field, _ in tally):
        counts = [tally[name, field, result] for result in ("right", "wrong", "missed")]
        yield f"{name:14} {field:26} " + " ".join(f"{count:6}" for count in counts)
    total = Counter[str]()
    for (_, _, result), count in tally.items():
        total[result] += count
    yield f"all fields: {total['right']} right, {total['wrong']} wrong, {total['missed']} missed"


if __name__ == "__main__":
    main()
