"""One file's bytes to its pages. Runs inside the reader process (``sandbox``), or directly in tests.

Law: every limit that can be told from a header is told before the work; a page is read, handed on and
forgotten, so that a long packet needs no more memory than its heaviest page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from lendgate.documents import image as images
from lendgate.documents import pdf
from lendgate.documents.fingerprint import fingerprint
from lendgate.documents.limits import Limits
from lendgate.documents.model import Mark, MediaType, Origin, Page, Reading, Refusal
from lendgate.documents.ocr import Recognizer
from lendgate.documents.page_image import is_blank, page_of_image
from lendgate.documents.pdf_said import marks_of, origin_of
from lendgate.documents.refuse import RefusedFileError, refusal
from lendgate.documents.sniff import media_type_of


@dataclass(frozen=True, slots=True)
class Cover:
    """What is known of a file before its first page is read."""

    media_type: MediaType
    page_count: int
    origin: Origin
    marks: tuple[Mark, ...]


def parts(content: bytes, recognizer: Recognizer, limits: Limits) -> Iterator[Cover | Page]:
    """The file's cover, then its pages in order.

    Raises:
        RefusedFileError: it cannot be read; pages already given stay good.
    """
    if not content:
        raise RefusedFileError("empty")
    if len(content) > limits.file_bytes:
        raise RefusedFileError("too_large")
    media_type = media_type_of(content)
    if media_type is None:
        raise RefusedFileError("unsupported")
    if media_type == "application/pdf":
        yield from _pdf_parts(content, recognizer, limits)
    else:
        yield from _image_parts(content, media_type, recognizer, limits)


def read(content: bytes, recognizer: Recognizer, limits: Limits) -> Reading | Refusal:
    """The whole file in this process: for trusted files and tests; ``sandbox`` is for everything else."""
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        cover, *pages = parts(content, recognizer, limits)
    except RefusedFileError as error:
        return refusal(sha256, error.code)
    assert isinstance(cover, Cover)  # noqa: S101 - the first part is the cover
    found = tuple(page for page in pages if isinstance(page, Page))
    return Reading(sha256, cover.media_type, found, cover.origin, cover.marks)


def _pdf_parts(content: bytes, recognizer: Recognizer, limits: Limits) -> Iterator[Cover | Page]:
    with pdf.opened(content, limits) as document:
        marks = marks_of(document, content)
        yield Cover("application/pdf", len(document), origin_of(document, content), marks)
        yield from pdf.pages(document, recognizer, limits)


def _image_parts(
    content: bytes, media_type: MediaType, recognizer: Recognizer, limits: Limits
) -> Iterator[Cover | Page]:
    with images.opened(content, media_type, limits) as image:
        count = getattr(image, "n_frames", 1)
        yield Cover(media_type, count, images.origin_of(image), images.marks_of(image, content))
        for number, frame in enumerate(images.frames(image, limits), start=1):
            size = (float(frame.width), float(frame.height))
            if is_blank(frame):
                yield Page(number, *size, "none", (), fingerprint(frame))
            else:
                yield page_of_image(recognizer.read(frame), number, size)
