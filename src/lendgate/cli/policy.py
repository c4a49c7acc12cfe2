"""``lendgate policy show|check``: which policy is in force, and whether a pack may be used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from lendgate.cli.output import Json, err, out, print_json, printable, spoken_errors
from lendgate.policy.library import load_packs, policy_version, requirements_table
from lendgate.policy.pack import Pack, load_pack
from lendgate.settings import service_settings

policy_app = typer.Typer(no_args_is_help=True, help="Policy packs: what is in force, and what may be used.")
Directory = Annotated[Path | None, typer.Option("--dir", help="A directory of packs instead of the samples.")]


@policy_app.command()
def show(directory: Directory = None, json: Json = False) -> None:
    """Print the packs in force, their hashes and their rules. For the lender's own eyes."""
    with spoken_errors():
        packs = load_packs(directory or service_settings().policy_dir)
    if json:
        shown = [_as_json(pack) for pack in packs.values()]
        print_json({"policy_version": policy_version(packs), "packs": shown})
        return
    out.print(f"policy version [bold]{policy_version(packs)}[/bold]", highlight=False)
    for pack in packs.values():
        _print_pack(pack)


@policy_app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Pack files, *.yaml.", exists=True, dir_okay=False)],
    json: Json = False,
) -> None:
    """Load pack files as the service would; exit 4 with the rule and the mend when one must not be used."""
    with spoken_errors():
        packs = [load_pack(file.name, file.read_bytes()) for file in files]
    if json:
        print_json([_as_json(pack) for pack in packs])
        return
    for pack in packs:
        err.print(f"[green]✓[/green] {pack.reference.id} {pack.reference.version}: {len(pack.rules)} rules")


@policy_app.command()
def requirements(directory: Directory = None) -> None:
    """Print what each product asks for, as JSON: the Worker's REQUIREMENTS when the packs are your own."""
    with spoken_errors():
        print_json(requirements_table(load_packs(directory or service_settings().policy_dir)))


def _as_json(pack: Pack) -> dict[str, object]:
    return {
        "product": pack.product,
        "policy": pack.reference.model_dump(mode="json"),
        "rules": [
            {
                "id": rule.id,
                "title": rule.title,
                "effect": rule.effect,
                "require": rule.require.source,
                "when": rule.when.source if rule.when else None,
                "reason": rule.reason.code,
                "citation": rule.citation,
            }
            for rule in pack.rules
        ],
    }


def _print_pack(pack: Pack) -> None:
    """Rule by rule, in lines that break between words however narrow the terminal is."""
    reference = pack.reference
    title = f"{pack.product}: {reference.id} {reference.version} ({reference.sha256[:12]}…)"
    out.print(f"\n[bold]{escape(title)}[/bold]", highlight=False)
    for rule in pack.rules:
        out.print(f"[bold]{escape(rule.id)}[/bold]: {escape(rule.title)}", highlight=False)
        when = [f"when {rule.when.source}"] if rule.when else []
        otherwise = f"else {rule.effect}: {rule.reason.code} {rule.reason.text}"
        for line in (rule.require.source, *when, otherwise):
            out.print(Padding.indent(Text(printable(line)), 4))
