"""The command line: one file a command; this file only puts them in their places."""

from __future__ import annotations

from typing import Annotated

import typer

from lendgate import __version__
from lendgate.cli.audit import audit_app
from lendgate.cli.claude import claude_app
from lendgate.cli.demo import demo
from lendgate.cli.doctor import doctor
from lendgate.cli.edge import edge_app
from lendgate.cli.jobs import jobs_app
from lendgate.cli.migrate import migrate
from lendgate.cli.policy import policy_app
from lendgate.cli.review import review
from lendgate.cli.serve import serve
from lendgate.cli.token import token
from lendgate.cli.usage import usage
from lendgate.cli.validate import validate
from lendgate.cli.webhooks import webhooks_app
from lendgate.cli.worker import worker

app = typer.Typer(
    name="lendgate",
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


for command in (demo, serve, worker, validate, review, usage, token, doctor, migrate):
    app.command()(command)
app.add_typer(policy_app, name="policy")
app.add_typer(audit_app, name="audit")
app.add_typer(edge_app, name="edge")
app.add_typer(jobs_app, name="jobs")
app.add_typer(webhooks_app, name="webhooks")
app.add_typer(claude_app, name="claude")


def main() -> None:
    """The ``lendgate`` program."""
    app()
