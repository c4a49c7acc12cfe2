"""The approved wordings, read from ``wordings.yaml`` beside this file.

Law: the words a broker is told stand there and nowhere else; every stage and every reason of the public
catalogue has its own. A file that lacks one, or has one too many, is refused whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lendgate.assistants.support.context import Stage
from lendgate.errors import PolicyError
from lendgate.policy.reasons import catalogue
from lendgate.policy.yaml_text import read_yaml

Words = Annotated[str, Field(min_length=1, pattern=r"[.:]$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StageWords(_Part):
    """What is said at one stage; ``unexplained`` where reasons may be missing although it was referred."""

    status: Words
    why: Words
    next: Words
    unexplained: Words | None = None


class MissingWords(_Part):
    elsewhere: Words
    unknown: Words
    nothing: Words
    documents: Words
    awaited: Words
    asked: Words
    fields: Words
    how: Words


class TimelineWords(_Part):
    received: Words
    reviewed: Words
    decided: Words
    respond: Words
    reasons: Words
    notice: Words
    incomplete: Words


class SubmittedWords(_Part):
    list: Words
    correct: Words


class DeclinedWords(_Part):
    """What stands in for an answer that is not given."""

    policy: Words
    chances: Words
    rates: Words
    others: Words
    fairness: Words
    assistant: Words


class HelpWords(_Part):
    """What bears on each recorded reason, by its code."""

    general: Words
    eligible: Words
    decided: Words
    pending: Words
    reasons: Mapping[str, Words]


class HowWords(_Part):
    how: Words


class Wordings(_Part):
    """The whole file. ``notice`` stands beside every answer (R19)."""

    notice: Words
    stages: Mapping[Stage, StageWords]
    missing: MissingWords
    timeline: TimelineWords
    submitted: SubmittedWords
    correction: HowWords
    person: HowWords
    declined: DeclinedWords
    help: HelpWords

    @model_validator(mode="after")
    def _is_whole(self) -> Wordings:
        if self.stages.keys() != set(get_args(Stage)):
            raise ValueError("every stage has its wordings")
        if self.help.reasons.keys() != catalogue().keys():
            raise ValueError("every reason of reasons.yaml, and no other, says what bears on it")
        return self


@cache
def wordings() -> Wordings:
    """The approved wordings.

    Raises:
        PolicyError: the file is not YAML.
        pydantic.ValidationError: it lacks a wording or has one too many.
    """
    content = resources.files("lendgate.assistants.support").joinpath("wordings.yaml").read_bytes()
    document = read_yaml("wordings.yaml", content)
    if not isinstance(document, dict):
        raise PolicyError("wordings.yaml: is not a mapping")
    return Wordings.model_validate(document)
