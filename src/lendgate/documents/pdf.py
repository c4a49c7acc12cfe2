"""PDF files as pages, through PDFium. The door to PDFium.

A page is read from its text layer where it has one that people can see and that covers what is printed;
otherwise from its picture. What the picture does not show is kept out of the text and marked, because only
what a person would see on the page is the document. Source: ISO 32000-2; PDFium is built without JavaScript
and XFA.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import numpy as np
import pypdfium2 as pdfium  # type: ignore[import-untyped]  # publishes no type information
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]  # the same
from numpy.typing import NDArray
from PIL import Image

from lendgate.documents.fingerprint import fingerprint
from lendgate.documents.ink import unread_ink
from lendgate.documents.layout import reading_order
from lendgate.documents.limits import Limits
from lendgate.documents.model import Box, Mark, Page, Span
from lendgate.documents.ocr import READING_SIDE, Recognized, Recognizer
from lendgate.documents.page_image import codes, is_blank, page_of_image, turned
from lendgate.documents.pdf_said import annotation_marks
from lendgate.documents.pdf_text import form_values, is_drawn, layer_spans, layer_turn
from lendgate.documents.refuse import RefusedFileError

_LOOKING_SIDE: Final = 1100
"""Pixels of the longer side of the picture that text is held against: 100 dpi of a letter page."""
_CONTRAST: Final = 24
"""Grey levels between the darkest and the lightest pixel of text that can be seen."""
_SMALLEST_TEXT: Final = 2.5
"""Points: lower letters are not meant for people."""
_FEW_CHARACTERS: Final = 12
_PICTURE_PAGE: Final = 0.5
"""A page with pictures over this share of it may show something else than its text layer says."""
_AGREEMENT: Final = 0.7
_UNREAD: Final = 0.35
"""Of a page's ink: with more than this outside the text layer, print is drawn that the layer does not say."""
_MORE_SHOWN: Final = 1.3
_FEW_HIDDEN: Final = 4
_HIDDEN_SHOWN: Final = 160


@contextmanager
def opened(content: bytes, limits: Limits) -> Iterator[pdfium.PdfDocument]:
    """The document.

    Raises:
        RefusedFileError: it asks for a password, is broken, empty, or has too many pages.
    """
    logging.getLogger("pypdfium2").setLevel(logging.CRITICAL)
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        locked = error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY)
        raise RefusedFileError("encrypted" if locked else "broken") from error
    try:
        if len(document) < 1:
            raise RefusedFileError("broken")
        if len(document) > limits.pages:
            raise RefusedFileError("too_many_pages")
        document.init_forms()
        yield document
    finally:
        document.close()


def pages(document: pdfium.PdfDocument, recognizer: Recognizer, limits: Limits) -> Iterator[Page]:
    """Every page in turn; one that cannot be opened is a page without text, and marked."""
    for index in range(len(document)):
        try:
            page = document[index]
        except pdfium.PdfiumError:
            mark = Mark("unread_page", "the page cannot be opened", index + 1)
            yield Page(index + 1, 1, 1, "none", (), fingerprint(Image.new("L", (1, 1))), marks=(mark,))
            continue
        yield _read(page, index + 1, document.formenv, recognizer, limits)
        page.close()


def picture(page: pdfium.PdfPage, side: int) -> Image.Image:
    """The page as it is shown, its longer side ``side`` pixels."""
    scale = side / max(*page.get_size(), 1)
    image: Image.Image = page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")
    return image


def _read(
    page: pdfium.PdfPage,
    number: int,
    form: pdfium.PdfFormEnv | None,
    recognizer: Recognizer,
    limits: Limits,
) -> Page:
    width, height = (max(side, 1.0) for side in page.get_size())
    layer = page.get_textpage()
    if layer.count_chars() > limits.page_characters:
        raise RefusedFileError("too_much_text")
    layer.close()
    turn = layer_turn(page)
    if turn % 180:
        width, height = height, width
    look = turned(picture(page, _LOOKING_SIDE), turn)
    values = form_values(page, form, turn)
    spans = [*layer_spans(page, height / width, turn), *values.spans]
    grey = np.asarray(look.convert("L"))
    seen, hidden = _seen_and_hidden(spans, grey, height)
    marks = [*_hidden_marks(hidden, number), *annotation_marks(page, number, turn)]
    partial, drawn = unread_ink(grey, [span.box for span in seen]) > _UNREAD, is_drawn(page)
    if partial or not drawn or _pictured(page) > _PICTURE_PAGE or _characters(seen) < _FEW_CHARACTERS:
        recognized = None if is_blank(look) else recognizer.read(picture(page, READING_SIDE))
        if recognized is not None and not (
            _agree(seen, recognized, number, marks) and drawn and (not partial or _says_all(seen, recognized))
        ):
            shown = page_of_image(recognized, number, page.get_size(), tuple(marks))
            return replace(shown, blanks=values.blanks, filled=values.filled)
    marks.extend(codes(look, number))
    return Page(
        number=number,
        width=width,
        height=height,
        source="text" if seen else "none",
        spans=reading_order(seen, 0.0, height / width),
        fingerprint=fingerprint(look),
        rotation=turn,
        blanks=values.blanks,
        filled=values.filled,
        marks=tuple(marks),
    )


def _agree(seen: Sequence[Span], recognized: Recognized, number: int, marks: list[Mark]) -> bool:
    """Whether the layer says what the picture shows; where it says something else, that is marked."""
    if _characters(seen) < _FEW_CHARACTERS:
        return False
    shown = _words(recognized.spans)
    written = _words(seen)
    share = sum(word in shown for word in written) / max(len(written), 1)
    if share < _AGREEMENT:
        marks.append(
            Mark("text_layer_differs", f"{1 - share:.0%} of the text layer is not on the page", number)
        )
    return share >= _AGREEMENT and recognized.rotation == 0


def _says_all(seen: Sequence[Span], recognized: Recognized) -> bool:
    """Whether the layer has about as much text as the picture shows: what else is drawn is no text."""
    return _characters(seen) * _MORE_SHOWN >= _characters(recognized.spans)


def _words(spans: Sequence[Span]) -> set[str]:
    words = ("".join(filter(str.isalnum, word)).casefold() for span in spans for word in span.text.split())
    return {word for word in words if len(word) > 2}  # noqa: PLR2004 - shorter ones are everywhere


def _characters(spans: Sequence[Span]) -> int:
    return sum(character.isalnum() for span in spans for character in span.text)


def _seen_and_hidden(
    spans: Sequence[Span], grey: NDArray[np.uint8], page_height: float
) -> tuple[list[Span], list[Span]]:
    seen: list[Span] = []
    hidden: list[Span] = []
    for span in spans:
        visible = span.box.height * page_height >= _SMALLEST_TEXT and _has_ink(span.box, grey)
        (seen if visible else hidden).append(span)
    return seen, hidden


def _has_ink(box: Box, grey: NDArray[np.uint8]) -> bool:
    height, width = grey.shape
    rows = slice(max(int(box.top * height), 0), min(int(box.bottom * height) + 1, height))
    columns = slice(max(int(box.left * width), 0), min(int(box.right * width) + 1, width))
    part = grey[rows, columns]
    return bool(part.size) and int(part.max()) - int(part.min()) >= _CONTRAST


def _hidden_marks(hidden: Sequence[Span], number: int) -> Iterator[Mark]:
    """One mark for all of a page's hidden text, with as much of it as a person needs to judge it."""
    if _characters(hidden) >= _FEW_HIDDEN:
        text = " ".join(span.text for span in hidden)
        yield Mark("hidden_text", text[:_HIDDEN_SHOWN], number, hidden[0].box)


def _pictured(page: pdfium.PdfPage) -> float:
    """The share of the page under its largest picture."""
    width, height = page.get_size()
    areas = [
        (right - left) * (top - bottom)
        for picture_object in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=4)
        for left, bottom, right, top in [picture_object.get_bounds()]
    ]
    return float(max(areas, default=0.0)) / max(float(width * height), 1.0)
