"""What a file is called when it is handed out: by its first bytes and our id."""

from __future__ import annotations

from uuid import UUID

import pytest

from lendgate.workflow.inspection_content import OpenedFile

ID = UUID(int=7)


@pytest.mark.parametrize(
    ("content", "media_type", "ending"),
    [
        (b"%PDF-1.7", "application/pdf", "pdf"),
        (b"\xef\xbb\xbf%PDF-1.4", "application/pdf", "pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", "jpg"),
        (b"II*\x00", "image/tiff", "tiff"),
        (b"MM\x00*", "image/tiff", "tiff"),
        (b"<html><script>", "application/octet-stream", "bin"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "application/octet-stream", "bin"),
        (b"PK\x03\x04", "application/octet-stream", "bin"),
        (b"", "application/octet-stream", "bin"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(content: bytes, media_type: str, ending: str) -> None:
    """One of the four types that are taken; whatever else it is, it is bytes."""
    file = OpenedFile(ID, content)
    assert (file.media_type, file.name) == (media_type, f"{ID}.{ending}")
