"""A text layer is believed only where it covers what the page shows, and only where it is drawn."""

from __future__ import annotations

import zlib

import numpy as np

from lendgate.documents.ink import unread_ink
from lendgate.documents.model import Box, Page, Reading
from tests.documents.reading import read_bytes
from tests.documents.sheet import HEIGHT, Sheet, pdf_of, picture_of

STRIPS = 4
"""Each of the strips that a form is drawn in is less than half of the page."""


def strips_of(sheet: Sheet) -> tuple[tuple[bytes, ...], str]:
    """The sheet's picture in strips: image objects, and what draws them."""
    shown = picture_of(sheet, side=1584)
    height = shown.height // STRIPS
    objects, drawing = [], []
    for n in range(STRIPS):
        strip = shown.crop((0, n * height, shown.width, (n + 1) * height))
        pixels = zlib.compress(strip.tobytes())
        size = f"/Width {strip.width} /Height {strip.height} /Length {len(pixels)}"
        kind = "/Type /XObject /Subtype /Image /ColorSpace /DeviceGray /BitsPerComponent 8"
        objects.append(
            f"<< {kind} /Filter /FlateDecode {size} >>\nstream\n".encode() + pixels + b"\nendstream"
        )
        bottom = HEIGHT - (n + 1) * HEIGHT / STRIPS
        drawing.append(f"q 612 0 0 {HEIGHT / STRIPS} 0 {bottom} cm /Im{n} Do Q")
    return tuple(objects), " ".join(drawing)


def page_of(drawn: Sheet, typed: Sheet) -> Page:
    """A page of which ``drawn`` is a picture in strips, and ``typed`` its text layer."""
    objects, drawing = strips_of(drawn)
    typed.extra = drawing
    content = pdf_of(typed, objects=objects)
    names = " ".join(f"/Im{n} {4 + n} 0 R" for n in range(STRIPS))
    result = read_bytes(content.replace(b"/Font <<", f"/XObject << {names} >> /Font <<".encode()))
    assert isinstance(result, Reading)
    return result.pages[0]


def test_a_form_whose_print_is_drawn_is_read_from_its_picture() -> None:
    """Only the answers were typed: the labels are read, too, and nothing is said to differ."""
    form, answers = Sheet(), Sheet()
    for n, label in enumerate(("Gross distribution", "Taxable amount", "Federal income tax withheld")):
        form.put(60, 100 + 60 * n, label, 14)
        answers.put(60, 125 + 60 * n, f"{n + 1},234.56", 14)
    page = page_of(form, answers)
    assert page.source == "ocr"
    assert "Taxable amount" in page.text
    assert "2,234.56" in page.text
    assert not page.marks


def test_a_page_with_a_logo_keeps_its_text_layer() -> None:
    """A drawing without words in it takes nothing away from the layer."""
    typed = Sheet()
    for n in range(12):
        typed.put(60, 100 + 20 * n, f"Line {n} of an ordinary letter about 1,000.00 dollars")
    typed.extra = "0 0 0 rg 420 700 120 60 re f"
    result = read_bytes(pdf_of(typed))
    assert isinstance(result, Reading)
    assert result.pages[0].source == "text"


def test_what_a_scanner_laid_under_the_picture_is_not_believed() -> None:
    """Invisible text over a picture is another machine's reading of it: ours is taken."""
    shown, under = Sheet(), Sheet()
    shown.put(60, 100, "Ending balance of the account 1,250.00", 14)
    shown.put(60, 140, "Deposits and other credits 3,100.00", 14)
    under.put(60, 100, "Ending balance of the account 9,250.00", 14, colour="3 Tr 0 g")
    under.put(60, 140, "Deposits and other credits 3,100.00", 14, colour="3 Tr 0 g")
    page = page_of(shown, under)
    assert page.source == "ocr"
    assert "1,250.00" in page.text
    assert "9,250.00" not in page.text


def test_rules_and_shaded_boxes_are_no_ink() -> None:
    """What is left of a page without its lines is its letters, and those are inside the boxes or not."""
    grey = np.full((1100, 850), 255, dtype=np.uint8)
    grey[100:102, 50:800] = 0
    grey[300:400, 50:300] = 0
    assert unread_ink(grey, ()) == 0
    grey[600:700:2, 100:500:2] = 0
    assert unread_ink(grey, ()) == 1
    assert unread_ink(grey, (Box(0.1, 0.5, 0.7, 0.7),)) == 0
