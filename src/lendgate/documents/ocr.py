"""Text of an image: RapidOCR's models on ONNX Runtime. The only door to both.

The models are inside the wheel; nothing is fetched at run time. A page that lies on its side or stands on
its head is turned upright first; what is left of its skew is measured and told, not taken out, so that
boxes stay those of the page a person sees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rapidocr import RapidOCR
from rapidocr.ch_ppocr_cls import TextClsOutput
from rapidocr.ch_ppocr_rec import TextRecOutput
from rapidocr.utils.output import RapidOCROutput

from lendgate.documents.layout import reading_order
from lendgate.documents.model import Box, Span

READING_SIDE: Final = 2000
"""Pixels of the longer side that the models read: 180 dpi of a letter page."""
_SMALL: Final = 1500
_ENLARGE_AT_MOST: Final = 3.0
_INK: Final = 40
_MARGIN: Final = 12
_TALL: Final = 1.5
_LONG_LINE: Final = 0.08
_SAMPLE: Final = 12
_SURE: Final = 0.9
_CLEAR: Final = 0.9
_SHORT: Final = 3
"""Texts of so few characters have no direction of their own."""
_FEWEST: Final = 3
"""Fewer lines than this tell nothing about a page."""

Quads = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recognized:
    """An upright image's text: ``rotation`` degrees clockwise made it upright, ``skew`` is what is left."""

    image: Image.Image
    spans: tuple[Span, ...]
    rotation: int
    skew: float


@dataclass(frozen=True, slots=True)
class _Lines:
    quads: Quads
    texts: tuple[str, ...]
    scores: tuple[float, ...]

    @property
    def clarity(self) -> float:
        """The usual confidence of a line with letters enough to have one; text on its head has little."""
        scores = [score for score, text in zip(self.scores, self.texts, strict=True) if len(text) > _SHORT]
        return float(np.median(scores)) if scores else 1.0


_NOTHING: Final = _Lines(np.zeros((0, 4, 2), dtype=np.float32), (), ())


@dataclass(frozen=True, slots=True)
class _Frame:
    """The part of an image that has something on it, in pixels, and how much it is enlarged for reading."""

    left: int
    top: int
    right: int
    bottom: int
    scale: float


@dataclass(frozen=True, slots=True)
class _Seen:
    """An image as the models saw it, and the lines they found."""

    image: Image.Image
    frame: _Frame
    pixels: NDArray[np.uint8]
    lines: _Lines


class Recognizer:
    """The models, loaded when the first page asks for them; ``threads`` 0 is one for each core."""

    def __init__(self, threads: int = 0) -> None:
        self._threads = threads or -1

    @cached_property
    def _engine(self) -> RapidOCR:
        return RapidOCR(
            params={
                "Global.log_level": "critical",
                "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
            }
        )

    def read(self, image: Image.Image) -> Recognized:
        """The text of an RGB or grey image of one page."""
        rotation, seen = 0, self._seen(image)
        if self._lies(seen):
            rotation, seen = 90, self._seen(image.transpose(Image.Transpose.ROTATE_270))
        if seen.lines.clarity < _CLEAR or self._stands_on_its_head(seen):
            flipped = self._seen(seen.image.transpose(Image.Transpose.ROTATE_180))
            if flipped.lines.clarity > seen.lines.clarity:
                rotation, seen = (rotation + 180) % 360, flipped
        skew = _skew(seen)
        spans = reading_order(_spans(seen), skew, seen.image.height / seen.image.width)
        return Recognized(seen.image, spans, rotation, skew)

    def read_line(self, line: Image.Image, box: Box) -> Span:
        """The text of an image of one line, as standing at ``box``; empty when none was made out."""
        pixels = np.asarray(line.convert("RGB"), dtype=np.uint8)
        found = self._engine(pixels, use_det=False, use_cls=False, use_rec=True)
        if not isinstance(found, TextRecOutput) or not found.txts or not found.scores:
            return Span("", box, 0.0)
        return Span(" ".join(found.txts[0].split()), box, round(float(found.scores[0]), 4))

    def _seen(self, image: Image.Image) -> _Seen:
        frame = _frame(image)
        pixels = _scaled(image, frame)
        return _Seen(image, frame, pixels, self._lines(pixels))

    def _lines(self, pixels: NDArray[np.uint8]) -> _Lines:
        # Without the direction model, which turns single lines of an upright page on their head.
        found = self._engine(pixels, use_det=True, use_cls=False, use_rec=True)
        if not isinstance(found, RapidOCROutput) or found.boxes is None or not found.txts or not found.scores:
            return _NOTHING
        quads = np.asarray(found.boxes, dtype=np.float32)
        quads[:, :, 0] /= pixels.shape[1]
        quads[:, :, 1] /= pixels.shape[0]
        return _Lines(quads, tuple(found.txts), tuple(float(score) for score in found.scores))

    @staticmethod
    def _lies(seen: _Seen) -> bool:
        """Whether most of the longer lines run from top to bottom."""
        lines, (height, width) = seen.lines, seen.pixels.shape[:2]
        long = [quad for quad, text in zip(lines.quads, lines.texts, strict=True) if len(text) > _SHORT]
        sides = [quad.max(axis=0) - quad.min(axis=0) for quad in long]
        tall = sum(bool(down * height > _TALL * across * width) for across, down in sides)
        return len(long) >= _FEWEST and tall > len(long) / 2

    def _stands_on_its_head(self, seen: _Seen) -> bool:
        """Whether the direction model says so of most of the longest lines."""
        texts = seen.lines.texts
        order = sorted(range(len(texts)), key=lambda n: -len(texts[n]))[:_SAMPLE]
        crops = [crop for n in order if (crop := _crop(seen.pixels, seen.lines.quads[n])).size]
        return sum(self._is_flipped(crop) for crop in crops) > len(crops) / 2

    def _is_flipped(self, line: NDArray[np.uint8]) -> bool:
        vote = self._engine(line, use_det=False, use_cls=True, use_rec=False)
        if not isinstance(vote, TextClsOutput):
            return False
        return any(label == "180" and score > _SURE for label, score in vote.cls_res or ())


def _frame(image: Image.Image) -> _Frame:
    """Even margins left away; a small image enlarged, a large one reduced, to what the models read best."""
    grey = np.asarray(image.convert("L"), dtype=np.int16)
    edge = np.concatenate((grey[0], grey[-1], grey[:, 0], grey[:, -1]))
    ink = np.abs(grey - int(np.median(edge))) > _INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size or not columns.size:
        return _Frame(0, 0, image.width, image.height, 1.0)
    left, top = max(int(columns[0]) - _MARGIN, 0), max(int(rows[0]) - _MARGIN, 0)
    right = min(int(columns[-1]) + _MARGIN, image.width)
    bottom = min(int(rows[-1]) + _MARGIN, image.height)
    longer = max(right - left, bottom - top, 1)
    scale = READING_SIDE / longer if longer > READING_SIDE or longer < _SMALL else 1.0
    return _Frame(left, top, right, bottom, min(scale, _ENLARGE_AT_MOST))


def _scaled(image: Image.Image, frame: _Frame) -> NDArray[np.uint8]:
    part = image.crop((frame.left, frame.top, frame.right, frame.bottom)).convert("RGB")
    if frame.scale != 1.0:
        size = (max(round(part.width * frame.scale), 1), max(round(part.height * frame.scale), 1))
        part = part.resize(size, Image.Resampling.LANCZOS)
    return np.asarray(part, dtype=np.uint8)


def _spans(seen: _Seen) -> list[Span]:
    """Quads of the frame as upright boxes of the page."""
    lines, frame, image = seen.lines, seen.frame, seen.image
    width, height = frame.right - frame.left, frame.bottom - frame.top
    spans = []
    for quad, text, score in zip(lines.quads, lines.texts, lines.scores, strict=True):
        xs = (frame.left + quad[:, 0] * width) / image.width
        ys = (frame.top + quad[:, 1] * height) / image.height
        # The middle of the slanted sides: the full height of a slanted line would reach into its neighbours.
        box = Box(float(xs[[0, 3]].mean()), float(ys[:2].mean()), float(xs[1:3].mean()), float(ys[2:].mean()))
        spans.append(Span(" ".join(text.split()), box, round(score, 4)))
    return [span for span in spans if span.text]


def _skew(seen: _Seen) -> float:
    """The usual fall of the long lines, in degrees; 0 where there are too few to tell."""
    across = seen.lines.quads[:, 1] - seen.lines.quads[:, 0]
    long = across[across[:, 0] > _LONG_LINE]
    if len(long) < _FEWEST:
        return 0.0
    height, width = seen.pixels.shape[:2]
    return round(math.degrees(math.atan(float(np.median(long[:, 1] / long[:, 0])) * height / width)), 2)


def _crop(pixels: NDArray[np.uint8], quad: NDArray[np.float32]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    left, top = quad.min(axis=0) * (width, height)
    right, bottom = quad.max(axis=0) * (width, height)
    return pixels[max(int(top), 0) : int(bottom) + 1, max(int(left), 0) : int(right) + 1]
