"""``lendgate edge secrets``: names of the Worker's secrets, and setting one from the environment or stdin."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

import typer

from lendgate.cli.edge_session import Config, Environment, Files, edge_session, spoken_edge_errors
from lendgate.cli.output import Json, out, print_json
from lendgate.cloudflare.api.credentials import read_secret
from lendgate.cloudflare.secrets import SecretState, list_secrets, set_secret
from lendgate.errors import SettingsError

secrets_app = typer.Typer(no_args_is_help=True, help="Secrets of the Worker: names only, never values.")


@secrets_app.command("list")
def list_command(env: Environment = None, config: Config = None, json: Json = False) -> None:
    """List the names of the secrets, and which ones wrangler.jsonc requires."""
    with spoken_edge_errors():
        found = asyncio.run(_list(Files(env, config)))
    if json:
        print_json(
            {"secrets": [{"name": s.name, "on_worker": s.on_worker, "required": s.required} for s in found]}
        )
        return
    for state in found:
        where = "set" if state.on_worker else "missing"
        why = "required" if state.required else "not in wrangler.jsonc"
        out.print(f"{state.name}  {where}, {why}", highlight=False, markup=False)


@secrets_app.command("set")
def set_command(
    name: Annotated[str, typer.Argument(help="Name of the secret; its value is never an argument.")],
    env: Environment = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Set a secret to the environment's NAME or NAME_FILE, else to what standard input holds.

    Cloudflare makes a version of it and gives that all traffic at once.
    """
    with spoken_edge_errors():
        value = _value(name)
        asyncio.run(_set(Files(env, config), name, value))
    if json:
        print_json({"name": name, "set": True})
    else:
        out.print(f"set {name}; a version with it has all traffic", highlight=False, markup=False)


def _value(name: str) -> str:
    """From the environment, a pipe, or a question that does not show what is typed."""
    value = read_secret(name, os.environ)
    if value is not None:
        return value
    if not sys.stdin.isatty():
        value = sys.stdin.read().strip()
    else:
        value = str(typer.prompt(f"Value of {name}", hide_input=True, err=True)).strip()
    if not value:
        raise SettingsError(f"no value: set {name} or {name}_FILE, or give it on standard input")
    return value


async def _list(files: Files) -> list[SecretState]:
    async with edge_session(files) as session:
        return await list_secrets(session.worker, session.desired)


async def _set(files: Files, name: str, value: str) -> None:
    async with edge_session(files) as session:
        await set_secret(session.worker, name, value)
