"""Read the vectors: bodies with the verdict that every implementation must reach on them.

Law: the files under ``contract/vectors`` are the truth, reviewed by eye; no code's answer is copied into
them. ``contract/vectors/README.md`` describes both formats.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, model_validator

from lendgate.intake.completeness import Requirements
from lendgate.schema import Completeness

FOLDER: Final = Path(__file__).resolve().parent / "vectors"
_DOOR_STATUSES: Final = (413, 415)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Named(_Strict):
    name: str
    why: str


class Repeated(_Strict):
    """A body too large to write down: ``prefix``, ``count`` times ``unit``, ``suffix``; UTF-8."""

    prefix: str
    unit: str
    count: int
    suffix: str


class Vector(_Named):
    """One request body and the one right answer to it. Exactly one of the three body fields is given."""

    body: str | None = None
    body_base64: str | None = None
    body_repeat: Repeated | None = None
    content_type: str = "application/json"
    """``""`` means that the request has no Content-Type header."""
    content_encoding: str | None = None
    verdict: Literal["accept", "reject"]
    status: Literal[200, 413, 415, 422]
    pointers: list[str]

    @model_validator(mode="after")
    def _one_body(self) -> Vector:
        if sum(part is not None for part in (self.body, self.body_base64, self.body_repeat)) != 1:
            raise ValueError(f"{self.name} needs exactly one of body, body_base64 and body_repeat")
        return self

    def payload(self) -> bytes:
        """The bytes to send."""
        if self.body_base64 is not None:
            return base64.b64decode(self.body_base64, validate=True)
        if self.body_repeat is not None:
            part = self.body_repeat
            return f"{part.prefix}{part.unit * part.count}{part.suffix}".encode()
        return (self.body or "").encode()

    def headers(self) -> dict[str, str]:
        """The headers to send with them."""
        given = {"content-type": self.content_type, "content-encoding": self.content_encoding}
        return {name: value for name, value in given.items() if value}


class BodyVectors(_Strict):
    """The vectors of one body that is not an application, named by its shape."""

    shape: str
    vectors: list[Vector]


class CompletenessVector(_Named):
    """One application as it is sent, a table of requirements, and what is then missing."""

    application: dict[str, JsonValue]
    requirements: Requirements
    expected: Completeness


Read = TypeVar("Read", bound=_Named)


def judged_at_door(vector: Vector) -> bool:
    """Whether the verdict rests on headers or size: the HTTP door reaches it, a parser cannot."""
    return vector.status in _DOOR_STATUSES


def load_vectors() -> list[Vector]:
    """Every vector of ``accept/`` and ``reject/``, by name."""
    vectors = [_read(Vector, path) for path in _files("accept") + _files("reject")]
    return sorted(vectors, key=lambda vector: vector.name)


def load_body_vectors() -> list[tuple[str, Vector]]:
    """Every vector of ``bodies/`` with its shape, by shape."""
    files = [BodyVectors.model_validate_json(path.read_bytes()) for path in _files("bodies")]
    return [(file.shape, vector) for file in files for vector in file.vectors]


def load_completeness_vectors() -> list[CompletenessVector]:
    """Every vector of ``completeness/``, by name."""
    return [_read(CompletenessVector, path) for path in _files("completeness")]


def _files(folder: str) -> list[Path]:
    return sorted((FOLDER / folder).glob("*.json"))


def _read(kind: type[Read], path: Path) -> Read:
    vector = kind.model_validate_json(path.read_bytes())
    if path.stem != vector.name:
        raise ValueError(f"{path.name} holds the vector {vector.name}: give both one name")
    return vector
