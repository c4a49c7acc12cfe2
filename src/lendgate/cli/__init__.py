"""The command line: one file a command; this file only makes the program (``commands`` has the list)."""

from __future__ import annotations

from typing import Annotated

import typer

from lendgate import __version__
from lendgate.cli.commands import LazyGroup

app = typer.Typer(
    name="lendgate",
    cls=LazyGroup,
    no_args_is_help=True,
    invoke_without_command=True,  # for --version
    pretty_exceptions_show_locals=False,  # locals may hold a person's data
    help="A lending-agent platform: a gate at the edge, policy in Python, words from a reviewer.",
)


@app.callback()
def about(
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """A lending-agent platform: a gate at the edge, policy in Python, words from a reviewer."""
    if version:
        typer.echo(f"lendgate {__version__}")
        raise typer.Exit


def main() -> None:
    """The ``lendgate`` program."""
    app()
