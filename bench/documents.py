"""Documents: pages a second for text layers and for OCR, beside the OCR library alone, and memory.

Law: the same pages, in turns, in one run. What is compared with the library is CPU time in this process with
one thread each, which neighbours hardly change; pages a second are those of reader processes, by the wall.

    python -m bench.documents
"""

from __future__ import annotations

import io
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pypdfium2 as pdfium  # type: ignore[import-untyped]  # publishes no type information
from PIL import Image
from rapidocr import RapidOCR

from bench.figures import median, ratio
from bench.processes import family, memory
from lendgate.documents.limits import Limits
from lendgate.documents.model import Reading
from lendgate.documents.ocr import Recognizer
from lendgate.documents.read import read
from lendgate.documents.sandbox import Sandbox
from tests.documents.printed import Printed, pay_stub
from tests.documents.printed_forms import form_1040, w2
from tests.documents.printed_statements import statement
from tests.documents.sheet import pdf_of, picture_of, png_of

AIM: Final = 1.3
"""What a page may cost, as a multiple of the OCR library's own time."""
_ROUNDS: Final = 3
_LONG: Final = 200
_SIDE: Final = 2200
"""A letter page at 200 dpi."""
_ONE_THREAD: Final = Limits(threads=1)
_MB: Final = 1024**2


@dataclass(frozen=True, slots=True)
class Found:
    """What one run found: CPU seconds or pages a second, and megabytes of a reader over a long packet."""

    library_cpu: float
    ours_cpu: float
    times: float
    library_rate: float
    ocr_rate: float
    ocr_rate_all: float
    pdfium_rate: float
    text_rate: float
    text_rate_all: float
    memory_early: int
    memory_peak: int

    @property
    def lines(self) -> list[str]:
        """For people."""
        rates = (
            ("OCR: the library alone, its own threads", self.library_rate),
            ("OCR: a reader process", self.ocr_rate),
            ("OCR: a reader process for each core", self.ocr_rate_all),
            ("text layer: PDFium alone, text and picture", self.pdfium_rate),
            ("text layer: a reader process", self.text_rate),
            ("text layer: a reader process for each core", self.text_rate_all),
        )
        met = "met" if self.times <= AIM else "missed"
        return [
            "Documents                                       pages/s",
            *(f"  {name:44} {rate:8.2f}" for name, rate in rates),
            f"  OCR, CPU s a page: {self.ours_cpu:.2f} here, {self.library_cpu:.2f} by the library alone",
            f"  times the library's CPU: {self.times:.2f} (aim {AIM}: {met})",
            f"  {_LONG} pages: the reader holds {self.memory_early} MB early, {self.memory_peak} MB at most",
        ]


def measure() -> Found:
    """Everything; takes some minutes."""
    scans = [png_of(picture_of(one.sheet, side=_SIDE, noise=12, seed=n)) for n, one in enumerate(_printed())]
    text = pdf_of(*(one.sheet for one in _printed() * 5))
    library, ours = _turns(scans)
    early, peak = _long_packet()
    return Found(
        library_cpu=median(library),
        ours_cpu=median(ours),
        times=ratio(ours, library),
        library_rate=_rate(len(scans), lambda: _library(scans, threads=-1)),
        ocr_rate=_through_readers(scans, 1, len(scans), threads=1),
        ocr_rate_all=_through_readers(scans * 2, _cores(), 2 * len(scans), threads=1),
        pdfium_rate=_rate(20, lambda: _pdfium(text)),
        text_rate=_through_readers([text], 1, 20, threads=1),
        text_rate_all=_through_readers([text] * _cores(), _cores(), 20 * _cores(), threads=1),
        memory_early=early,
        memory_peak=peak,
    )


def _printed() -> list[Printed]:
    return [pay_stub(1, 0), statement(2, 0), w2(3), form_1040(4)]


def _turns(scans: Sequence[bytes]) -> tuple[list[float], list[float]]:
    """CPU seconds of each page by the library and by us, in turns, one thread each."""
    engine, recognizer = _engine(1), Recognizer(threads=1)
    _recognized(engine, scans[0])
    read(scans[0], recognizer, _ONE_THREAD)
    library, ours = [], []
    for _ in range(_ROUNDS):
        for scan in scans:
            library.append(_cpu(partial(_recognized, engine, scan)))
            ours.append(_cpu(partial(read, scan, recognizer, _ONE_THREAD)))
    return library, ours


def _engine(threads: int) -> RapidOCR:
    params = {"Global.log_level": "critical", "EngineConfig.onnxruntime.intra_op_num_threads": threads}
    return RapidOCR(params=params)


def _recognized(engine: RapidOCR, scan: bytes) -> object:
    return engine(np.asarray(Image.open(io.BytesIO(scan)).convert("RGB")))


def _library(scans: Sequence[bytes], *, threads: int) -> None:
    engine = _engine(threads)
    for scan in scans:
        _recognized(engine, scan)


def _pdfium(content: bytes) -> None:
    """What there is to do at least: the text, and a picture to hold it against."""
    document = pdfium.PdfDocument(content)
    for page in document:
        page.get_textpage().get_text_range()
        page.render(scale=100 / 72).to_pil()


def _through_readers(files: Sequence[bytes], readers: int, pages: int, *, threads: int) -> float:
    """Pages a second by the wall, with readers that are already running."""
    local = threading.local()
    sandboxes: list[Sandbox] = []

    def start() -> None:
        local.sandbox = Sandbox(Limits(threads=threads))
        sandboxes.append(local.sandbox)
        assert isinstance(local.sandbox.read(pdf_of(w2(1).sheet)), Reading)

    def one(content: bytes) -> None:
        assert isinstance(local.sandbox.read(content), Reading)

    with ThreadPoolExecutor(readers, initializer=start) as pool:
        list(pool.map(lambda _: time.sleep(0.2), range(readers)))
        rate = _rate(pages, lambda: list(pool.map(one, files)))
    for sandbox in sandboxes:
        sandbox.close()
    return rate


def _long_packet() -> tuple[int, int]:
    """Megabytes of the reader and its child: after a tenth of the pages, and at most."""
    content = pdf_of(*(one.sheet for one in _printed() * (_LONG // 4)))
    seen: list[int] = []

    def watch(_done: int, _of: int) -> None:
        seen.append(memory(family(os.getpid())[1:]) // _MB)

    with Sandbox(_ONE_THREAD) as sandbox:
        assert isinstance(sandbox.read(content, watch), Reading)
    return max(seen[: _LONG // 10]), max(seen)


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _rate(pages: int, work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return pages / (time.perf_counter() - start)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


if __name__ == "__main__":
    print("\n".join(measure().lines))
    sys.exit(0)
