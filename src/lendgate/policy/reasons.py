"""The catalogue of public reasons, read from ``reasons.yaml`` beside this file.

Law: a reason's words are fixed here and nowhere else; they say what was considered and never how much of
it was asked for (12 CFR 1002.9(b)(2) and comment 9(b)(2)-3). Rules name reasons by code.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from lendgate.errors import PolicyError
from lendgate.policy.yaml_text import read_yaml
from lendgate.schema.review import PublicReason


class CatalogueEntry(BaseModel):
    """One line of the catalogue.

    ``principal``: may stand among the principal reasons of a decline. ``unverifiable``: may say that
    something could not be judged for lack of information.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    code: Annotated[str, Field(pattern=r"^(AA|HC)[0-9]{2}$")]
    text: Annotated[str, Field(pattern=r"^[^0-9%]+$")]
    hmda: Annotated[int, Field(ge=1, le=9)]
    principal: bool
    unverifiable: bool

    @property
    def reason(self) -> PublicReason:
        """The entry as it is published."""
        return PublicReason(code=self.code, text=self.text, hmda_code=self.hmda)


def reasons_text() -> bytes:
    """The exact bytes of the catalogue, for the policy version."""
    return resources.files("lendgate.policy").joinpath("reasons.yaml").read_bytes()


@cache
def catalogue() -> Mapping[str, CatalogueEntry]:
    """Every entry by code, in catalogue order."""
    document = read_yaml("reasons.yaml", reasons_text())
    entries = TypeAdapter(list[CatalogueEntry]).validate_python(document)
    return MappingProxyType({entry.code: entry for entry in entries})


def entry_of(code: str) -> CatalogueEntry:
    """The entry of ``code``; PolicyError when the catalogue has no such code."""
    entry = catalogue().get(code)
    if entry is None:
        raise PolicyError(f"there is no public reason '{code}'; use a code of reasons.yaml such as AA09")
    return entry


def reason(code: str) -> PublicReason:
    """The published reason of ``code``; PolicyError when the catalogue has no such code."""
    return entry_of(code).reason
