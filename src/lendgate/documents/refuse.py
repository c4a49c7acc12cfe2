"""Files that are not read, each with the sentence its sender gets: what is wrong and what to do.

Law: the sentences name no limit of policy and nothing of the file's content; they go to the sender.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lendgate.documents.model import Refusal, RefusalCode
from lendgate.errors import LendgateError

SENTENCES: Final[Mapping[RefusalCode, str]] = MappingProxyType(
    {
        "empty": "the file has no content; send it again",
        "too_large": "the file is too large; send fewer pages at once or a smaller scan",
        "unsupported": "the file is neither a PDF nor a PNG, JPEG or TIFF image; send one of these",
        "encrypted": "the file asks for a password; send it without one",
        "broken": "the file is damaged or incomplete; save or scan it again and send that",
        "too_many_pages": "the file has too many pages; send it in parts",
        "too_many_pixels": "an image in the file is too large; scan it at 300 dpi and send that",
        "too_much_text": "a page holds more text than a page can show; send a scan or a print of it",
        "timed_out": "reading the file took too long",
        "out_of_memory": "reading the file needed too much memory",
        "crashed": "the file could not be read",
    }
)
FOR_A_PERSON: Final[frozenset[RefusalCode]] = frozenset({"timed_out", "out_of_memory", "crashed"})
"""Refusals that may be our fault: a person looks before the sender is troubled."""


class RefusedFileError(LendgateError):
    """The file cannot be read, for one of the known causes."""

    def __init__(self, code: RefusalCode) -> None:
        self.code: RefusalCode = code
        super().__init__(SENTENCES[code])


def refusal(sha256: str, code: RefusalCode) -> Refusal:
    """The refusal of the file with this digest."""
    return Refusal(sha256, code, SENTENCES[code])
