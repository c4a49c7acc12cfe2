"""The text of a PDF page as spans with boxes: its text layer, and what was typed into its form fields."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # publishes no type information
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]  # the same

from lendgate.documents.model import Box, Span

_DEVICE: Final = 1_000_000
"""Pages are mapped onto a square of this many steps, so that a box is exact to a millionth of the page."""
_WORD_GAP: Final = 0.15
_SPAN_GAP: Final = 0.9
"""Gaps between characters, as shares of their height: wider than these is a space, is another span."""
_TYPED: Final = frozenset({pdfium_c.FPDF_FORMFIELD_TEXTFIELD, pdfium_c.FPDF_FORMFIELD_COMBOBOX})
_TICKED: Final = frozenset({pdfium_c.FPDF_FORMFIELD_CHECKBOX, pdfium_c.FPDF_FORMFIELD_RADIOBUTTON})
_ANGLES_LOOKED_AT: Final = 200
_LONGEST_VALUE: Final = 4_000
_NUL: Final = 2


@dataclass(slots=True)
class _Run:
    """A span in the making."""

    text: str
    box: Box

    def takes(self, box: Box) -> bool:
        """Whether a character at ``box`` goes on with this run."""
        height = max(self.box.height, box.height)
        gap = box.left - self.box.right
        return abs(box.y - self.box.y) <= height / 2 and -height / 2 <= gap <= _SPAN_GAP * height


_TURNS: Final[dict[int, Callable[[float, float], tuple[float, float]]]] = {
    0: lambda x, y: (x, y),
    90: lambda x, y: (1 - y, x),
    180: lambda x, y: (1 - x, 1 - y),
    270: lambda x, y: (y, 1 - x),
}


class Mapper:
    """From the coordinates inside a page to shares of the upright page.

    ``turn`` is how far, in degrees clockwise, the page as a viewer shows it is turned to stand upright.
    """

    def __init__(self, page: pdfium.PdfPage, turn: int = 0) -> None:
        self._turn = _TURNS[turn]
        self._origin = self._place(page, 0, 0)
        along, up = self._place(page, 1000, 0), self._place(page, 0, 1000)
        self._x = tuple((end - start) / 1000 for end, start in zip(along, self._origin, strict=True))
        self._y = tuple((end - start) / 1000 for end, start in zip(up, self._origin, strict=True))

    def box(self, left: float, bottom: float, right: float, top: float, aspect: float = 1.0) -> Box:
        """A rectangle of the page; ``aspect`` 1 gives shares of its sides."""
        x1, y1 = self._turn(*self._at(left, bottom))
        x2, y2 = self._turn(*self._at(right, top))
        return Box(min(x1, x2), min(y1, y2) * aspect, max(x1, x2), max(y1, y2) * aspect)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        (x0, y0), (xx, xy), (yx, yy) = self._origin, self._x, self._y
        return (x0 + x * xx + y * yx) / _DEVICE, (y0 + x * xy + y * yy) / _DEVICE

    @staticmethod
    def _place(page: pdfium.PdfPage, x: float, y: float) -> tuple[int, int]:
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium_c.FPDF_PageToDevice(page.raw, 0, 0, _DEVICE, _DEVICE, 0, x, y, across, down)
        return across.value, down.value


def layer_turn(page: pdfium.PdfPage) -> int:
    """How far a page's text has to be turned, clockwise in quarters, to run from left to right."""
    layer = page.get_textpage()
    step = max(layer.count_chars() // _ANGLES_LOOKED_AT, 1)
    turns: Counter[int] = Counter()
    for index in range(0, layer.count_chars(), step):
        if not chr(pdfium_c.FPDFText_GetUnicode(layer.raw, index)).isspace():
            angle = math.degrees(pdfium_c.FPDFText_GetCharAngle(layer.raw, index)) + page.get_rotation()
            turns[-round(angle / 90) * 90 % 360] += 1
    layer.close()
    return turns.most_common(1)[0][0] if turns else 0


def is_drawn(page: pdfium.PdfPage) -> bool:
    """Whether most of the layer is drawn at all; scanners lay what they read invisibly over the picture."""
    texts = page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT], max_depth=4)
    modes = [pdfium_c.FPDFTextObj_GetTextRenderMode(text.raw) for text in texts]
    return modes.count(pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE) * 2 <= len(modes)


def layer_spans(page: pdfium.PdfPage, aspect: float, turn: int = 0) -> list[Span]:
    """The text layer; ``aspect`` is the upright page's height over its width."""
    spans: list[Span] = []
    for run in _runs(page, aspect, turn):
        box = Box(run.box.left, run.box.top / aspect, run.box.right, run.box.bottom / aspect)
        text = run.text.strip()
        # Bold is sometimes made by printing twice.
        if text and not any(text == last.text and _covers(last.box, box) for last in spans[-3:]):
            spans.append(Span(text, box))
    return spans


def _runs(page: pdfium.PdfPage, aspect: float, turn: int) -> Iterator[_Run]:
    """Runs of characters in the file's order, in units of the page's width on both axes."""
    mapper = Mapper(page, turn)
    layer = page.get_textpage()
    run: _Run | None = None
    spaced = False
    for index in range(layer.count_chars()):
        character = chr(pdfium_c.FPDFText_GetUnicode(layer.raw, index))
        if character.isspace() or not character.isprintable():
            spaced = True
            continue
        left, bottom, right, top = layer.get_charbox(index, loose=True)
        box = mapper.box(left, bottom, right, top, aspect)
        if run is not None and run.takes(box):
            apart = spaced or box.left - run.box.right > _WORD_GAP * box.height
            run.text += f" {character}" if apart else character
            run.box = run.box.join(box)
        else:
            if run is not None:
                yield run
            run = _Run(character, box)
        spaced = False
    if run is not None:
        yield run
    layer.close()


def _covers(one: Box, other: Box) -> bool:
    height = other.height
    return abs(one.x - other.x) < height / 2 and abs(one.y - other.y) < height / 2


@dataclass(frozen=True, slots=True)
class FormValues:
    """A page's form fields: what was filled in, how many fields were, and how many were left blank."""

    spans: tuple[Span, ...]
    filled: int
    blanks: int


def form_values(page: pdfium.PdfPage, form: pdfium.PdfFormEnv | None, turn: int = 0) -> FormValues:
    """The values of the page's form fields, a span for each line of each."""
    if form is None:
        return FormValues((), 0, 0)
    mapper = Mapper(page, turn)
    spans: list[Span] = []
    filled = fields = 0
    for index in range(pdfium_c.FPDFPage_GetAnnotCount(page.raw)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page.raw, index)
        kind = pdfium_c.FPDFAnnot_GetFormFieldType(form.raw, annotation)
        value = _value(form, annotation, kind)
        fields += kind in _TYPED
        if value:
            filled += kind in _TYPED
            spans.extend(_lines(value, _rectangle(annotation, mapper)))
        pdfium_c.FPDFPage_CloseAnnot(annotation)
    return FormValues(tuple(spans), filled, fields - filled)


def _value(form: pdfium.PdfFormEnv, annotation: object, kind: int) -> str:
    if kind in _TICKED:
        return "X" if pdfium_c.FPDFAnnot_IsChecked(form.raw, annotation) else ""
    if kind not in _TYPED:
        return ""
    buffer = (pdfium_c.FPDF_WCHAR * _LONGEST_VALUE)()
    size = pdfium_c.FPDFAnnot_GetFormFieldValue(form.raw, annotation, buffer, 2 * _LONGEST_VALUE)
    end = size - _NUL
    if not 0 < end <= 2 * _LONGEST_VALUE:
        return ""
    return bytes(buffer)[:end].decode("utf-16-le", errors="replace").strip()


def _rectangle(annotation: object, mapper: Mapper) -> Box:
    rectangle = pdfium_c.FS_RECTF()
    pdfium_c.FPDFAnnot_GetRect(annotation, rectangle)
    return mapper.box(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)


def _lines(value: str, box: Box) -> Iterator[Span]:
    """A field's text, line by line, its box shared out among the lines."""
    lines = [line.strip() for line in value.splitlines()]
    step = box.height / max(len(lines), 1)
    for number, line in enumerate(lines):
        if line:
            yield Span(line, Box(box.left, box.top + number * step, box.right, box.top + (number + 1) * step))
