"""Measures the triage on the shared real files: ``python -m tests.documents.measure``.

Prints the confusion table of page types, precision and recall of fields against what a person read off the
pages, the reconcile verdicts against ``bank_statement_truth.csv``, and seconds and memory for each page.
Every file goes through the reader process, as in the service.
"""

from __future__ import annotations

import csv
import re
import resource
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from lendgate.documents.case import Case
from lendgate.documents.document import Document
from lendgate.documents.fields import Field
from lendgate.documents.model import Box, Page, Reading, Span
from lendgate.documents.sandbox import Sandbox
from lendgate.documents.triage import Triage, triage
from tests.documents.printed import AS_OF
from tests.documents.shared import DIRECTORY, FIELDS, Truth, labels


@dataclass(slots=True)
class Tally:
    """Counts of one run."""

    types: Counter[tuple[str, str]] = field(default_factory=Counter)
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    seconds: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)


def same(read: object, true: object) -> bool:
    """Whether a value is the true one; of a text block its first line, ends of sentences left aside."""
    if isinstance(read, str) and isinstance(true, str):
        return (
            re.sub(r"[\s.,]", "", read.partition("\n")[0]).casefold()
            == re.sub(r"[\s.,]", "", true).casefold()
        )
    return read == true


def main() -> None:
    """Run over every shared file and print."""
    tally = Tally()
    verdicts: dict[str, str] = {}
    with Sandbox() as sandbox:
        for name in sorted({file for file, _ in labels()}):
            content = (DIRECTORY / name).read_bytes()
            start = time.perf_counter()
            reading = sandbox.read(content)
            assert isinstance(reading, Reading), name
            source = reading.pages[0].source
            tally.seconds[source] += time.perf_counter() - start  # type: ignore[assignment]  # seconds are floats
            tally.pages[source] += len(reading.pages)
            result = triage(reading, Case(AS_OF), look=partial(_look, sandbox, content))
            _count(tally, name, result)
            verdicts[name] = _verdict(result)
    for line in (*_report(tally), *_statements(verdicts)):
        print(line)  # noqa: T201 - what a script is for
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"memory: heaviest reader process {children} MB")  # noqa: T201


def _look(sandbox: Sandbox, content: bytes, page: Page, boxes: Sequence[Box]) -> Sequence[Span]:
    return sandbox.reread(content, page, boxes)


def _count(tally: Tally, name: str, result: Triage) -> None:
    wanted = labels()
    for one in result.documents:
        for kind in one.document.part.pages:
            if (name, kind.page) in wanted:
                tally.types[wanted[name, kind.page], kind.type] += 1
        truth = FIELDS.get((name, one.document.part.first))
        if truth is not None:
            _count_fields(tally, name, one.document, truth)


def _count_fields(tally: Tally, name: str, document: Document, truth: Truth) -> None:
    said: Mapping[str, Field] = document.extract.fields
    for key, value in truth.items():
        if key not in said:
            tally.missed.append(f"{name}: {key}")
        elif same(said[key].value, value):
            tally.right += 1
        else:
            tally.wrong.append(
                f"{name}: {key} = {said[key].value!r} ({said[key].confidence:.2f}), not {value!r}"
            )
    tally.extra.extend(f"{name}: {key} = {said[key].value!r}" for key in said.keys() - truth.keys())


def _verdict(result: Triage) -> str:
    checks = [check for one in result.documents for check in one.checks if check.id == "statement_reconciles"]
    return checks[0].result if checks else ""


def _report(tally: Tally) -> Iterator[str]:
    right = sum(count for (true, found), count in tally.types.items() if true == found)
    yield f"page types: {right} of {tally.types.total()} right"
    yield from (
        f"  {true} taken for {found}: {n}" for (true, found), n in tally.types.items() if true != found
    )
    read = tally.right + len(tally.wrong) + len(tally.extra)
    there = tally.right + len(tally.wrong) + len(tally.missed)
    yield f"fields: {tally.right} right, precision {tally.right / read:.3f}, recall {tally.right / there:.3f}"
    for title, lines in (("wrong", tally.wrong), ("missed", tally.missed), ("not in the truth", tally.extra)):
        yield from (f"  {title}: {line}" for line in lines)
    for source, pages in tally.pages.items():
        yield f"reading ({source}): {pages} pages, {tally.seconds[source] / pages:.2f} s a page"


def _statements(verdicts: Mapping[str, str]) -> Iterator[str]:
    with (DIRECTORY / "bank_statement_truth.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            wanted = "pass" if row["reconciles"] == "true" else "fail"
            yield f"reconciles {row['file']}: {verdicts[row['file']]}, in truth {wanted}"


if __name__ == "__main__":
    main()
