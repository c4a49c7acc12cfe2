"""How every command speaks: people on a terminal, or one JSON document, and exit codes that mean something.

Exit codes: 0 yes · 1 the answer is no (refused, invalid, does not verify) · 2 wrong usage ·
3 something needed is not reachable · 4 a setting or a program is missing or wrong.

Law: results go to standard output, everything else to standard error; with ``--json`` standard output
holds JSON and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape

from lendgate.client import RefusedError
from lendgate.errors import (
    GateUnavailableError,
    InvalidBodyError,
    LendgateError,
    PolicyError,
    RuntimeMissingError,
    SettingsError,
)

NO: Final = 1
USAGE: Final = 2
UNREACHABLE: Final = 3
MISCONFIGURED: Final = 4


def printable(text: str) -> str:
    """Text without anything that steers a terminal: such characters are written as JSON writes them."""
    return "".join(
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1]
        for character in text
    )


class _SafeConsole(Console):
    """A console on which other people's words stay words: no escape sequence, no reversed reading."""

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*(printable(each) if isinstance(each, str) else each for each in objects), **options)


out = _SafeConsole()
err = _SafeConsole(stderr=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def print_json(value: object) -> None:
    """One JSON document on one line of standard output."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", exclude_none=True)
    typer.echo(printable(json.dumps(value, ensure_ascii=False, default=str)))


def fail(sentence: str, code: int) -> typer.Exit:
    """Say what is wrong on standard error and leave with a code."""
    err.print(f"[red]✗[/red] {escape(sentence)}", highlight=False)
    return typer.Exit(code)


def _print_places(places: Iterable[tuple[str, str]]) -> None:
    for pointer, detail in places:
        err.print(f"  {escape(pointer) or 'body'}: {escape(detail)}", highlight=False)


@contextmanager
def spoken_errors() -> Iterator[None]:
    """Turn the errors Lendgate raises on purpose into one sentence and an exit code."""
    try:
        yield
    except RefusedError as refusal:
        _print_places((error.pointer, error.detail) for error in refusal.problem.errors)
        raise fail(refusal.problem.reason, NO) from refusal
    except InvalidBodyError as cause:
        _print_places((error.pointer, error.detail) for error in cause.errors)
        raise fail("the application is not valid", NO) from cause
    except GateUnavailableError as cause:
        raise fail(str(cause), UNREACHABLE) from cause
    except (SettingsError, RuntimeMissingError, PolicyError) as cause:
        raise fail(str(cause), MISCONFIGURED) from cause
    except LendgateError as cause:
        raise fail(str(cause), NO) from cause
