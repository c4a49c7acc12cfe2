"""``lendgate edge``: the gate on Cloudflare, deployed and run from Python; this file only orders commands."""

from __future__ import annotations

import typer

from lendgate.cli.edge_delete import delete
from lendgate.cli.edge_deploy import deploy
from lendgate.cli.edge_dev import dev
from lendgate.cli.edge_doctor import doctor
from lendgate.cli.edge_keys import keys_app
from lendgate.cli.edge_origin import origin
from lendgate.cli.edge_plan import plan
from lendgate.cli.edge_secrets import secrets_app
from lendgate.cli.edge_status import status
from lendgate.cli.edge_tail import tail
from lendgate.cli.edge_versions import promote_version, rollback_version, versions

edge_app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals may hold a secret
    help=(
        "The gate on Cloudflare. Credentials: CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID, or *_FILE. "
        "Exit codes: 0 done · 1 refused or not working · 2 usage, or changes (plan --exit-code) · "
        "3 Cloudflare unreachable · 4 a setting is wrong · 5 a rotation waits for the origin."
    ),
)
for command in (plan, deploy, versions, status, tail, delete, doctor, dev, origin):
    edge_app.command()(command)
edge_app.command("promote")(promote_version)
edge_app.command("rollback")(rollback_version)
edge_app.add_typer(secrets_app, name="secrets")
edge_app.add_typer(keys_app, name="keys")
