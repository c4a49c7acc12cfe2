"""A triage on a terminal: a table of what each file holds, and why it goes where it goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.markup import escape
from rich.table import Table

from lendgate.cli.output import out
from lendgate.documents.report import CheckShown, DocumentShown, FileShown, PacketShown

ROUTES: Final = {
    "accept": "accept",
    "human_review": "human review",
    "return_to_sender": "return to sender",
}
_RESULTS: Final = {
    "pass": "[green]pass[/green]",
    "fail": "[red]fail[/red]",
    "cannot_tell": "[yellow]open[/yellow]",
}
_COLOURS: Final = {"accept": "green", "human_review": "yellow", "return_to_sender": "red"}


def print_packet(packet: PacketShown, missing: Sequence[str]) -> None:
    """Every file, what was found between them, and what the application still lacks."""
    for file in packet.files:
        out.print(f"\n[bold]{escape(file.name)}[/bold]: {_route(file.route)}", highlight=False)
        out.print(escape(file.refused) if file.refused else _table(file), highlight=False)
        for line in _remarks(file):
            out.print(f"  {escape(line)}", highlight=False)
    for check in packet.together:
        out.print(f"{_RESULTS[check.result]}: {escape(check.detail)}", highlight=False)
    if missing:
        out.print(f"Still missing: {', '.join(missing)}", highlight=False)


def _table(file: FileShown) -> Table:
    table = Table()
    for name in ("#", "pages", "document", "sure", "checks", "goes to"):
        table.add_column(name, overflow="fold")
    for one in file.documents:
        table.add_row(
            str(one.number),
            f"{one.first_page}-{one.last_page}" if one.last_page > one.first_page else str(one.first_page),
            escape(one.title),
            f"{one.confidence:.0%}",
            _tally(one.checks),
            _route(one.route),
        )
    return table


def _tally(checks: Sequence[CheckShown]) -> str:
    counts = [(words, sum(check.result == result for check in checks)) for result, words in _RESULTS.items()]
    return ", ".join(f"{count} {words}" for words, count in counts if count)


def _remarks(file: FileShown) -> Iterator[str]:
    """Why each document goes where it goes, then what is of the whole file."""
    for document in file.documents:
        yield from (f"{document.number}: {line}" for line in _because(document))
    yield from (f"signal {signal.kind}: {signal.detail}" for signal in file.signals if signal.place is None)
    yield from file.duplicates


def _because(document: DocumentShown) -> Iterator[str]:
    for reason in document.reasons:
        pages = dict.fromkeys(f"p. {place.page}" for place in reason.places)
        yield f"{reason.detail} ({', '.join(pages)})" if pages else reason.detail


def _route(route: str) -> str:
    return f"[{_COLOURS[route]}]{ROUTES[route]}[/]"
