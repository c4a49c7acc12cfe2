"""Images as upright RGB pages: PNG, JPEG and TIFF with all its pages. The door to Pillow's decoders.

Law: the header is believed before a single pixel is decoded, and an image is refused on its header alone.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ExifTags import Base as ExifTag

from lendgate.documents.limits import Limits
from lendgate.documents.model import Mark, MediaType, Origin
from lendgate.documents.refuse import RefusedFileError

_FORMATS: Final[dict[MediaType, str]] = {"image/png": "PNG", "image/jpeg": "JPEG", "image/tiff": "TIFF"}
_HIGH_MODES: Final = frozenset({"I", "I;16", "I;16B", "I;16L", "F"})
_LONGEST_TEXT: Final = 2_000
_WRITTEN: Final = frozenset(
    {"title", "author", "description", "copyright", "comment", "subject", "keywords", "warning"}
)
_EXIF_WRITTEN: Final = (
    ("ImageDescription", ExifTag.ImageDescription),
    ("Artist", ExifTag.Artist),
    ("UserComment", ExifTag.UserComment),
    ("XPComment", ExifTag.XPComment),
    ("XPTitle", ExifTag.XPTitle),
)
_TOOL: Final = re.compile(r"CreatorTool(?:=[\"']|>)([^\"'<]{1,100})")
_MARKUP: Final = re.compile(r"</?[A-Za-z?!][^>]*>")
_END_OF_PNG: Final = b"IEND\xaeB\x60\x82"
_END_OF_JPEG: Final = b"\xff\xd9"


@contextmanager
def opened(content: bytes, media_type: MediaType, limits: Limits) -> Iterator[Image.Image]:
    """The image, not decoded yet.

    Raises:
        RefusedFileError: broken, or larger than ``limits`` allow.
    """
    Image.MAX_IMAGE_PIXELS = None  # our own limit, below, has the clearer answer
    with _decoding():
        image = Image.open(io.BytesIO(content), formats=[_FORMATS[media_type]])
        count = getattr(image, "n_frames", 1)
    with image:
        _refuse_large(image, limits)
        if count > limits.pages:
            raise RefusedFileError("too_many_pages")
        yield image


def frames(image: Image.Image, limits: Limits) -> Iterator[Image.Image]:
    """Every page of an opened image, upright as the camera meant it, on white."""
    for number in range(getattr(image, "n_frames", 1)):
        with _decoding():
            image.seek(number)
            _refuse_large(image, limits)
            image.load()
            upright = ImageOps.exif_transpose(image)
        yield flattened(upright)


@contextmanager
def _decoding() -> Iterator[None]:
    """Whatever Pillow's decoders raise of a damaged file (documented, or found by fuzzing) is a refusal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about damaged metadata, which harms nothing
        try:
            yield
        except (
            UnidentifiedImageError,
            OSError,
            SyntaxError,
            ValueError,
            EOFError,
            TypeError,
            KeyError,
        ) as error:
            raise RefusedFileError("broken") from error


def flattened(image: Image.Image) -> Image.Image:
    """Any colour mode as RGB on a white ground."""
    if image.mode in _HIGH_MODES:
        low, high = (float(bound) for bound in image.getextrema()[:2])  # type: ignore[arg-type]  # one band
        scale = 255 / max(high - low, 1)
        return image.point(lambda value: value * scale - low * scale).convert("L").convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        ground.alpha_composite(layer)
        return ground.convert("RGB")
    return image.convert("RGB")


def origin_of(image: Image.Image) -> Origin:
    """What the camera or the program that wrote the image says about itself."""
    exif, packet = _exif(image), _packet(image)
    tool = _TOOL.search(packet)
    return Origin(
        producer=_text(exif.get(ExifTag.Software)) or _text(image.info.get("Software")),
        creator=(tool.group(1) if tool else "")
        or _text(image.info.get("xmp:CreatorTool"))
        or f"{_text(exif.get(ExifTag.Make))} {_text(exif.get(ExifTag.Model))}".strip(),
        created=_text(exif.get(ExifTag.DateTime)) or _text(image.info.get("Creation Time")),
        title=_text(image.info.get("Title")),
    )


def marks_of(image: Image.Image, content: bytes) -> tuple[Mark, ...]:
    """Texts that people may write into an image's metadata, and bytes behind its end."""
    exif = _exif(image)
    texts = {
        str(key): _text(value)
        for key, value in image.info.items()
        if isinstance(value, str) or str(key).casefold() in _WRITTEN
    }
    texts |= {name: _text(exif.get(tag)) for name, tag in _EXIF_WRITTEN}
    texts["XMP"] = " ".join(unescape(_MARKUP.sub(" ", _packet(image))).split())[:_LONGEST_TEXT]
    marks = [Mark("metadata_text", f"{key}: {text}") for key, text in texts.items() if text]
    behind = _bytes_behind(image.format or "", content)
    if behind:
        marks.append(Mark("trailing_data", f"{behind} bytes follow the end of the image"))
    return tuple(marks)


def _exif(image: Image.Image) -> Image.Exif:
    with _decoding():
        return image.getexif()


def _packet(image: Image.Image) -> str:
    """The XMP packet, if any: XML that is searched, never parsed."""
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or ""
    return packet.decode("utf-8", "replace") if isinstance(packet, bytes) else str(packet)


def _bytes_behind(kind: str, content: bytes) -> int:
    """How many bytes that are no padding stand behind the end of the last image in the file."""
    end = {"PNG": _END_OF_PNG, "JPEG": _END_OF_JPEG, "MPO": _END_OF_JPEG}.get(kind)
    place = content.rfind(end) if end else -1
    if end is None or place < 0:
        return 0
    return len(content[place + len(end) :].strip(b"\0\r\n "))


def _refuse_large(image: Image.Image, limits: Limits) -> None:
    if image.width * image.height > limits.page_pixels:
        raise RefusedFileError("too_many_pixels")


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-16-le" if value[1:2] == b"\0" else "utf-8", "replace")
    return value.strip("\0 ")[:_LONGEST_TEXT] if isinstance(value, str) else ""
