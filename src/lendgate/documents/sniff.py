"""What a file is, told by its first bytes; its name and what the sender says are never asked.

Sources: ISO 32000-2 7.5.2 (PDF), PNG 5.2, JPEG ITU-T T.81 B.1, TIFF 6.0 section 2.
"""

from __future__ import annotations

from typing import Final

from lendgate.documents.model import MediaType

_SIGNATURES: Final[tuple[tuple[bytes, MediaType], ...]] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_BEFORE_A_PDF: Final = b"\xef\xbb\xbf \t\r\n\x00"
"""What mail gateways are known to put before a PDF's header; anything else there is another file."""


def media_type_of(content: bytes) -> MediaType | None:
    """The kind of file, or None when it is none that is read here."""
    start = content[:64].lstrip(_BEFORE_A_PDF)
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature) or (media_type == "application/pdf" and start.startswith(signature)):
            return media_type
    return None
