"""How much one file may cost. Every limit has an answer of its own, so that no sender is left guessing.

Law: a limit is checked before the work it bounds; the ones the kernel enforces (time, memory) stand
behind those we check ourselves (bytes, pages, pixels, characters).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of reading one file; the defaults suit a packet of a few hundred scanned pages."""

    file_bytes: int = 20 * 1024 * 1024
    pages: int = 500
    page_pixels: int = 60_000_000
    """Of one image: a letter page at 600 dpi has 34 million."""
    page_characters: int = 60_000
    page_seconds: int = 120
    file_seconds: int = 1_800
    memory_bytes: int = 3 * 1024 * 1024 * 1024
    """Address space of the process that reads the file; a third of it is the OCR libraries' own mapping."""
    threads: int = 0
    """Threads of the OCR models; 0 is one for each core."""
