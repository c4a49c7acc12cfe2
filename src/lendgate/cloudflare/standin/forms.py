"""Reads the multipart form of an upload, as strictly as the API does."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from lendgate.cloudflare.standin.state import Binding, RefusalError

_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)"?')
_NAME: Final = re.compile(r'; name="([^"]*)"')
_FILENAME: Final = re.compile(r'; filename="([^"]*)"')


@dataclass(frozen=True, slots=True)
class FormPart:
    """One part of a form."""

    name: str
    filename: str | None
    content_type: str | None
    content: bytes


@dataclass(frozen=True, slots=True)
class Upload:
    """A Worker's upload."""

    metadata: dict[str, JsonValue]
    modules: dict[str, bytes]

    @property
    def bindings(self) -> list[Binding]:
        """The bindings asked for."""
        found = self.metadata.get("bindings")
        return [b for b in found if isinstance(b, dict)] if isinstance(found, list) else []

    @property
    def exports(self) -> dict[str, dict[str, JsonValue]]:
        """The Durable Object classes declared."""
        found = self.metadata.get("exports")
        entries = found if isinstance(found, dict) else {}
        return {key: value for key, value in entries.items() if isinstance(value, dict)}


def read_parts(content_type: str, body: bytes) -> list[FormPart]:
    """The parts of a multipart/form-data body (RFC 7578)."""
    boundary = _BOUNDARY.search(content_type)
    if not content_type.startswith("multipart/form-data") or boundary is None:
        raise RefusalError(400, 10006, "the request body is not multipart/form-data")
    chunks = (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())
    if chunks[-1].strip() != b"--":
        raise RefusalError(400, 10006, "the form does not end")
    return [_part(chunk) for chunk in chunks[1:-1]]


def read_upload(content_type: str, body: bytes) -> Upload:
    """The metadata and the modules of an upload."""
    parts = read_parts(content_type, body)
    metadata = next((json.loads(part.content) for part in parts if part.name == "metadata"), None)
    modules = {part.filename: part.content for part in parts if part.filename is not None}
    if not isinstance(metadata, dict):
        raise RefusalError(400, 10006, "the form has no metadata")
    if metadata.get("main_module") not in modules:
        raise RefusalError(400, 10021, "main_module is not one of the uploaded modules")
    return Upload(metadata, modules)


def _part(chunk: bytes) -> FormPart:
    head, _, content = chunk.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    disposition = headers.get("Content-Disposition", "")
    name, filename = _NAME.search(disposition), _FILENAME.search(disposition)
    return FormPart(
        name=name[1] if name else "",
        filename=filename[1] if filename else None,
        content_type=headers.get("Content-Type"),
        content=content,
    )
