"""The program itself: its version, and that every command says what it is for."""

from __future__ import annotations

from typer.testing import CliRunner

from lendgate import __version__
from lendgate.cli import app

RUN = CliRunner()


def test_the_version_is_told() -> None:
    """For a bug report."""
    result = RUN.invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"lendgate {__version__}\n")


def test_every_command_says_what_it_is_for() -> None:
    """A command without a sentence is a command nobody finds."""
    assert all(command.callback and command.callback.__doc__ for command in app.registered_commands)
    assert all(group.typer_instance and group.typer_instance.info.help for group in app.registered_groups)
