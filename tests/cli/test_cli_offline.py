"""Commands without a gate: validate, review, policy, token, migrate, doctor; their words and exit codes."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest

from lendgate import __version__
from lendgate.cloudflare.local_keys import load_or_create
from tests.support.command import json_lines, lendgate, said

GOOD = {"applicant_id": "TEST-001", "income": 120000, "employment_years": 6, "debt_to_income": 0.22}
WRONG = {"applicant_id": "W-1", "income": "NaN", "debt_to_income": 31}
PACKS = resources.files("lendgate.policy").joinpath("packs")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    good = tmp_path / "good.json"
    good.write_text(json.dumps(GOOD))
    return good


def test_validate_checks_by_the_same_contract(file: Path) -> None:
    """Without a gate in this process, and says that it did."""
    result = lendgate("validate", str(file), "--json")
    (verdict,) = json_lines(result)
    assert result.exit_code == 0
    assert verdict["application"] == GOOD | {"product": "personal_loan"}
    assert "WORKER_BASE_URL is not set" in said(result)


def test_validate_names_every_wrong_place(tmp_path: Path) -> None:
    """Exit 1; each line of a file has its number."""
    lines = tmp_path / "many.jsonl"
    lines.write_text("\n".join(map(json.dumps, (GOOD, WRONG))))
    result = lendgate("validate", str(lines))
    assert result.exit_code == 1
    assert "✓ 1: TEST-001" in said(result)
    assert "✗ 2: the application is not valid" in said(result)
    assert "/income: must be dollars such as 95000" in said(result)
    assert "/debt_to_income: must be at most 1; looks like a percentage" in said(result)


@pytest.mark.parametrize("field", ["[bold]", "[red]x[/red]", "[@click=x]", "\\[b]"])
def test_what_others_wrote_is_not_markup(field: str, tmp_path: Path) -> None:
    """A field called like a tag is printed, not obeyed."""
    odd = tmp_path / "odd.json"
    odd.write_text(json.dumps(GOOD | {field: 1}))
    pointer = "/" + field.replace("~", "~0").replace("/", "~1")
    for command in ("validate", "review"):
        result = lendgate(command, str(odd))
        assert result.exit_code == 1
        assert f"{pointer}: is not a known field" in said(result)


def test_review_in_this_process_stores_nothing(file: Path, tmp_path: Path) -> None:
    """The memo and the recommendation; no data directory is made."""
    result = lendgate("review", str(file), "--json")
    (review,) = json_lines(result)
    assert result.exit_code == 0
    assert review["recommendation"]["risk"] == "low"
    assert "nothing is stored" in said(result)
    assert [path.name for path in tmp_path.iterdir()] == ["good.json"]


def test_review_of_a_refused_application_says_why() -> None:
    """Exit 1 with the places."""
    result = lendgate("review", "-", given=json.dumps(WRONG))
    assert result.exit_code == 1
    assert "/income: must be dollars" in said(result)


def test_review_of_many_sums_up(tmp_path: Path) -> None:
    """Outcomes with their numbers and shares on standard error, a line a review on standard output."""
    lines = tmp_path / "many.jsonl"
    over = GOOD | {"applicant_id": "OVER", "debt_to_income": 0.62}
    lines.write_text("\n".join(map(json.dumps, (GOOD, over, over, WRONG))))
    result = lendgate("review", str(lines))
    assert result.exit_code == 1
    assert result.stdout.count("ineligible") == 2
    assert "50.0%" in said(result)
    assert "refused" in said(result)


@pytest.mark.parametrize("command", ["validate", "review"])
@pytest.mark.parametrize(
    ("source", "words"), [("nowhere.json", "No such file"), ("a.pdf", "cannot read"), (".", "cannot read")]
)
def test_a_file_that_cannot_be_read_is_exit_1(command: str, source: str, words: str) -> None:
    """One sentence, no trace."""
    result = lendgate(command, source)
    assert result.exit_code == 1
    assert words in said(result)
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("command", ["validate", "review"])
def test_a_gate_without_token_is_exit_4(command: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting is missing, and which."""
    monkeypatch.setenv("WORKER_BASE_URL", "http://127.0.0.1:9")
    result = lendgate(command, str(file))
    assert result.exit_code == 4
    assert "LENDGATE_TOKEN is not set: mint a local one with `lendgate token`" in said(result)


@pytest.mark.parametrize("command", ["validate", "review"])
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:9", 3),
        ("gate.example", 4),
        ("http://[::1", 4),
        ("http://a:b:c/", 4),
        ("http://", 4),
    ],
)
def test_a_gate_that_cannot_be_reached_is_no_trace(
    command: str, url: str, code: int, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 3 for one that is away, 4 for an address that is none; a sentence in any case."""
    monkeypatch.setenv("WORKER_BASE_URL", url)
    monkeypatch.setenv("LENDGATE_TOKEN", "t")
    result = lendgate(command, str(file))
    assert result.exit_code == code
    assert said(result).startswith("✗ ")


def test_usage_errors_are_exit_2() -> None:
    """As with every program."""
    assert lendgate("review").exit_code == 2
    assert lendgate("review", "-", "--again", "6f1d3c9a-3f4e-4b8e-9a55-0d2b8f3c1a10").exit_code == 2
    assert lendgate("review", "--again", "7").exit_code == 2
    assert lendgate("nonsense").exit_code == 2
    assert lendgate("review", "-", "--wait", "soon").exit_code == 2


def test_policy_show_prints_the_packs_in_force() -> None:
    """Their version, hashes and rules; as JSON for programs."""
    text, document = lendgate("policy", "show"), json_lines(lendgate("policy", "show", "--json"))
    assert text.exit_code == 0
    assert "debt_to_income" in text.stdout
    assert {pack["product"] for pack in document[0]["packs"]} == {"personal_loan", "mortgage"}
    assert document[0]["policy_version"] in " ".join(text.stdout.split())


def test_policy_show_cuts_no_name_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is broken in two can be neither searched for nor copied."""
    monkeypatch.setenv("COLUMNS", "60")
    words = set(lendgate("policy", "show").stdout.split())
    assert {"limit_max_stated_ratio_difference", "current_delinquencies:"} <= words


def test_policy_check_says_yes_and_no(tmp_path: Path) -> None:
    """Exit 0 for a pack that may be used; exit 4 with the rule and the mend for one that must not."""
    pack = PACKS.joinpath("personal_loan.yaml").read_text()
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(pack)
    bad.write_text(pack.replace("require: back_end_dti <=", "require: back_end_dtl <=", 1))
    assert lendgate("policy", "check", str(good)).exit_code == 0
    result = lendgate("policy", "check", str(good), str(bad))
    assert result.exit_code == 4
    assert "bad.yaml: rule 'debt_to_income'" in said(result)
    assert "back_end_dtl" in said(result)


def test_policy_check_of_a_file_that_is_not_there_is_no_trace(tmp_path: Path) -> None:
    """One sentence."""
    result = lendgate("policy", "check", str(tmp_path / "nowhere.yaml"))
    assert result.exit_code == 2
    assert "does not exist" in said(result)


def test_policy_show_of_a_directory_without_packs_is_exit_4(tmp_path: Path) -> None:
    """The same sentence with which the service refuses to start."""
    result = lendgate("policy", "show", "--dir", str(tmp_path))
    assert result.exit_code == 4
    assert "has no pack for" in said(result)


def test_a_token_is_minted_with_what_was_asked_for(tmp_path: Path) -> None:
    """The keys are made on first use; a second token comes from the same key."""
    place = ("--data-dir", str(tmp_path / "data"))
    (first,) = json_lines(lendgate("token", *place, "--broker", "b-1", "--hours", "1", "--json"))
    kept = load_or_create(tmp_path / "data").token_key.thumbprint()
    second = lendgate("token", *place)
    assert (first["broker_id"], first["expires_in"]) == ("b-1", 3600)
    assert second.stdout.count(".") == 2
    assert load_or_create(tmp_path / "data").token_key.thumbprint() == kept


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--hours", "25", "at most 24 hours"),
        ("--hours", "0", "at least one second"),
        ("--scope", "admin", "there is no scope admin"),
        ("--broker", "a/b", "broker_id"),
    ],
)
def test_a_token_that_no_gate_would_take_is_not_minted(
    option: str, value: str, words: str, tmp_path: Path
) -> None:
    """Exit 4 with the bound."""
    result = lendgate("token", "--data-dir", str(tmp_path), option, value)
    assert (result.exit_code, result.stdout) == (4, "")
    assert words in said(result)


def test_migrate_needs_the_owners_url() -> None:
    """The variable is named."""
    result = lendgate("migrate")
    assert result.exit_code == 4
    assert "LENDGATE_DATABASE_OWNER_URL is not set" in said(result)


def test_a_bad_setting_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 4 wherever settings are read."""
    monkeypatch.setenv("LENDGATE_TIMEOUT_SECONDS", "soon")
    result = lendgate("review", str(file))
    assert result.exit_code == 4
    assert "LENDGATE_TIMEOUT_SECONDS" in said(result)


def test_doctor_without_a_gate_is_a_warning() -> None:
    """A laptop with nothing started is not ill."""
    result = lendgate("doctor", "--json")
    found = {each["what"]: each for each in json_lines(result)}
    assert result.exit_code == 0
    assert found["gate"]["state"] == "warning"
    assert "lendgate serve" in found["gate"]["detail"]
    assert found["policy"]["state"] == "ok"


def test_doctor_finds_typing_errors_and_gates_that_are_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown variable is named; an unreachable gate is exit 1."""
    monkeypatch.setenv("LENDGATE_TOKN", "t")
    monkeypatch.setenv("LENDGATE_TOKEN", "t")
    monkeypatch.setenv("WORKER_BASE_URL", "http://127.0.0.1:9")
    result = lendgate("doctor")
    assert result.exit_code == 1
    assert "LENDGATE_TOKN is set and nothing reads it" in said(result)
    assert "cannot be reached" in said(result)


@pytest.mark.parametrize("url", ["gate.example", "http://[::1"])
def test_doctor_survives_an_address_that_is_none(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the first thing people get wrong."""
    monkeypatch.setenv("LENDGATE_TOKEN", "t")
    monkeypatch.setenv("WORKER_BASE_URL", url)
    result = lendgate("doctor")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("command", [[], ["--help"], ["audit", "--help"], ["policy", "--help"]])
def test_help_is_there(command: list[str]) -> None:
    """Each group names its commands."""
    assert "Usage" in lendgate(*command).output


def test_the_package_knows_its_version() -> None:
    """A dotted number."""
    assert all(part.isdigit() for part in __version__.split("."))
