"""A triage as one HTML page: pictures of the pages, boxes at every finding, checks and fields beside them.

Law: the page carries everything in itself and runs nothing. Its Content-Security-Policy allows pictures
from its own bytes and this one style sheet (by hash); every word of a document is escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from lendgate.cli.documents_table import ROUTES
from lendgate.documents.report import CheckShown, PacketShown, Place

_WIDTH: Final = 1000
"""Units of a page's width in the drawing laid over it."""
_DRAWN: Final = ("field", "pass", "cannot_tell", "signal", "fail")
"""What matters most is drawn last, over the rest."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as PNG, empty where it could not be drawn; its sides in any one unit."""

    png: bytes
    width: float
    height: float

    @property
    def address(self) -> str:
        """The picture as a data URI."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode()}" if self.png else ""

    @property
    def units(self) -> int:
        """The page's height in units of the drawing."""
        return round(_WIDTH * self.height / max(self.width, 1))


Pointing = tuple[str, str, Place]
"""What a box belongs to: how that came out, its name, and the place."""


def page_of(packet: PacketShown, pictures: Sequence[Sequence[Picture]], missing: Sequence[str]) -> str:
    """The whole page; ``pictures`` are those of each file's pages."""
    style = _text("documents_page.css")
    numbers: dict[Pointing, int] = {}
    for pointing in _pointings(packet):
        numbers.setdefault(pointing, len(numbers) + 1)
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return page.from_string(_text("documents_page.html")).render(
        packet=packet,
        pictures=pictures,
        missing=missing,
        numbers=numbers,
        drawn=sorted(numbers.items(), key=lambda item: _DRAWN.index(item[0][0])),
        routes=ROUTES,
        width=_WIDTH,
        style=Markup(style),  # noqa: S704 - our own file, and escaping would change its hash
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def _pointings(packet: PacketShown) -> Iterator[Pointing]:
    """Everything that the page points at, in the order it is told."""
    yield from _of_checks(packet.together)
    for file in packet.files:
        yield from (("signal", one.kind, one.place) for one in file.signals if one.place)
        for document in file.documents:
            yield from _of_checks(document.checks)
            yield from (("field", field.name, field.place) for field in document.fields)


def _of_checks(checks: Sequence[CheckShown]) -> Iterator[Pointing]:
    for check in checks:
        yield from ((check.result, check.id, place) for place in check.places)


def _text(name: str) -> str:
    return files("lendgate.cli").joinpath(name).read_text(encoding="utf-8")
