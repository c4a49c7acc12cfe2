"""A notice as words: every word that the applicant reads, before it becomes HTML or PDF.

Law: a letter is what is kept as evidence; the renderings add layout and nothing else.
"""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict

from lendgate.schema.base import CalendarDate
from lendgate.schema.decision import NoticeForm

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Section(_Words):
    """One part of a letter: a heading, paragraphs, a list, and named values, in this order."""

    heading: str | None = None
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()


class Letter(_Words):
    """One notice to one applicant. ``sender`` and ``recipient`` are lines of an address."""

    form: NoticeForm
    title: str
    dated: CalendarDate
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def text(self) -> str:
        """Every word, line by line: what the linter and the tests read."""
        lines = [self.title, *self.sender, long_date(self.dated), *self.recipient]
        for section in self.sections:
            lines += [section.heading] if section.heading else []
            lines += [*section.paragraphs, *section.items]
            lines += [f"{name}: {value}" for name, value in section.fields]
        return "\n".join(lines)


def long_date(day: CalendarDate) -> str:
    """A day as American letters write it: November 26, 2026."""
    # calendar.month_name follows the machine's locale, and a notice must not.
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"
