"""Where files are read: a process apart, with limits, so that no file takes the service down.

Law: this side hands over bytes and gets back JSON of a known shape; it never opens a file itself. Whatever
happens over there (a crash, a hang, too much memory, nonsense) comes back as a ``Refusal``.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from lendgate.documents import frames
from lendgate.documents.limits import Limits
from lendgate.documents.model import Box, Page, Reading, Refusal, Span
from lendgate.documents.read import Cover
from lendgate.documents.reader_process import ReaderProcess
from lendgate.documents.refuse import RefusedFileError, refusal
from lendgate.documents.second_look import LookAgain

OnPage = Callable[[int, int], None]
"""Told after each page: how many are read, of how many."""


class Sandbox:
    """One reader process, started when the first file comes; one file at a time, safe to share by threads.

    Use it as a context manager, or ``close`` it. A file is read in a fork of the reader and ends with it.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._process: ReaderProcess | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the reader process."""
        with self._lock:
            self._stop()

    def read(self, content: bytes, on_page: OnPage | None = None) -> Reading | Refusal:
        """The file's pages, or why it is not read."""
        sha256 = hashlib.sha256(content).hexdigest()
        received = _Received(on_page)
        try:
            self._run(frames.Task("read", self._limits), content, received.take)
            return received.reading(sha256)
        except RefusedFileError as error:
            return refusal(sha256, error.code)

    def picture(self, content: bytes, page: Page, side: int = 1400) -> bytes:
        """A page that was read, upright, as PNG.

        Raises:
            RefusedFileError: it cannot be drawn within the limits.
        """
        task = frames.Task("picture", self._limits, page=page.number, rotation=page.rotation, side=side)
        return self._single(task, content, b"I")

    def reread(self, content: bytes, page: Page, boxes: Sequence[Box]) -> tuple[Span, ...]:
        """Single places of a page read a second time, enlarged; a span for each box.

        Raises:
            RefusedFileError: they cannot be read within the limits.
        """
        task = frames.Task(
            "reread", self._limits, page=page.number, rotation=page.rotation, boxes=tuple(boxes)
        )
        answer = self._single(task, content, b"S")
        try:
            spans = frames.SPANS.validate_json(answer)
        except ValidationError as error:
            raise RefusedFileError("crashed") from error
        if len(spans) != len(boxes):
            raise RefusedFileError("crashed")
        return spans

    def looking(self, content: bytes) -> LookAgain:
        """A second look at places of this file; where none is possible, nothing was made out."""

        def look(page: Page, boxes: Sequence[Box]) -> Sequence[Span]:
            try:
                return self.reread(content, page, boxes)
            except RefusedFileError:
                return [Span("", box, 0.0) for box in boxes]

        return look

    def _single(self, task: frames.Task, content: bytes, wanted: bytes) -> bytes:
        answers: list[bytes] = []

        def take(kind: bytes, payload: bytes) -> None:
            if kind == wanted:
                answers.append(payload)

        self._run(task, content, take)
        if len(answers) != 1:
            raise RefusedFileError("crashed")
        return answers[0]

    def _run(self, task: frames.Task, content: bytes, take: Callable[[bytes, bytes], None]) -> None:
        """One task on one file; RefusedFileError when it does not end well."""
        if len(content) > self._limits.file_bytes:
            raise RefusedFileError("too_large")
        with self._lock:
            if self._process is None:
                self._process = ReaderProcess()
            try:
                refused = self._process.do(task, content, take)
            except BaseException:
                # Half-heard replies must not be taken for those of the next file.
                self._stop()
                raise
        if refused is not None:
            raise RefusedFileError(refused)

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process = None


class _Received:
    """The parts of a reading as they come in."""

    def __init__(self, on_page: OnPage | None) -> None:
        self._on_page = on_page
        self._cover: Cover | None = None
        self._pages: list[Page] = []

    def take(self, kind: bytes, payload: bytes) -> None:
        """One frame of the reader."""
        try:
            if kind == b"C":
                self._cover = frames.COVERS.validate_json(payload)
            elif kind == b"P" and self._cover is not None:
                self._pages.append(frames.PAGES.validate_json(payload))
                if self._on_page is not None:
                    self._on_page(len(self._pages), self._cover.page_count)
        except ValidationError as error:
            raise RefusedFileError("crashed") from error

    def reading(self, sha256: str) -> Reading:
        """The whole; RefusedFileError when a part is missing."""
        cover = self._cover
        if cover is None or len(self._pages) != cover.page_count:
            raise RefusedFileError("crashed")
        return Reading(sha256, cover.media_type, tuple(self._pages), cover.origin, cover.marks)
