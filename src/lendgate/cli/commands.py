"""The commands there are: where each lives and what it is for.

Law: a command's room is imported when it is run, not when it is listed, so that ``lendgate --help`` waits
for no database driver, HTTP framework or model's SDK. A test holds each sentence here to the command's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, NamedTuple, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

Loaded = TyperCommand | TyperGroup


class Place(NamedTuple):
    """Where a command is, ``module:name`` in this package, and its first sentence."""

    home: str
    help: str


COMMANDS: Final[Mapping[str, Place]] = MappingProxyType(
    {
        "demo": Place(
            "demo:demo",
            "Run the main job: applications through a real gate, judged, reviewed, stored and audited.",
        ),
        "serve": Place(
            "serve:serve",
            "Run the service and the Worker in workerd on this machine; SIGTERM or Ctrl-C stops both.",
        ),
        "worker": Place(
            "worker:worker",
            "Work off the queue until SIGTERM or Ctrl-C; then finish what is in hand, or hand it back.",
        ),
        "validate": Place(
            "validate:validate",
            "Check applications at the gate (WORKER_BASE_URL), or in this process when none is set.",
        ),
        "review": Place(
            "review:review",
            "Review applications through the gate (WORKER_BASE_URL), or in this process when none is set.",
        ),
        "intake": Place(
            "intake:intake",
            "Talk to the intake assistant, through the gate or in this process when none is set.",
        ),
        "support": Place(
            "support:support_app",
            "The broker's support agent: ask about a review, look how it stands, ask for a person.",
        ),
        "referrals": Place("referrals:referrals_app", "Referrals: the queue, one case, claim it, decide it."),
        "inspections": Place(
            "inspections:inspections_app",
            "Documents that wait for a person: the queue, one file, its bytes, accept, send back.",
        ),
        "decisions": Place("decisions:decisions_app", "Decisions: show one, its notice, make it again."),
        "usage": Place("usage:usage", "Show what models cost, and what is left of today's ceiling."),
        "token": Place(
            "token:token",
            "Mint a token that the local gate accepts (ES256, signed with the key in the data directory).",
        ),
        "doctor": Place(
            "doctor:doctor",
            "Look at settings, policy, the built Worker, the gate, its clock and its link to the service.",
        ),
        "migrate": Place(
            "migrate:migrate",
            "Migrate the database of LENDGATE_DATABASE_OWNER_URL. The embedded one migrates itself at start.",
        ),
        "backup": Place(
            "backup:backup",
            "Write the embedded database and the documents to a file, while the service runs.",
        ),
        "restore": Place(
            "backup:restore",
            "Restore a backup into a data directory without a database, and verify every audit trail.",
        ),
        "policy": Place("policy:policy_app", "Policy packs: what is in force, and what may be used."),
        "documents": Place("documents:documents_app", "Documents: what they are, say, and lack."),
        "audit": Place("audit:audit_app", "The audit trail: export it, and verify it offline."),
        "edge": Place("edge:edge_app", "The gate on Cloudflare: deploy it, look after it, remove it."),
        "retention": Place(
            "retention:retention_app", "How long records are kept: holds, what is due, and erasing."
        ),
        "monitoring": Place(
            "monitoring:monitoring_app",
            "Monitoring information for reports, read by the database's owner.",
        ),
        "keys": Place("keys:keys_app", "The keys of personal data: list and rotate them."),
        "jobs": Place("jobs:jobs_app", "The queue: what waits, and what was set aside."),
        "webhooks": Place("webhooks:webhooks_app", "Webhooks: endpoints, their secrets, deliveries."),
        "claude": Place("claude:claude_app", "Claude: a stand-in server, and a check of the real one."),
    }
)


class LazyGroup(TyperGroup):
    """The program: lists its commands by their sentences, and loads the one that is run."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, place in COMMANDS.items():
            self.add_command(TyperCommand(name, help=place.help))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Loaded | None, list[str]]:
        """The command that the arguments name, loaded."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, load(name) if name and listed else None, rest


def load(name: str) -> Loaded:
    """The command or group of that name, imported."""
    module, _, attribute = COMMANDS[name].home.partition(":")
    found: typer.Typer | Callable[..., object] = getattr(import_module(f"lendgate.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        group = get_group(found)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return cast("TyperCommand", get_command(alone))  # of one command, typer makes a TyperCommand
