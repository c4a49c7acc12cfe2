"""Topics: what a broker's question is about, by its words (``topics.yaml`` beside this file).

Law: any text has a topic; what is not understood is answered with how the application stands. A topic chooses
among approved wordings and opens nothing: a question cannot ask for more than the context holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final, Literal

from pydantic import TypeAdapter

from lendgate.analysis.plain import folded
from lendgate.policy.yaml_text import read_yaml

Topic = Literal[
    "status",
    "why",
    "help",
    "missing",
    "next",
    "timeline",
    "submitted",
    "correction",
    "person",
    "policy",
    "chances",
    "rates",
    "others",
    "fairness",
    "assistant",
]
OVERVIEW: Final[tuple[Topic, ...]] = ("status", "why", "missing", "next")
"""What is told when nothing else was understood."""
MOST_TOPICS: Final = 4
LONGEST: Final = 2_000
"""Code points of a question that are read."""

_DECLINED: Final[frozenset[Topic]] = frozenset(
    {"policy", "chances", "rates", "others", "fairness", "assistant"}
)


def topics_of(question: str) -> tuple[Topic, ...]:
    """What a question is about, at most four topics, in the order of the answer; never none."""
    asked = folded(question[:LONGEST])
    found = [topic for topic, pattern in _patterns().items() if pattern.search(asked)]
    if not found:
        return OVERVIEW
    if _DECLINED.issuperset(found):
        found.append("why")
    return tuple(found[:MOST_TOPICS])


@cache
def _patterns() -> Mapping[Topic, re.Pattern[str]]:
    """Every topic's pattern, in the order in which an answer takes them up."""
    content = resources.files("lendgate.assistants.support").joinpath("topics.yaml").read_bytes()
    words = TypeAdapter(dict[Topic, list[str]]).validate_python(read_yaml("topics.yaml", content))
    return {topic: re.compile(rf"\b(?:{'|'.join(parts)})\b", re.IGNORECASE) for topic, parts in words.items()}
