"""Cutting: a text that comes in pieces, handed on sentence by sentence.

Law: where the pieces end makes no difference: a sentence is handed on once it is whole, folded, in order.
"""

from __future__ import annotations

from lendgate.analysis.plain import folded, sentences


class Cutter:
    """A text as it comes in; what is not a whole sentence yet is held back."""

    def __init__(self) -> None:
        self._unread = ""

    def take(self, text: str) -> list[str]:
        """The sentences that the next piece made whole."""
        self._unread += text
        *complete, last = sentences(folded(self._unread)) or [""]
        if complete:
            self._unread = last + (" " if self._unread[-1:].isspace() else "")
        return complete

    def rest(self) -> list[str]:
        """What is left at the end."""
        last, self._unread = self._unread, ""
        return sentences(folded(last))
