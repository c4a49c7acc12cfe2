"""``lendgate documents triage FILE…``: read documents on this machine, and say where each would go."""

from __future__ import annotations

import asyncio
import json as jsons
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Final
from uuid import uuid4

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from lendgate.analysis.reviewer import IN_PROCESS
from lendgate.bootstrap import document_reader_from, opened_model
from lendgate.claude.ledger import MemoryLedger
from lendgate.cli.documents_page import Picture, page_of
from lendgate.cli.documents_table import print_packet
from lendgate.cli.output import NO, Json, err, print_json, spoken_errors
from lendgate.documents.case import Case, case_of
from lendgate.documents.claude_reader import read_twice
from lendgate.documents.facts import submitted, with_found
from lendgate.documents.model import Reading
from lendgate.documents.refuse import RefusedFileError
from lendgate.documents.report import report
from lendgate.documents.sandbox import Sandbox
from lendgate.documents.triage import Triage, Upload, triage_together
from lendgate.errors import SettingsError
from lendgate.intake.completeness import Requirements, completeness
from lendgate.intake.parse import parse_application
from lendgate.policy.library import load_packs, requirements_table
from lendgate.schema.application import Application
from lendgate.settings import service_settings

documents_app = typer.Typer(no_args_is_help=True, help="Documents: what they are, say, and lack.")
_PAGE_SIDE: Final = 1000
"""Pixels of the longer side of a page's picture."""


@documents_app.callback()
def about() -> None:
    """Documents: what they are, say, and lack."""


@documents_app.command()
def triage(
    files: Annotated[list[Path], typer.Argument(help="PDF, PNG, JPEG, TIFF.", exists=True, dir_okay=False)],
    application: Annotated[
        Path | None, typer.Option(help="The application (JSON) they belong to.", exists=True, dir_okay=False)
    ] = None,
    received: Annotated[
        datetime | None, typer.Option(help="Day of receipt; today.", formats=["%Y-%m-%d"])
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write the JSON to this file, too.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with pictures and boxes, too.")] = None,
    claude: Annotated[bool, typer.Option("--claude", help="Let Claude read too: sends masked text.")] = False,
    unmasked: Annotated[bool, typer.Option("--unmasked", help="Show names and numbers in full.")] = False,
    json: Json = False,
) -> None:
    """Triage the files of one application in this process; nothing is stored.

    Nothing is sent either, unless Claude is to read too. Exit 0 when every file would be accepted, 1 when
    one would not.
    """
    with spoken_errors(), Sandbox() as sandbox:
        stated = parse_application(application.read_bytes()).application if application else None
        day = (received or datetime.now(UTC).astimezone()).date()
        contents = [file.read_bytes() for file in files]
        uploads = _uploads(sandbox, files, contents)
        triages = triage_together(uploads, case_of(stated, day) if stated else Case(day))
        if claude:
            triages = asyncio.run(_read_twice(triages))
        shown = report([file.name for file in files], triages, unmasked=unmasked)
        missing = _missing(stated, triages) if stated else []
        result = {**shown.model_dump(mode="json"), "missing": missing}
        if output:
            output.write_text(jsons.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        if html:
            pictures = [_pictures(sandbox, *one) for one in zip(contents, triages, strict=True)]
            html.write_text(page_of(shown, pictures, missing), encoding="utf-8")
    print_json(result) if json else print_packet(shown, missing)
    if any(one.route != "accept" for one in shown.files):
        raise typer.Exit(NO)


def _uploads(sandbox: Sandbox, files: Sequence[Path], contents: Sequence[bytes]) -> list[Upload]:
    """Every file read, with a bar on standard error for the pages of each."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    uploads = []
    with Progress(*columns, console=err, transient=True) as progress:
        for file, content in zip(files, contents, strict=True):
            task = progress.add_task(escape(file.name), total=None)
            reading = sandbox.read(content, partial(_on_page, progress, task))
            uploads.append(Upload(reading, look=sandbox.looking(content)))
    return uploads


def _on_page(progress: Progress, task: TaskID, done: int, of: int) -> None:
    progress.update(task, completed=done, total=of)


async def _read_twice(triages: Sequence[Triage]) -> tuple[Triage, ...]:
    """The triage with Claude's readings.

    Raises:
        SettingsError: no model is configured.
    """
    settings = service_settings()
    async with opened_model(settings, MemoryLedger()) as model:
        if model is None:
            raise SettingsError("--claude needs a model: set ANTHROPIC_API_KEY, or another model server")
        reader = document_reader_from(settings, model)
        return await read_twice(triages, reader, tenant=IN_PROCESS.tenant, subject=str(uuid4()))


def _missing(application: Application, triages: Sequence[Triage]) -> list[str]:
    """The types that the policy asks of this application and that no file turned out to hold."""
    table = Requirements.model_validate(requirements_table(load_packs(service_settings().policy_dir)))
    found = [
        one
        for file in triages
        for one in submitted([each.document for each in file.documents], file.file.sha256)
    ]
    after = with_found(application, found, {file.file.sha256 for file in triages})
    return [one.type for one in completeness(after, table.products).missing_documents]


def _pictures(sandbox: Sandbox, content: bytes, triaged: Triage) -> list[Picture]:
    """A picture of every page that can be drawn."""
    pictures = []
    for page in triaged.file.pages if isinstance(triaged.file, Reading) else ():
        try:
            own = triaged.page_in_file(page)
            pictures.append(Picture(sandbox.picture(content, own, _PAGE_SIDE), page.width, page.height))
        except RefusedFileError:
            pictures.append(Picture(b"", page.width, page.height))
    return pictures
