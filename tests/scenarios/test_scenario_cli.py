"""The command line against a running platform: what people type, what it prints, how it ends."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from tests.scenarios.conftest import Mint
from tests.support.command import json_lines, lendgate, said
from tests.support.edge_hand import JSON
from tests.support.served import Served, data_directory, run, speaking_to

pytestmark = pytest.mark.live
GOOD = {"applicant_id": "TEST-001", "income": 120000, "employment_years": 6, "debt_to_income": 0.22}
OVER = {"applicant_id": "OVER-1", "income": 120000, "debt_to_income": 0.62}
WRONG = {"applicant_id": "W-1", "income": "NaN", "debt_to_income": 0.31}


@pytest.fixture(autouse=True)
def _environment(platform: Served, mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `lendgate serve` tells people to export."""
    monkeypatch.setenv("WORKER_BASE_URL", platform.worker)
    monkeypatch.setenv("LENDGATE_TOKEN", mint())


@pytest.fixture
def good(tmp_path: Path) -> str:
    file = tmp_path / "good.json"
    file.write_text(json.dumps(GOOD, indent=2))
    return str(file)


def test_validate_says_yes(good: str) -> None:
    """Exit 0; with --json the gate's answer."""
    result = lendgate("validate", good, "--json")
    assert result.exit_code == 0
    (answer,) = json_lines(result)
    assert answer["ok"] is True
    assert answer["metadata"]["tenant"] == "local"


def test_validate_says_no_with_the_place(tmp_path: Path) -> None:
    """Exit 1; the pointer and the sentence on standard error."""
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(WRONG))
    result = lendgate("validate", str(file))
    assert result.exit_code == 1
    assert "/income: must be dollars such as 95000 or 95000.50" in said(result)
    assert result.stdout == ""


def test_one_review_prints_three_paragraphs(good: str) -> None:
    """The outcome, then the memo as people read it."""
    result = lendgate("review", good)
    assert result.exit_code == 0
    assert "TEST-001: refer" in result.stdout
    assert "Primary checks passed: Income," in result.stdout
    assert "Recommended next step: Manual review of the documents" in " ".join(result.stdout.split())


def test_one_review_as_json(good: str) -> None:
    """The whole review on one line of standard output, and nothing else there."""
    (review,) = json_lines(lendgate("review", good, "--json"))
    assert (review["status"], review["recommendation"]["risk"]) == ("completed", "low")


def test_review_reads_standard_input() -> None:
    """``-`` is one application, or lines of them."""
    (review,) = json_lines(lendgate("review", "-", "--json", given=json.dumps(GOOD)))
    assert review["applicant_id"] == "TEST-001"


def test_many_reviews_of_a_jsonl_file(tmp_path: Path) -> None:
    """A result a line with its line number; a refused one does not end the run; exit 1 tells of it."""
    file = tmp_path / "many.jsonl"
    file.write_text("\n".join(json.dumps(each) for each in (GOOD, WRONG, OVER)) + "\n")
    result = lendgate("review", str(file), "--json")
    answers = json_lines(result)
    assert result.exit_code == 1
    assert [answer["line"] for answer in answers] == [1, 2, 3]
    assert [answer.get("ok", True) for answer in answers] == [True, False, True]
    assert answers[2]["recommendation"]["outcome"] == "ineligible"
    assert "refused" in said(result)


def test_many_reviews_of_a_csv_file(tmp_path: Path) -> None:
    """Cells become what the contract wants; an empty cell was left out; columns reach into objects."""
    file = tmp_path / "many.csv"
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["applicant_id", "income", "debt_to_income", "employment_years", "credit.score"])
        writer.writerow(["101", "120000", "0.22", "6", "752"])
        writer.writerow(["102", "95000.50", "0.62", "", ""])
    result = lendgate("review", str(file))
    assert result.exit_code == 0
    assert "102  Excessive obligations in relation to income" in result.stdout
    assert "50.0%" in said(result)


def test_a_broker_without_quota_waits_for_it(mint: Mint, good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long file is not refused from its 121st line on: the command comes back when the gate says."""
    token = mint()
    monkeypatch.setenv("LENDGATE_TOKEN", token)
    with speaking_to(os.environ["WORKER_BASE_URL"], token) as client:
        while client.post("/lending-review", content=b"{}", headers=JSON).status_code != 429:
            continue
    result = lendgate("review", good, "--json")
    assert (result.exit_code, json_lines(result)[0]["status"]) == (0, "completed")


def test_wait_zero_says_where_the_review_will_be(good: str) -> None:
    """202 is no failure."""
    result = lendgate("review", good, "--wait", "0")
    assert result.exit_code == 0
    assert "accepted; the result will be at review" in result.stdout


def test_a_minted_token_opens_this_gate(platform: Served, good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`lendgate token` with the platform's data directory."""
    minted = lendgate("token", "--data-dir", str(platform.data_dir), "--broker", "b-cli", "--json")
    monkeypatch.setenv("LENDGATE_TOKEN", json_lines(minted)[0]["token"])
    assert json_lines(lendgate("validate", good, "--json"))[0]["metadata"]["broker_id"] == "b-cli"


def test_a_token_without_scope_is_refused_with_exit_1(
    mint: Mint, good: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate's sentence reaches the terminal."""
    monkeypatch.setenv("LENDGATE_TOKEN", mint("review:read"))
    result = lendgate("review", good)
    assert result.exit_code == 1
    assert "The access token lacks the scope review:write." in said(result)


def test_doctor_finds_a_healthy_platform_healthy() -> None:
    """Settings, policy, bundle, workerd, gate, clock, service, signature, payload: all well."""
    result = lendgate("doctor", "--json")
    found = {each["what"]: each["state"] for each in json_lines(result)}
    assert result.exit_code == 0
    assert set(found.values()) == {"ok"}
    assert {"settings", "policy", "workerd", "gate", "clock", "service", "signature", "payload"} <= set(found)


def test_doctor_names_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forged token: exit 1, and the gate's own words."""
    monkeypatch.setenv("LENDGATE_TOKEN", "not-a-token")
    result = lendgate("doctor")
    assert result.exit_code == 1
    assert "it is not a signed JWT" in said(result)


def test_a_gate_that_is_away_is_exit_3(good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not reachable is not refused."""
    monkeypatch.setenv("WORKER_BASE_URL", "http://127.0.0.1:9")
    result = lendgate("review", good)
    assert result.exit_code == 3
    assert "is it running" in said(result)


def test_a_tampered_export_is_exit_1_and_names_the_row(platform: Served, tmp_path: Path) -> None:
    """One changed letter in one event of a real export."""
    trail = tmp_path / "trail.jsonl"
    place = ("--data-dir", str(platform.data_dir))
    lendgate("review", "-", given=json.dumps(OVER))
    assert lendgate("audit", "export", "--to", str(trail), *place).exit_code == 0
    assert lendgate("audit", "verify", str(trail), *place).exit_code == 0
    rows = trail.read_bytes().splitlines(keepends=True)
    rows[2] = rows[2].replace(b"broker", b"br0ker").replace(b"system", b"syst3m")
    trail.write_bytes(b"".join(rows))
    result = lendgate("audit", "verify", str(trail), *place)
    assert result.exit_code == 1
    assert "line 3, row 2: its MAC does not fit its content" in said(result)


def test_another_tenants_trail_is_another_trail(platform: Served, tmp_path: Path) -> None:
    """An export is of one tenant, and says so when it is checked as another's."""
    trail = tmp_path / "trail.jsonl"
    place = ("--data-dir", str(platform.data_dir))
    lendgate("audit", "export", "--tenant", "nobody-yet", "--to", str(trail), *place)
    assert lendgate("audit", "verify", str(trail), "--tenant", "nobody-yet", *place).exit_code == 0
    assert lendgate("audit", "verify", str(trail), *place).exit_code == 1


def test_the_demo_shows_every_kind_of_answer() -> None:
    """Applications, a conversation, a document and a question; the audit trail verified, exit 0."""
    with data_directory() as directory:
        result = run("demo", "--json", "--data-dir", str(directory))
    cases = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 0, result.stderr
    assert len(cases) >= 6
    answers = {case["case"]: case["answer"] for case in cases}
    assert {case["status"] for case in cases if "status" in case} == {200, 401, 422}
    assert all(case["milliseconds"] > 0 for case in cases)
    assert answers["a conversation"]["status"] == "completed"
    assert answers["a pay stub"]["triage"]["route"] == "accept"
    assert "Excessive obligations in relation to income" in answers["a question"]["answer"]
    assert "is whole" in result.stderr
    assert str(directory / "postgres") in result.stderr
