"""Real files read once: OCR takes seconds a page, so that a reading is kept until the reader changes.

The readings are kept under ``.lendgate/readings`` by the file's digest and that of everything that reads.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pydantic import TypeAdapter

from lendgate.documents.model import Reading
from lendgate.documents.sandbox import Sandbox
from tests.documents.shared import path_of

_ROOT = Path(__file__).resolve().parents[2]
_READERS = ("again", "fingerprint", "image", "ink", "layout", "limits", "model", "ocr", "page_image", "pdf",
            "pdf_active", "pdf_said", "pdf_text", "read")  # fmt: skip
_READING = TypeAdapter(Reading)


def kept(name: str) -> Reading:
    """The shared file of that name, read in the sandbox now or before."""
    content = path_of(name).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    place = _ROOT / ".lendgate" / "readings" / f"{digest[:24]}-{_reader_version()}.json"
    if place.is_file():
        return _READING.validate_json(place.read_bytes())
    with Sandbox() as sandbox:
        reading = sandbox.read(content)
    assert isinstance(reading, Reading), reading
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(_READING.dump_json(reading))
    return reading


@cache
def _reader_version() -> str:
    sources = [(_ROOT / "src/lendgate/documents" / f"{name}.py").read_bytes() for name in _READERS]
    versions = " ".join(version(name) for name in ("pypdfium2", "rapidocr", "onnxruntime", "pillow"))
    return hashlib.sha256(b"\0".join([*sources, versions.encode()])).hexdigest()[:16]
