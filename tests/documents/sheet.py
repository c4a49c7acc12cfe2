"""A sheet to print on: text at places, as a PDF with a text layer or as the picture a scanner would give.

Places are points from the top left corner of a letter page. Everything is made here, so that a test knows
the truth of its document to the cent.
"""

from __future__ import annotations

import io
import random
import zlib
from dataclasses import dataclass, field

import numpy as np
import pypdfium2 as pdfium  # type: ignore[import-untyped]  # publishes no type information
from PIL import Image

WIDTH, HEIGHT = 612, 792
_WIDTHS = {**dict.fromkeys("0123456789$", 0.556), **dict.fromkeys(",. :;/|il", 0.278), "-": 0.333}


def width_of(text: str, size: float) -> float:
    """How wide Helvetica prints ``text``, near enough to set it to the right."""
    return size * sum(_WIDTHS.get(c, 0.667 if c.isupper() else 0.51) for c in text)


@dataclass(slots=True)
class Sheet:
    """One page in the making."""

    texts: list[tuple[float, float, str, float, str]] = field(default_factory=list)
    extra: str = ""

    def put(self, x: float, y: float, text: str, size: float = 9, colour: str = "0 g") -> None:
        """Text beginning at ``x``; ``y`` is its baseline from the top."""
        self.texts.append((x, y, text, size, colour))

    def right(self, x: float, y: float, text: str, size: float = 9) -> None:
        """Text ending at ``x``."""
        self.put(x - width_of(text, size), y, text, size)

    def content(self) -> bytes:
        """The page's content stream."""
        parts = [self.extra]
        for x, y, text, size, colour in self.texts:
            safe = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            parts.append(f"BT {colour} /F1 {size} Tf {x:.2f} {HEIGHT - y:.2f} Td ({safe}) Tj ET")
        return "\n".join(parts).encode("latin-1", "replace")


def pdf_of(
    *sheets: Sheet, catalog: str = "", info: str = "", objects: tuple[bytes, ...] = (), after: str = ""
) -> bytes:
    """The sheets as a PDF; ``catalog`` and ``objects`` (numbered from 4) add what a test needs.

    ``after`` is drawn over every page.
    """
    first_page = 4 + len(objects)
    kids = " ".join(f"{first_page + 2 * n} 0 R" for n in range(len(sheets)))
    bodies: list[bytes] = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(sheets)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        *objects,
    ]
    for number, sheet in enumerate(sheets):
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] "
        page += f"/Resources << /Font << /F1 3 0 R >> >> /Contents {first_page + 2 * number + 1} 0 R >>"
        stream = zlib.compress(sheet.content() + f"\n{after}".encode())
        head = f"<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n".encode()
        bodies.extend((page.encode(), head + stream + b"\nendstream"))
    return _file(bodies, info)


def _file(bodies: list[bytes], info: str) -> bytes:
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    places = []
    if info:
        bodies = [*bodies, f"<< {info} >>".encode()]
    for number, body in enumerate(bodies, start=1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode())
    out.write(b"".join(f"{place:010d} 00000 n \n".encode() for place in places))
    trailer = f"/Info {len(bodies)} 0 R" if info else ""
    out.write(f"trailer << /Size {len(bodies) + 1} /Root 1 0 R {trailer} >>\n".encode())
    out.write(f"startxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def picture_of(
    sheet: Sheet, *, side: int = 1400, turn: float = 0, noise: int = 0, seed: int = 0
) -> Image.Image:
    """The sheet as scanned: ``turn`` degrees counter-clockwise, with ``noise`` grey levels of speckle."""
    document = pdfium.PdfDocument(pdf_of(sheet))
    image: Image.Image = document[0].render(scale=side / HEIGHT).to_pil().convert("L")
    if turn:
        image = image.rotate(turn, expand=True, fillcolor=255)
    if noise:
        random_state = np.random.default_rng(seed)
        pixels = np.asarray(image, dtype=np.int16)
        pixels = pixels + random_state.integers(-noise, noise + 1, pixels.shape)
        image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return image


def png_of(image: Image.Image) -> bytes:
    """The picture as a PNG file."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def money(rng: random.Random, low: int, high: int) -> int:
    """An amount in cents."""
    return rng.randrange(low * 100, high * 100)
