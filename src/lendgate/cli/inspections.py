"""``lendgate inspections``: documents that wait for a person, for the lender's own people."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from rich.markup import escape
from rich.table import Column, Table

from lendgate.cli.desk import on_desk, on_shelf
from lendgate.cli.output import Json, err, out, print_json, spoken_errors
from lendgate.cli.saved import private_file
from lendgate.cli.token import TENANT
from lendgate.intake.body import validated
from lendgate.schema.inspection import (
    DocumentVerdict,
    InspectedDocument,
    InspectedReason,
    Inspection,
    WaitingFile,
)
from lendgate.web.paging import START
from lendgate.workflow.desk import Desk
from lendgate.workflow.inspection_content import Look, OpenedFile, open_file
from lendgate.workflow.inspections import FileAsRead, inspect, judge_document, waiting_files

inspections_app = typer.Typer(
    no_args_is_help=True,
    help="Documents that wait for a person: the queue, one file, its bytes, accept, send back.",
)
Tenant = Annotated[str, typer.Option(help="Whose documents.")]
DataDir = Annotated[Path | None, typer.Option(help="Where the local keys and the embedded database live.")]
DocumentId = Annotated[UUID, typer.Argument(help="The file's document id.")]
Number = Annotated[int | None, typer.Option("--document", help="Which of the file's documents; see `show`.")]
Reason = Annotated[str, typer.Option(help="Why, in your own words; it stays inside.")]
Underwriter = Annotated[
    str,
    typer.Option(
        "--as", help="The underwriter, as access tokens name them.", default_factory=getpass.getuser
    ),
]
Version = Annotated[
    int | None, typer.Option(help="The version it was read at; the present one when it is not named.")
]
_STANDING: Final = {
    "accepted": "[green]accepted[/]",
    "waits": "[yellow]waits[/]",
    "returned": "[red]returned[/]",
}


@inspections_app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the oldest first.")] = 50,
    tenant: Tenant = TENANT,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """What waits for a person, oldest first."""
    with spoken_errors():
        queue = on_desk(data_dir, lambda desk: waiting_files(desk, tenant, START, limit))
    if json:
        print_json([one.model_dump(mode="json", exclude_none=True) for one in queue])
        return
    out.print(_queue(queue) if queue else "no documents wait", highlight=False)


@inspections_app.command()
def show(
    document_id: DocumentId, tenant: Tenant = TENANT, data_dir: DataDir = None, json: Json = False
) -> None:
    """One file: why it waits, what was read and where, signals, and what people said."""
    with spoken_errors():
        found = on_desk(data_dir, lambda desk: inspect(desk, tenant, document_id))
    print_json(found) if json else _print(found)


@inspections_app.command("open")
def open_(
    document_id: DocumentId,
    underwriter: Underwriter,
    to: Annotated[
        Path | None, typer.Option("--out", help="A new file; standard output without it, if no terminal.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Put it in the place of what is there.")] = False,
    tenant: Tenant = TENANT,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Save the file as its sender sent it; that you looked is put on record.

    A stranger sent it: open it in a viewer that you trust with hostile files. Lendgate opens none.
    """
    look = Look(tenant, document_id, underwriter)
    with spoken_errors():
        if to is None:
            _refuse_screen(as_json=json)
            sys.stdout.buffer.write(_opened(data_dir, look).content)
            return
        with private_file(to, force=force) as save:
            opened = _opened(data_dir, look)
            save(opened.content)
    _say_saved(opened, to, as_json=json)


def _refuse_screen(*, as_json: bool) -> None:
    if as_json or sys.stdout.isatty():
        raise typer.BadParameter("name a file: its bytes are no text for a screen", param_hint="--out")


def _opened(data_dir: Path | None, look: Look) -> OpenedFile:
    return on_shelf(data_dir, lambda desk, blobs: open_file(desk, blobs, look))


def _say_saved(opened: OpenedFile, to: Path, *, as_json: bool) -> None:
    size = len(opened.content)
    if as_json:
        print_json({"file": str(to), "media_type": opened.media_type, "size": size})
        return
    err.print(
        f"[green]✓[/green] {escape(str(to))}: {opened.media_type}, {size:,} bytes from a stranger; "
        "open it in a viewer that you trust with hostile files",
        highlight=False,
    )


@inspections_app.command()
def accept(
    document_id: DocumentId,
    underwriter: Underwriter,
    reason: Reason,
    document: Number = None,
    kind: Annotated[str | None, typer.Option("--type", help="What it is, where triage was wrong.")] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="What it says, where it was read wrong: net_current=2,310.55.")
    ] = None,
    version: Version = None,
    tenant: Tenant = TENANT,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Accept a document as it was read, or with other values; its fields become facts."""
    with spoken_errors():
        fields = [_field(one) for one in field or ()]
        said = {
            "action": "accept",
            "reason": reason,
            "document": document,
            "type": kind,
            "fields": fields or None,
        }
        found = _judge(data_dir, FileAsRead(tenant, document_id, version or 0, underwriter), said)
    _done(found, as_json=json)


@inspections_app.command("return")
def return_(
    document_id: DocumentId,
    underwriter: Underwriter,
    reason: Reason,
    code: Annotated[list[str], typer.Option(help="What is wrong: its sender is told the sentence of it.")],
    document: Number = None,
    version: Version = None,
    tenant: Tenant = TENANT,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Send a document back, or the whole file."""
    with spoken_errors():
        said = {"action": "return", "reason": reason, "document": document, "codes": code}
        found = _judge(data_dir, FileAsRead(tenant, document_id, version or 0, underwriter), said)
    _done(found, as_json=json)


def _judge(data_dir: Path | None, read: FileAsRead, said: dict[str, Any]) -> Inspection:
    """Give a verdict on a file as it was read; as it stands now, where no version is named."""
    verdict = validated(DocumentVerdict, {name: value for name, value in said.items() if value is not None})

    async def run(desk: Desk) -> Inspection:
        present = read.version or (await inspect(desk, read.tenant, read.document_id)).version
        on = FileAsRead(read.tenant, read.document_id, present, read.actor)
        return await judge_document(desk, on, verdict)

    return on_desk(data_dir, run)


def _field(option: str) -> dict[str, str]:
    name, equals, value = option.partition("=")
    if not equals:
        raise typer.BadParameter("write name=value", param_hint="--field")
    return {"name": name, "value": value}


def _done(found: Inspection, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    waiting = [str(one.number) for one in found.documents if one.standing == "waits"]
    left = f"document {', '.join(waiting)} of it still waits" if waiting else "nothing in it waits any more"
    err.print(
        f"[green]✓[/green] the sender is told: {found.told.route.replace('_', ' ')}; {left}", highlight=False
    )


def _queue(queue: list[WaitingFile]) -> Table:
    # An id that is cut off is no use to anybody.
    table = Table(
        *(Column(name, overflow="fold") for name in ("document", "broker", "declared", "waiting since"))
    )
    for one in queue:
        since = one.waiting_since.isoformat(timespec="minutes")
        table.add_row(*map(escape, (one.document_id, one.broker_id, one.declared_type, since)))
    return table


def _print(found: Inspection) -> None:
    out.print(
        f"{found.file_name}, declared {found.declared_type}, {found.pages} pages, {found.state}, "
        f"version {found.version}",
        highlight=False,
        markup=False,
    )
    for line in _of_the_file(found):
        out.print(line, highlight=False, markup=False)
    for one in found.documents:
        pages = f"pages {one.first_page} to {one.last_page}"
        out.print(f"\n{one.number}. {escape(one.title)}, {pages}: {_STANDING[one.standing]}", highlight=False)
        for reason in one.reasons:
            out.print(f"  {_because(reason)}", highlight=False, markup=False)
        out.print(_fields(one), highlight=False)
    for said in found.verdicts:
        on = f"document {said.document}" if said.document else "the file"
        out.print(f"{said.underwriter}: {said.action} {on}: {said.reason}", highlight=False, markup=False)


def _of_the_file(found: Inspection) -> Iterator[str]:
    yield from ((found.refused,) if found.refused else ())
    yield from (_because(one) for one in found.reasons)
    yield from (f"signal {one.kind}: {one.detail}" for one in found.signals)
    yield from found.duplicates


def _because(reason: InspectedReason) -> str:
    pages = dict.fromkeys(f"p. {one.place.page}" for one in reason.places)
    later = "; found since" if reason.later else ""
    return f"{reason.code}: {reason.detail} ({', '.join(pages) or 'whole file'}{later})"


def _fields(document: InspectedDocument) -> Table:
    table = Table(
        *(Column(name, overflow="fold") for name in ("field", "value", "page", "as it stands", "sure", "by"))
    )
    for one in document.fields:
        other = f" / {one.other.text} by the second reader" if one.other else ""
        by = f"{one.reader}, to be confirmed" if one.offered else one.reader
        cells = (one.name, f"{one.text}{other}", str(one.place.page), one.quote, f"{one.confidence:.0%}", by)
        table.add_row(*map(escape, cells))
    return table
