"""A page made from its picture: what OCR read, and the marks only a picture shows (QR codes)."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from PIL import Image

from lendgate.documents.fingerprint import fingerprint
from lendgate.documents.model import Box, Mark, Page
from lendgate.documents.ocr import Recognized

_BLANK_CONTRAST: Final = 16
_QR_SIDE: Final = 1200


_TURNS: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def turned(image: Image.Image, degrees: int) -> Image.Image:
    """The image turned clockwise by quarters."""
    return image.transpose(_TURNS[degrees]) if degrees else image


def is_blank(image: Image.Image) -> bool:
    """Whether there is nothing on the page: no pixel in a thousand stands out."""
    grey = np.asarray(image.convert("L"))
    low, high = np.percentile(grey, (0.1, 99.9))
    return bool(high - low < _BLANK_CONTRAST)


def page_of_image(
    recognized: Recognized, number: int, size: tuple[float, float], marks: tuple[Mark, ...] = ()
) -> Page:
    """The page that ``recognized`` is; ``size`` is its width and height before it was turned upright."""
    width, height = size if recognized.rotation % 180 == 0 else (size[1], size[0])
    return Page(
        number=number,
        width=width,
        height=height,
        source="ocr" if recognized.spans else "none",
        spans=recognized.spans,
        fingerprint=fingerprint(recognized.image),
        rotation=recognized.rotation,
        skew=recognized.skew,
        marks=(*marks, *codes(recognized.image, number)),
    )


def codes(image: Image.Image, number: int) -> tuple[Mark, ...]:
    """QR codes with text in them; what they say is data like everything else."""
    scale = _QR_SIDE / max(image.size)
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    small = image.convert("L").resize(size, Image.Resampling.BILINEAR)
    found, texts, corners, _ = cv2.QRCodeDetectorAruco().detectAndDecodeMulti(np.asarray(small))
    if not found:
        return ()
    return tuple(
        Mark(
            "qr_code",
            text[:400],
            number,
            Box(
                float(quad[:, 0].min() / small.width),
                float(quad[:, 1].min() / small.height),
                float(quad[:, 0].max() / small.width),
                float(quad[:, 1].max() / small.height),
            ),
        )
        for text, quad in zip(texts, np.asarray(corners), strict=True)
        if text
    )
