"""``lendgate claude standin|check``: a Messages API server that costs nothing, and is the model all right?"""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from lendgate.bootstrap import checked_models
from lendgate.claude.standin.options import CHARACTERS, FAULTS, Options, character_named
from lendgate.claude.standin.serve import serve
from lendgate.cli.output import USAGE, Json, err, fail, print_json, spoken_errors
from lendgate.settings import service_settings

claude_app = typer.Typer(no_args_is_help=True, help="Claude: a stand-in server, and a check of the real one.")

_CHARACTERS = f"One of {', '.join(CHARACTERS)}."
_SCRIPT = f"Faults in turn, such as overloaded*2,slow=0.05,ok: {', '.join(FAULTS)}."


@claude_app.command()
def standin(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 8790,
    character: Annotated[str, typer.Option(help=_CHARACTERS)] = "cooperative",
    script: Annotated[str, typer.Option(help=_SCRIPT)] = "",
    elsewhere: Annotated[
        bool, typer.Option("--elsewhere", help="Behave like another maker's server: no structured output.")
    ] = False,
) -> None:
    """Serve a stand-in for the Claude API. All it writes is marked as simulated."""
    try:
        options = Options(
            character=character_named(character),
            script=script,
            dialect="plain" if elsewhere else "anthropic",
        )
    except ValueError as cause:
        raise fail(str(cause), USAGE) from cause
    err.print("[green]✓[/green] simulated Claude; use it from another terminal:\n", highlight=False)
    typer.echo(f"export LENDGATE_MODEL_BASE_URL=http://127.0.0.1:{port}")
    typer.echo("export LENDGATE_MODEL_SERVER=other" if elsewhere else "export ANTHROPIC_API_KEY=simulated")
    serve(options, port=port)


@claude_app.command()
def check(json: Json = False) -> None:
    """Ask the model server whether the models in use are there, alive and able. Sends no prompt."""
    with spoken_errors():
        settings = service_settings()
        warnings = asyncio.run(checked_models(settings))
    if json:
        print_json({"reviewer": "rules" if warnings is None else "claude", "warnings": warnings or ()})
    elif warnings is None:
        err.print("no model is configured: the rules reviewer writes the memos", highlight=False)
    else:
        for warning in warnings:
            err.print(f"[yellow]![/yellow] {warning}", highlight=False)
        err.print(f"[green]✓[/green] {settings.model_review} writes the memos", highlight=False)
