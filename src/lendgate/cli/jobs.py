"""``lendgate jobs``: what waits in the queue, what was set aside, and what to do about one job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from lendgate.cli.desk import on_desk
from lendgate.cli.output import NO, Json, err, fail, out, print_json, spoken_errors
from lendgate.store.job_list import count_jobs, list_jobs, load_job, try_again
from lendgate.store.jobs import Job, State
from lendgate.workflow.cancel import cancel_job
from lendgate.workflow.desk import Desk

jobs_app = typer.Typer(no_args_is_help=True, help="The queue: what waits, and what was set aside.")
DataDir = Annotated[Path | None, typer.Option(help="Where the local keys and the embedded database live.")]
JobId = Annotated[int, typer.Argument(help="The job's number.")]


@jobs_app.command("list")
def list_(
    state: Annotated[str, typer.Option(help="failed, todo, doing, or all.")] = "failed",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest first.")] = 50,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Jobs of a state: those that were set aside for a person, unless another is named."""
    with spoken_errors():
        wanted = _state(state)
        found, counts = on_desk(data_dir, lambda desk: _listed(desk, wanted, limit))
    if json:
        print_json({"jobs": [_shown(job) for job in found], "counts": counts})
        return
    names = ("job", "task", "queue", "state", "attempts", "not before", "about")
    table = Table(*(Column(name, overflow="fold") for name in names))
    for job in found:
        table.add_row(*(str(value if value is not None else "") for value in _shown(job).values()))
    out.print(table if found else f"no {state} jobs", highlight=False)
    for name, number in counts.items():
        err.print(f"[dim]{name}: {number:,}[/dim]", highlight=False)


@jobs_app.command()
def show(job_id: JobId, data_dir: DataDir = None, json: Json = False) -> None:
    """One job."""
    with spoken_errors():
        job = on_desk(data_dir, lambda desk: load_job(desk.database, job_id))
        if job is None:
            raise fail(f"there is no job {job_id}", NO)
    if json:
        print_json(_shown(job))
        return
    for name, value in _shown(job).items():
        out.print(f"{name}: {value if value is not None else '-'}", highlight=False)


@jobs_app.command()
def retry(job_id: JobId, data_dir: DataDir = None) -> None:
    """Let a failed job, or one that waits for its next try, be taken at once."""
    with spoken_errors():
        if not on_desk(data_dir, lambda desk: try_again(desk.database, job_id)):
            raise fail(f"job {job_id} is not there, under way, or waiting for nothing", NO)
    err.print(f"[green]✓[/green] job {job_id} waits for the next worker", highlight=False)


@jobs_app.command()
def cancel(job_id: JobId, data_dir: DataDir = None) -> None:
    """End what a job was for: its review has failed, or its delivery was given up."""
    with spoken_errors():
        on_desk(data_dir, lambda desk: cancel_job(desk, job_id))
    err.print(f"[green]✓[/green] job {job_id} is cancelled", highlight=False)


def _state(name: str) -> State | None:
    match name:
        case "all":
            return None
        case "failed" | "todo" | "doing":
            return name
        case _:
            raise typer.BadParameter("failed, todo, doing or all", param_hint="--state")


def _shown(job: Job) -> dict[str, object]:
    about = {name: value for name, value in job.arguments.items() if name != "tenant"}
    return {
        "job": job.id,
        "task": job.task,
        "queue": job.queue,
        "state": job.state,
        "attempts": job.attempts,
        "not_before": job.due.isoformat() if job.due else None,
        "about": " ".join(f"{name}={value}" for name, value in about.items()),
    }


async def _listed(desk: Desk, state: State | None, limit: int) -> tuple[list[Job], dict[str, int]]:
    counts = await count_jobs(desk.database)
    found = await list_jobs(desk.database, state, limit)
    return found, {f"{lane} {of}": number for (lane, of), number in counts.items()}
