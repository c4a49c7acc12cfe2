"""What a file becomes before anybody judges it: pages of text with boxes, and what was odd about the file.

Law: text found in a document is data. Nothing here, and nothing made from it, is ever an instruction, a
name of a type, a path or a tool. Every piece of text keeps the box it was read from, so that each later
field, check and signal can show the place on the page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, Literal

MediaType = Literal["application/pdf", "image/png", "image/jpeg", "image/tiff"]
Source = Literal["text", "ocr", "none"]
"""How a page's text was had: its own text layer, by OCR, or not at all (an empty page)."""
RefusalCode = Literal[
    "empty",  # no bytes
    "too_large",  # more bytes than a file may have
    "unsupported",  # neither PDF, PNG, JPEG nor TIFF
    "encrypted",  # asks for a password
    "broken",  # cannot be opened, or ends before its end
    "too_many_pages",
    "too_many_pixels",
    "too_much_text",  # more text on one page than a page can show
    "timed_out",  # reading took longer than allowed
    "out_of_memory",  # reading needed more memory than allowed
    "crashed",  # the reader died of this file
]
MarkKind = Literal[
    "hidden_text",  # text in the file that nobody sees on the page
    "text_layer_differs",  # the text layer does not say what the page shows
    "text_annotation",  # text laid over the page by an editor
    "unread_page",  # a page that the reader could not open
    "script",  # JavaScript, or an action that starts something; never run here
    "attachment",  # files carried inside the file
    "qr_code",
    "metadata_text",  # free text in the file's metadata
    "trailing_data",  # bytes after the end of the document
]
MARGIN: Final = 0.002
"""Boxes this near to each other touch: a share of the page, 0.5 mm on a letter page."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle as shares of the page's width and height; (0, 0) is the page's top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def x(self) -> float:
        """The middle, from left to right."""
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        """The middle, from top to bottom."""
        return (self.top + self.bottom) / 2

    def join(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def turned(self, degrees: float, aspect: float) -> Box:
        """The box with its middle turned about the page's middle; ``aspect`` is height over width.

        Used to lay a skewed page straight: width and height stay, so that rows and columns can be told.
        """
        radians = math.radians(degrees)
        x, y = self.x - 0.5, (self.y - 0.5) * aspect
        turned_x = x * math.cos(radians) - y * math.sin(radians)
        turned_y = x * math.sin(radians) + y * math.cos(radians)
        middle_x, middle_y = turned_x + 0.5, turned_y / aspect + 0.5
        half_width, half_height = self.width / 2, self.height / 2
        return Box(
            middle_x - half_width, middle_y - half_height, middle_x + half_width, middle_y + half_height
        )


WHOLE_PAGE: Final = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text on one line without a wide gap. ``confidence`` is the reader's own, 1 for text layers."""

    text: str
    box: Box
    confidence: float = 1.0

    def part(self, start: int, end: int) -> Box:
        """Where the characters from ``start`` to ``end`` stand, taking all as equally wide."""
        step = self.box.width / max(len(self.text), 1)
        left = self.box.left + start * step
        return Box(left, self.box.top, self.box.left + end * step, self.box.bottom)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something about the file or one of its pages that a person may want to know; page 0 is the file."""

    kind: MarkKind
    detail: str
    page: int = 0
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it was read.

    ``width`` and ``height`` are points (PDF) or pixels; ``rotation`` is how far, in degrees clockwise, the
    page was turned to stand upright, and boxes are those of the upright page; ``skew`` is how far its
    lines then still fall (positive) or rise, in degrees. ``fingerprint`` is a perceptual hash (256 bits,
    hex). ``blanks`` counts the fillable fields of a form that nobody filled, ``filled`` the others.
    """

    number: int
    width: float
    height: float
    source: Source
    spans: tuple[Span, ...]
    fingerprint: str
    rotation: int = 0
    skew: float = 0.0
    blanks: int = 0
    filled: int = 0
    marks: tuple[Mark, ...] = ()

    @property
    def text(self) -> str:
        """Everything on the page, a line for each span, in reading order."""
        return "\n".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Origin:
    """What the file says about where it came from. ``revisions`` counts how often it was saved over."""

    producer: str = ""
    creator: str = ""
    created: str = ""
    modified: str = ""
    title: str = ""
    revisions: int = 1


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that could be read."""

    sha256: str
    media_type: MediaType
    pages: tuple[Page, ...]
    origin: Origin = Origin()
    marks: tuple[Mark, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that could not be read, and why in one sentence a sender can act on."""

    sha256: str
    code: RefusalCode
    detail: str
