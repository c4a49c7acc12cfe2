"""Keeps secret values out of everything that is shown.

Law: whatever text Lendgate prints, logs or raises about Cloudflare goes through a ``Scrub`` that knows
every secret of the run, so an answer that echoes one back cannot carry it to a terminal or a log.
"""

from __future__ import annotations

from typing import Final

_SHORTEST: Final = 6
"""Shorter values would blot out ordinary words; nothing shorter is accepted as a secret."""
_MARK: Final = "[secret]"


class Scrub:
    """The secret values of one run."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def learn(self, value: str) -> None:
        """Remember a value that must never be shown."""
        if len(value) >= _SHORTEST:
            self._values.add(value)

    def __call__(self, text: str) -> str:
        """The text with every known secret blotted out; longer ones first, so none leaves a rest."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, _MARK)
        return text
