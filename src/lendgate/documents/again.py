"""Looking at a page a second time: its picture, and single places of it read larger.

A sum that does not add up is first of all a digit that may have been misread. The second reading uses
other pixels (the place alone, enlarged), so that agreeing with the first is worth something.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image

from lendgate.documents import image as images
from lendgate.documents import pdf
from lendgate.documents.limits import Limits
from lendgate.documents.model import Box, Span
from lendgate.documents.ocr import Recognizer
from lendgate.documents.page_image import turned
from lendgate.documents.refuse import RefusedFileError
from lendgate.documents.sniff import media_type_of

_SHARP_SIDE: Final = 3300
_LINE_PIXELS: Final = 64


def picture_of(content: bytes, page: int, rotation: int, side: int, limits: Limits) -> bytes:
    """The upright page as PNG, its longer side at most ``side`` pixels."""
    image = _page(content, page, rotation, side, limits)
    image.thumbnail((side, side))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def read_again(
    content: bytes,
    boxes: Sequence[Box],
    recognizer: Recognizer,
    *,
    page: int,
    rotation: int,
    limits: Limits,
) -> tuple[Span, ...]:
    """What stands at each of ``boxes``, read alone and enlarged; empty text where nothing was read."""
    image = _page(content, page, rotation, _SHARP_SIDE, limits)
    return tuple(recognizer.read_line(_enlarged(image, box), box) for box in boxes)


def _page(content: bytes, number: int, rotation: int, side: int, limits: Limits) -> Image.Image:
    media_type = media_type_of(content)
    if media_type is None:
        raise RefusedFileError("unsupported")
    if media_type == "application/pdf":
        with pdf.opened(content, limits) as document:
            image = pdf.picture(document[number - 1], side)
    else:
        with images.opened(content, media_type, limits) as opened:
            image = next(frame for n, frame in enumerate(images.frames(opened, limits), 1) if n == number)
    return turned(image, rotation % 360)


def _enlarged(image: Image.Image, box: Box) -> Image.Image:
    """The place with a little air around it, as high as the model likes a line to be."""
    air = box.height * 0.25
    place = image.crop(
        (
            round((box.left - air) * image.width),
            round((box.top - air) * image.height),
            round((box.right + air) * image.width),
            round((box.bottom + air) * image.height),
        )
    )
    scale = _LINE_PIXELS / max(place.height, 1)
    size = (max(round(place.width * scale), 1), _LINE_PIXELS)
    return place.resize(size, Image.Resampling.LANCZOS)
