"""``lendgate`` commands in this process: quick, with their output and exit code."""

from __future__ import annotations

import json
from typing import Any

from typer.testing import CliRunner, Result

from lendgate.cli import app


def lendgate(*arguments: str, given: str | bytes | None = None) -> Result:
    """Run a command; ``given`` is its standard input."""
    return CliRunner().invoke(app, list(arguments), input=given)


def json_lines(result: Result) -> list[dict[str, Any]]:
    """The JSON documents on standard output, one a line; anything else there is an error."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def said(result: Result) -> str:
    """Standard error as one line: the terminal's width breaks sentences anywhere."""
    return " ".join(result.stderr.split())
