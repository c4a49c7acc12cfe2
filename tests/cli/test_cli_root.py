"""The program itself: its version, and that every command says what it is for."""

from __future__ import annotations

import subprocess
import sys

from typer.core import TyperGroup
from typer.testing import CliRunner

from lendgate import __version__
from lendgate.cli import app
from lendgate.cli.commands import COMMANDS, load

RUN = CliRunner()


def test_the_version_is_told() -> None:
    """For a bug report."""
    result = RUN.invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"lendgate {__version__}\n")


def test_every_command_is_listed_by_its_own_sentence() -> None:
    """The list is written down so that nothing is imported for it; it says what the commands say."""
    for name, place in COMMANDS.items():
        told = load(name).help or ""
        assert told.startswith(place.help.partition(":")[0]), name
        assert isinstance(load(name), TyperGroup) or told.partition("\n")[0] == place.help, name


def test_a_mistyped_command_is_answered_with_the_nearest_one() -> None:
    """Nothing has to be imported to know it."""
    result = RUN.invoke(app, ["reveiw"])
    assert result.exit_code == 2
    assert "Did you mean 'review'?" in result.output


def test_the_help_of_the_program_imports_no_engine() -> None:
    """What `lendgate --help` waits for is the terminal's library and nothing of a service."""
    source = (
        "import sys; from typer.testing import CliRunner; from lendgate.cli import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"pydantic", "psycopg", "sqlalchemy", "alembic", "fastapi", "httpx", "cryptography"} & set(
        loaded
    )
