"""Hostile and careless input at the command line: it is told apart, and never steers the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lendgate.cli import app
from lendgate.cli.applications import read_applications
from lendgate.cli.columns import UnreadableFileError
from lendgate.cli.output import printable
from lendgate.client import LendgateClient
from lendgate.errors import SettingsError

RUN = CliRunner()
GOOD = '{"applicant_id":"A1","income":95000,"debt_to_income":0.31}'


@pytest.fixture(autouse=True)
def _no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything here is judged in this process."""
    monkeypatch.delenv("WORKER_BASE_URL", raising=False)


@pytest.mark.parametrize("steering", ["\x1b[31m", "\x9b31m", "\u202e", "\x07", "\r"])
def test_nothing_that_was_sent_steers_the_terminal(steering: str, tmp_path: Path) -> None:
    """Escape sequences and reversed reading are written out, on both outputs."""
    file = tmp_path / "a.json"
    file.write_text(json.dumps({**json.loads(GOOD), f"x{steering}y": 1}))
    for command in (["validate"], ["review"], ["validate", "--json"]):
        result = RUN.invoke(app, [*command, str(file)])
        assert steering not in result.output.replace("\r\n", "\n")
        assert json.dumps(steering)[1:-1] in result.output


def test_printable_leaves_words_alone() -> None:
    """Accents, signs and line ends are words too."""
    assert printable("résumé ± 5 %\n日本") == "résumé ± 5 %\n日本"


def test_members_of_a_list_keep_their_bytes(tmp_path: Path) -> None:
    """A duplicate inside a list is still there for the gate to refuse."""
    file = tmp_path / "a.json"
    file.write_text(f'[ {GOOD} , {{"income":1,"income":900000}}\n]')
    assert list(read_applications(str(file))) == [GOOD.encode(), b'{"income":1,"income":900000}']


@pytest.mark.parametrize("text", ["[", "[1,", "[1 2]", "[" * 100_000, "[1],"])
def test_what_is_no_list_is_handed_on_whole(text: str, tmp_path: Path) -> None:
    """The gate says what is wrong with it."""
    file = tmp_path / "a.json"
    file.write_text(text)
    assert list(read_applications(str(file))) == [text.encode()]


@pytest.mark.parametrize("header", ["income,income", "applicant_id,,income", "income, income "])
def test_a_csv_header_names_each_column_once(header: str, tmp_path: Path) -> None:
    """Which of two would count is not for a reader to choose."""
    file = tmp_path / "a.csv"
    file.write_text(f"{header}\n1,2,3\n")
    with pytest.raises(UnreadableFileError, match="a name of its own"):
        list(read_applications(str(file)))


def test_a_bad_row_does_not_hide_the_review_before_it(tmp_path: Path) -> None:
    """What was reviewed is shown, then what could not be read."""
    file = tmp_path / "a.csv"
    file.write_text("applicant_id,income,debt_to_income\nA1,95000,0.31\nA2,1,0.1,9\n")
    result = RUN.invoke(app, ["review", str(file)])
    assert result.exit_code == 1
    assert "A1" in result.output
    assert "more cells than the header" in result.output


def test_one_review_names_its_principal_reasons(tmp_path: Path) -> None:
    """An over-leveraged application says why in the words of the form."""
    file = tmp_path / "a.json"
    file.write_text('{"applicant_id":"A1","income":120000,"debt_to_income":0.62}')
    assert "Excessive obligations in relation to income" in RUN.invoke(app, ["review", str(file)]).output


@pytest.mark.parametrize("token", ["", " ", "é", "a b", "a\r\nb"])
def test_a_token_that_cannot_be_one_is_named(token: str) -> None:
    """It is not taken for a gate that is away."""
    with pytest.raises(SettingsError, match="the token is empty or holds"):
        LendgateClient("http://gate.test", token)
