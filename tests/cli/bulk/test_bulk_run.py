"""Whole portfolios: the same results however they are cut, killed, gone on with or shared out."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest
from pyarrow import parquet

from bench.processes import family
from lendgate.cli.applications import open_rows
from lendgate.cli.bulk.journal import journal_of
from lendgate.cli.bulk.parallel import chunks, in_order
from lendgate.cli.bulk.roads import Road
from lendgate.client import LendgateClient
from tests.support.command import json_lines, lendgate, said
from tests.support.waiting import until

HEADER = "applicant_id,income,debt_to_income,employment_years,credit.score"
PROGRAM = (sys.executable, "-c", "from lendgate.cli import main; main()")


def row(number: int) -> str:
    if number % 50 == 7:
        return f"A{number},-5,0.3,2,"
    return f"A{number},{12_000 + number * 37},{(number * 7 % 90) / 100},{number % 20},{560 + number % 280}"


def portfolio(directory: Path, rows: int) -> Path:
    file = directory / "portfolio.csv"
    file.write_text("\n".join([HEADER, *map(row, range(rows))]))
    return file


def results(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_bytes().splitlines()]


def standing(out: Path) -> dict[str, Any]:
    """What the journal says."""
    found: dict[str, Any] = json.loads(journal_of(out).read_text())
    return found


def test_a_back_test_comes_to_what_reviews_come_to(tmp_path: Path) -> None:
    """Policy alone and the whole review in this process recommend the same, byte for byte."""
    file = portfolio(tmp_path, 60)
    judged = json_lines(lendgate("review", str(file), "--policy-only", "--processes", "1", "--json"))
    reviewed = json_lines(lendgate("review", str(file), "--json"))
    assert len(judged) == len(reviewed) == 60
    for one, other in zip(judged, reviewed, strict=True):
        assert one.get("recommendation") == other.get("recommendation")
        assert (one["line"], one.get("ok")) == (other["line"], other.get("ok"))


def test_several_processes_write_what_one_writes(tmp_path: Path) -> None:
    """The same bytes in the same order, chunk by chunk."""
    file = portfolio(tmp_path, 1_700)
    for processes in (1, 2):
        out = str(tmp_path / f"{processes}.jsonl")
        asked = ("review", str(file), "--policy-only", "--processes", str(processes), "--out", out)
        assert lendgate(*asked).exit_code == 1  # some are refused
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "2.jsonl").read_bytes()
    assert [each["line"] for each in results(tmp_path / "1.jsonl")] == list(range(1, 1_701))


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """After kill -9 the output is cut to what is certain, and ends as if nothing had happened."""
    file, out = portfolio(tmp_path, 8_000), tmp_path / "out.jsonl"
    asked = ("review", str(file), "--policy-only", "--processes", "1", "--out")
    with subprocess.Popen([*PROGRAM, *asked, str(out)], stderr=subprocess.DEVNULL) as running:
        begun = until(lambda: bool(journal_of(out).exists() and standing(out)["rows"]), seconds=60)
        asyncio.run(begun)
        running.send_signal(signal.SIGKILL)
    stood = standing(out)
    assert 0 < stood["rows"] < 8_000
    assert not stood["done"]
    with out.open("ab") as torn:
        torn.write(b'{"line": 7')
    lendgate(*asked, str(out), "--resume")
    assert lendgate(*asked, str(tmp_path / "whole.jsonl")).exit_code == 1
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert standing(out)["tally"] == standing(tmp_path / "whole.jsonl")["tally"]


def test_a_killed_run_leaves_no_process_behind(tmp_path: Path) -> None:
    """Its workers hear of it: nothing waits for the next chunk for ever."""
    file, out = portfolio(tmp_path, 20_000), tmp_path / "out.jsonl"
    asked = ("review", str(file), "--policy-only", "--processes", "2", "--out", str(out))
    with subprocess.Popen([*PROGRAM, *asked], stderr=subprocess.DEVNULL) as running:
        asyncio.run(until(lambda: bool(journal_of(out).exists() and standing(out)["rows"]), seconds=100))
        left = [pid for pid in family(running.pid) if pid != running.pid]
        running.send_signal(signal.SIGKILL)
    assert len(left) >= 2
    asyncio.run(until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left), seconds=30))


def test_a_finished_run_goes_on_with_nothing(tmp_path: Path) -> None:
    """Nothing is written twice; its summary is told again."""
    file, out = portfolio(tmp_path, 30), tmp_path / "out.jsonl"
    asked = ("review", str(file), "--policy-only", "--processes", "1", "--out", str(out))
    lendgate(*asked)
    before = out.read_bytes()
    assert "outcomes" in said(lendgate(*asked, "--resume"))
    assert out.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("again", "add --resume to go on"),
        ("input", "the input is another one"),
        ("how", "it was done another way"),
        ("shorter", "shorter than its journal says"),
        ("foreign", "was not written by a run that can go on"),
        ("journal", "is not the journal of a run"),
    ],
)
def test_another_run_is_not_gone_on_with(tmp_path: Path, change: str, words: str) -> None:
    """No output is overwritten, and no two policies, inputs or roads end in one file."""
    file, out = portfolio(tmp_path, 30), tmp_path / "out.jsonl"
    asked = ["review", str(file), "--policy-only", "--processes", "1", "--out", str(out)]
    lendgate(*asked)
    again = [*asked, "--resume"]
    match change:
        case "again":
            again.remove("--resume")
        case "input":
            portfolio(tmp_path, 31)
        case "how":
            again.remove("--policy-only")
        case "shorter":
            out.write_bytes(out.read_bytes()[:-5])
        case "foreign":
            journal_of(out).unlink()
        case "journal":
            journal_of(out).write_text("{}")
    result = lendgate(*again)
    assert result.exit_code == 1
    assert words in said(result)


def test_a_change_of_policy_ends_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a portfolio by one policy and half by another is a back-test of neither."""
    file, out = portfolio(tmp_path, 30), tmp_path / "out.jsonl"
    asked = ("review", str(file), "--policy-only", "--processes", "1", "--out", str(out))
    lendgate(*asked)
    monkeypatch.setattr(Road, "policy", "another")
    assert "the policy has changed" in said(lendgate(*asked, "--resume"))


def test_resume_without_a_file_is_exit_2(tmp_path: Path) -> None:
    """There is nothing to go on with."""
    assert lendgate("review", str(portfolio(tmp_path, 3)), "--resume").exit_code == 2


def test_the_summary_has_a_picture(tmp_path: Path) -> None:
    """On the terminal, and drawn where it is asked for."""
    svg = tmp_path / "summary.svg"
    asked = ("review", str(portfolio(tmp_path, 60)), "--policy-only", "--processes", "1")
    result = lendgate(*asked, "--svg", str(svg))
    assert "debt-to-income ratio" in said(result)
    assert "principal reasons" in said(result)
    assert "█" in result.stderr
    assert svg.read_text().startswith("<svg ")


def test_at_the_gate_each_line_has_a_key_of_its_own(tmp_path: Path) -> None:
    """The same one when the run goes on, so what was sent before the kill is the same review."""
    sent: list[str] = []
    problem = {"type": "about:blank", "title": "No", "status": 422, "detail": "no", "reason": "no"}

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["idempotency-key"])
        headers = {"content-type": "application/problem+json"}
        return httpx.Response(422, json=problem | {"ok": False, "request_id": "r"}, headers=headers)

    with LendgateClient("http://gate", "t", transport=httpx.MockTransport(answer)) as gate:
        for skip in (0, 1):
            with (
                open_rows(str(portfolio(tmp_path, 3))) as opened,
                Road("gate", gate, 1).parts(opened, run="run-1", skip=skip) as parts,
            ):
                lines = [json.loads(part.lines)["line"] for part in parts]
            assert lines == [1, 2, 3][skip:]
    assert sorted(sent) == ["run-1-1", "run-1-2", "run-1-2", "run-1-3", "run-1-3"]


def test_parquet_is_read_like_the_same_rows_of_csv(tmp_path: Path) -> None:
    """Decimals, whole numbers, text, structs and columns with dots; null is a field left out."""
    table = pa.table(
        {
            "applicant_id": ["A1", "A2"],
            "income": pa.array([Decimal("95000.50"), Decimal(120000)], pa.decimal128(12, 2)),
            "debt_to_income": [0.31, 0.62],
            "employment_years": pa.array([6, None], pa.int32()),
            "credit": [{"score": 752}, None],
            "property.value": [None, 300000],
        }
    )
    file = tmp_path / "portfolio.parquet"
    parquet.write_table(table, file)
    with open_rows(str(file)) as opened:
        bodies = [opened.body(each) for each in opened.rows]
        assert opened.share() == 1
    assert bodies == [
        {
            "applicant_id": "A1",
            "income": 95000.5,
            "debt_to_income": 0.31,
            "employment_years": 6,
            "credit": {"score": 752},
        },
        {"applicant_id": "A2", "income": 120000, "debt_to_income": 0.62, "property": {"value": 300000}},
    ]


def test_what_is_no_parquet_says_so(tmp_path: Path) -> None:
    """A sentence, exit 1."""
    file = tmp_path / "portfolio.parquet"
    file.write_bytes(b"PAR1 and nothing else")
    result = lendgate("review", str(file), "--policy-only")
    assert result.exit_code == 1
    assert "not a Parquet file" in said(result)


def test_parquet_without_its_library_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an extra: exit 4 and the words to type."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "portfolio.parquet").write_bytes(b"PAR1")
    result = lendgate("review", str(tmp_path / "portfolio.parquet"), "--policy-only")
    assert result.exit_code == 4
    assert "pip install 'lendgate[parquet]'" in said(result)


def test_many_at_a_time_stay_in_order_and_few_are_taken_ahead() -> None:
    """Whoever consumes slowly makes the source wait: memory stays constant."""
    taken: list[int] = []

    def source() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    with ThreadPoolExecutor(1) as pool:
        made = in_order(pool, lambda number: number * 2, source(), 5)
        first = [next(made) for _ in range(10)]
        assert len(taken) <= 15
        assert first + list(made) == [number * 2 for number in range(100)]
    assert list(chunks(range(5), 2)) == [[0, 1], [2, 3], [4]]
