"""How the results of ``lendgate edge`` look: a few lines for people, one JSON document for programs."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue
from rich.markup import escape

from lendgate.cli.output import out
from lendgate.cloudflare.api.answers import Share
from lendgate.cloudflare.check import Checked
from lendgate.cloudflare.plan import Change, Plan

_COLOURS = {"add": "green", "change": "yellow", "remove": "red"}


def show_plan(plan: Plan) -> None:
    """A plan as a diff."""
    out.print(f"[bold]{plan.worker}[/bold]", highlight=False)
    for change in plan.changes:
        colour = "bold red" if change.destructive else _COLOURS[change.action]
        out.print(f"  [{colour}]{escape(str(change))}[/{colour}]", highlight=False, soft_wrap=True)
    for held in plan.held:
        out.print(f"  [bold red]! {escape(held)}[/bold red]", highlight=False, soft_wrap=True)
    for note in plan.notes:
        out.print(f"  note: {escape(note)}", highlight=False, soft_wrap=True)
    if not plan.changes:
        out.print("  nothing to change", highlight=False)


def plan_json(plan: Plan) -> dict[str, JsonValue]:
    """A plan for programs."""
    return {
        "worker": plan.worker,
        "exists": plan.exists,
        "changes": [_change_json(change) for change in plan.changes],
        "held": list(plan.held),
        "notes": list(plan.notes),
        "needs_version": plan.needs_version,
    }


def checked_json(checked: Checked) -> dict[str, JsonValue]:
    """What the gate said, for programs."""
    return {
        "verdict": checked.verdict,
        "signed": checked.signed,
        "says": checked.says,
        "do": checked.do,
    }


def show_checked(checked: Checked) -> None:
    """What the gate said."""
    mark = {"works": "[green]✓[/green]", "fails": "[red]✗[/red]", "not asked": "[yellow]?[/yellow]"}
    out.print(f"{mark[checked.verdict]} {escape(checked.says)}", highlight=False, soft_wrap=True)
    if checked.do:
        out.print(f"  {escape(checked.do)}", highlight=False, soft_wrap=True)


def shares_json(shares: Sequence[Share]) -> list[JsonValue]:
    """A split of the traffic, for programs."""
    return [{"version_id": share.version_id, "percentage": share.percentage} for share in shares]


def _change_json(change: Change) -> dict[str, JsonValue]:
    return {
        "action": change.action,
        "part": change.part,
        "name": change.name,
        "before": change.before,
        "after": change.after,
        "destructive": change.destructive,
    }
