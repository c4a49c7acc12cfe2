"""A letter as PDF, US letter size, with the typeface inside the file.

Law: layout only; the same letter gives the same bytes. A character that the typeface lacks is never left
out or replaced: such a letter cannot be printed here, and its HTML can.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    Flowable,
    KeepTogether,
    ListFlowable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from lendgate.decision.letter import Letter, Section, long_date
from lendgate.decision.refusals import DecisionRefusedError

_MARGIN: Final = inch
_FRAME_PADDING: Final = 6  # what reportlab leaves free around a frame, in points
_NAMES_WIDTH: Final = 2.6 * inch
_BODY: Final = ParagraphStyle("body", fontName="Vera", fontSize=9.5, leading=13.5, spaceAfter=6)
_HEADING: Final = ParagraphStyle("heading", parent=_BODY, fontName="VeraBd", spaceBefore=8, keepWithNext=1)
_TITLE: Final = ParagraphStyle("title", parent=_HEADING, fontSize=13, leading=17, spaceAfter=10)
_ITEM: Final = ParagraphStyle("item", parent=_BODY, spaceAfter=2)
_NAME: Final = ParagraphStyle("name", parent=_ITEM, fontName="VeraBd")


def pdf_of(letter: Letter) -> bytes:
    """The file.

    Raises:
        DecisionRefusedError: a character of the letter is not in the typeface.
    """
    _require_printable(letter.text)
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=LETTER,
        title=letter.title,
        author=letter.sender[0],
        lang="en-US",
        invariant=1,  # no moment of making in the file
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
    )
    document.build([*_head(letter), *(flowable for part in letter.sections for flowable in _section(part))])
    return file.getvalue()


@cache
def _typeface() -> TTFont:
    """Bitstream Vera, which comes with reportlab."""
    face = TTFont("Vera", "Vera.ttf")
    registerFont(face)
    registerFont(TTFont("VeraBd", "VeraBd.ttf"))
    return face


def _require_printable(text: str) -> None:
    known = _typeface().face.charToGlyph
    missing = sorted({character for character in text if character != "\n" and ord(character) not in known})
    if missing:
        raise DecisionRefusedError(
            f"The notice holds characters that its typeface lacks ({''.join(missing)}): ask for text/html."
        )


def _head(letter: Letter) -> list[Flowable]:
    return [
        _lines(letter.sender),
        _paragraph(long_date(letter.dated), _BODY),
        _lines(letter.recipient),
        _paragraph(letter.title, _TITLE),
    ]


def _section(section: Section) -> list[Flowable]:
    parts: list[Flowable] = [_paragraph(section.heading, _HEADING)] if section.heading else []
    parts += [_paragraph(text, _BODY) for text in section.paragraphs]
    if section.items:
        items = [_paragraph(item, _ITEM) for item in section.items]
        parts += [ListFlowable(items, bulletType="bullet", start="•", bulletFontName="Vera"), Spacer(0, 4)]
    if section.fields:
        parts += [_fields(section.fields), Spacer(0, 4)]
    return [KeepTogether(parts)]


def _fields(fields: tuple[tuple[str, str], ...]) -> Table:
    rows = [[_paragraph(name, _NAME), _paragraph(value, _ITEM)] for name, value in fields]
    width = LETTER[0] - 2 * (_MARGIN + _FRAME_PADDING)
    padding = ("LEFTPADDING", "TOPPADDING", "BOTTOMPADDING")
    style = TableStyle([(side, (0, 0), (-1, -1), 0) for side in padding])
    style.add("VALIGN", (0, 0), (-1, -1), "TOP")
    return Table(rows, colWidths=[_NAMES_WIDTH, width - _NAMES_WIDTH], style=style)


def _lines(lines: tuple[str, ...]) -> Paragraph:
    return Paragraph("<br/>".join(escape(line) for line in lines), _BODY)


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text), style)
