"""The kinds of pages that are known, read from ``data/kinds.yaml``."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from lendgate.documents.data import load
from lendgate.schema.enums import DocumentType

Weight = Annotated[float, Field(gt=0, le=10)]
Phrase = Annotated[str, Field(min_length=2)]


class Evidence(BaseModel):
    """One thing that speaks for a kind: a phrase, all or any of several, words, or raw characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: Weight
    text: Phrase | None = None
    all: tuple[Phrase, ...] = ()
    any: tuple[Phrase, ...] = ()
    words: tuple[Phrase, ...] = ()
    raw: tuple[Phrase, ...] = ()
    top: bool = False

    @model_validator(mode="after")
    def _says_one_thing(self) -> Evidence:
        if sum(map(bool, (self.text, self.all, self.any, self.words, self.raw))) != 1:
            raise ValueError("evidence is one of text, all, any, words, raw")
        return self


class Kind(BaseModel):
    """A kind of page. ``form``: blank copies exist; ``signed``: somebody has to sign it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    type: DocumentType
    title: str
    source: Annotated[str, Field(min_length=8)]
    form: bool = False
    signed: bool = False
    evidence: Annotated[tuple[Evidence, ...], Field(min_length=1)]


UNKNOWN: Final = "unknown"
"""The kind of a page that is like none of those known."""


@cache
def kinds() -> tuple[Kind, ...]:
    """Every kind, in the order of the file."""
    return load("kinds.yaml", TypeAdapter(tuple[Kind, ...]))


@cache
def kind_of(name: str) -> Kind | None:
    """The kind of that name; None for ``UNKNOWN``."""
    return next((kind for kind in kinds() if kind.kind == name), None)
