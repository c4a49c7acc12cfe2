"""What a PDF says beside its pages: metadata, bookmarks, notes, names of the files it carries.

Law: none of it is the document. It is kept for people, bounded in length, and looked through for text that
speaks to a machine; nothing reads a value or a type from it. Source: ISO 32000-2 12.5, 12.3.3, 14.3, 7.11.4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from typing import Final

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # publishes no type information
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]  # the same

from lendgate.documents.model import Mark, Origin
from lendgate.documents.pdf_active import active_marks, revisions
from lendgate.documents.pdf_text import Mapper

_LONGEST: Final = 400
_MOST: Final = 100
"""Bookmarks, notes of a page and carried files looked at; the first ones tell."""
_KEYS: Final = ("Title", "Subject", "Keywords", "Author", "Producer", "Creator")
_PACKET: Final = re.compile(rb"<x:xmpmeta.{0,20000}?</x:xmpmeta>", re.DOTALL)
_MARKUP: Final = re.compile(r"</?[A-Za-z?!][^>]*>")
_OVER_THE_PAGE: Final = frozenset(
    {pdfium_c.FPDF_ANNOT_FREETEXT, pdfium_c.FPDF_ANNOT_STAMP, pdfium_c.FPDF_ANNOT_INK}
)
_NUL: Final = 2


def origin_of(document: pdfium.PdfDocument, content: bytes) -> Origin:
    """What the file says about its making."""
    said = {key: str(value)[:_LONGEST] for key, value in document.get_metadata_dict().items()}
    return Origin(
        producer=said.get("Producer", ""),
        creator=said.get("Creator", ""),
        created=said.get("CreationDate", ""),
        modified=said.get("ModDate", ""),
        title=said.get("Title", ""),
        revisions=revisions(content),
    )


def marks_of(document: pdfium.PdfDocument, content: bytes) -> tuple[Mark, ...]:
    """Scripts and carried files, and every text of the file that stands on no page."""
    texts = (*_metadata(document, content), *_bookmarks(document), *_carried(document))
    return (*active_marks(content), *(Mark("metadata_text", text[:_LONGEST]) for text in texts))


def annotation_marks(page: pdfium.PdfPage, number: int, turn: int) -> Iterator[Mark]:
    """What an editor laid over the page, and what was written into notes on it."""
    mapper = Mapper(page, turn)
    for index in range(min(pdfium_c.FPDFPage_GetAnnotCount(page.raw), _MOST)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page.raw, index)
        text = _contents(annotation)
        laid_over = pdfium_c.FPDFAnnot_GetSubtype(annotation) in _OVER_THE_PAGE
        if laid_over or text:
            area = pdfium_c.FS_RECTF()
            pdfium_c.FPDFAnnot_GetRect(annotation, area)
            box = mapper.box(area.left, area.bottom, area.right, area.top)
            detail = text or "something was laid over the page"
            yield Mark("text_annotation" if laid_over else "metadata_text", detail, number, box)
        pdfium_c.FPDFPage_CloseAnnot(annotation)


def _metadata(document: pdfium.PdfDocument, content: bytes) -> Iterator[str]:
    said = document.get_metadata_dict()
    yield from (f"{key}: {said[key]}" for key in _KEYS if said.get(key))
    for packet in _PACKET.findall(content)[:_MOST]:
        yield "XMP: " + " ".join(unescape(_MARKUP.sub(" ", packet.decode("utf-8", "replace"))).split())


def _bookmarks(document: pdfium.PdfDocument) -> Iterator[str]:
    for number, bookmark in enumerate(document.get_toc(max_depth=4)):
        if number >= _MOST:
            return
        yield f"Bookmark: {bookmark.get_title()}"


def _carried(document: pdfium.PdfDocument) -> Iterator[str]:
    for index in range(min(pdfium_c.FPDFDoc_GetAttachmentCount(document.raw), _MOST)):
        carried = pdfium_c.FPDFDoc_GetAttachment(document.raw, index)
        yield "Attachment: " + _text(partial(pdfium_c.FPDFAttachment_GetName, carried))


def _contents(annotation: object) -> str:
    return _text(partial(pdfium_c.FPDFAnnot_GetStringValue, annotation, b"Contents"))


def _text(read: Callable[[object, int], int]) -> str:
    """A text that PDFium hands out as UTF-16 into a buffer, as much of it as fits."""
    buffer = (pdfium_c.FPDF_WCHAR * (_LONGEST + 1))()
    size = read(buffer, 2 * (_LONGEST + 1))
    if size > 2 * (_LONGEST + 1):  # PDFium writes nothing when it does not fit
        buffer = (pdfium_c.FPDF_WCHAR * min(size, 1 << 20))()
        size = read(buffer, 2 * len(buffer))
    return bytes(buffer)[: max(size - _NUL, 0)].decode("utf-16-le", errors="replace").strip()[:_LONGEST]
