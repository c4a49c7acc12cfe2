"""``lendgate token``: an access token for the local gate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, get_args

import typer

from lendgate.cli.output import Json, print_json, spoken_errors
from lendgate.cloudflare.local_keys import load_or_create, mint_token
from lendgate.schema.gate import Scope
from lendgate.settings import service_settings

BROKER_SCOPES: Final = (
    *("validate", "review:write", "review:read"),
    *("documents:write", "documents:read", "intake", "support"),
)
"""All that a broker may do; the other scopes are for the lender's own desk."""
_SCOPES: Final = ", ".join(get_args(Scope))
TENANT: Final = "local"
BROKER: Final = "demo-broker"


def token(
    broker: Annotated[str, typer.Option(help="The broker the token speaks for.")] = BROKER,
    tenant: Annotated[str, typer.Option(help="The lender the broker belongs to.")] = TENANT,
    subject: Annotated[str, typer.Option(help="The person or program that uses it.")] = "local-developer",
    scope: Annotated[
        list[str] | None, typer.Option(help=f"A scope it holds; repeat for several: {_SCOPES}.")
    ] = None,
    hours: Annotated[float, typer.Option(help="How long it lives, 24 at the most.")] = 12,
    data_dir: Annotated[Path | None, typer.Option(help="Where the local keys live.")] = None,
    json: Json = False,
) -> None:
    """Mint a token that the local gate accepts (ES256, signed with the key in the data directory).

    For local use: in production tokens come from your identity provider and the gate holds its public keys.
    """
    with spoken_errors():
        text = mint_token(
            load_or_create(data_dir or service_settings().data_dir),
            tenant=tenant,
            broker_id=broker,
            subject=subject,
            scopes=scope or BROKER_SCOPES,
            lifetime=timedelta(hours=hours),
            now=datetime.now(UTC),
        )
    if json:
        print_json({"token": text, "tenant": tenant, "broker_id": broker, "expires_in": int(hours * 3600)})
    else:
        typer.echo(text)
