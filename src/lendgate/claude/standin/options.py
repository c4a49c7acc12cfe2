"""Options: how one stand-in behaves, and the script of what goes wrong when.

A script is a list of steps, one a request: ``overloaded*2, slow=0.05, ok``. A step is a fault's name, with
``=value`` where it takes one, ``*n`` to repeat it or ``*`` to repeat it for ever. After its end all is well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from types import MappingProxyType
from typing import Final, Literal

Character = Literal["cooperative", "sloppy", "gullible", "obedient", "biased"]
Dialect = Literal["anthropic", "plain"]

CHARACTERS: Final[tuple[Character, ...]] = ("cooperative", "sloppy", "gullible", "obedient", "biased")
FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ok": "no fault",
        "overloaded": "529 overloaded_error",
        "rate_limit": "429 rate_limit_error; =seconds sends retry-after",
        "spend_limit": "429 enforced_spend_limit_reached, no retry-after",
        "server_error": "500 api_error",
        "bad_gateway": "502 from something in between: HTML, no error envelope",
        "gateway_timeout": "504 timeout_error",
        "hang": "accepts the request and never answers",
        "refusal": "stop_reason refusal",
        "max_tokens": "cut off in the middle with stop_reason max_tokens",
        "empty": "a message without text",
        "invalid_json": "text that is not JSON",
        "slow": "waits =seconds (default 0.05) before each piece of a stream, or once before a whole reply",
        "cut_stream": "the connection ends in the middle",
        "stream_error": "an overloaded_error inside a stream; 529 when not streaming",
        "stalled_stream": "a stream that begins and never ends",
    }
)
_STEP: Final = re.compile(r"(?P<name>[a-z_]+)(=(?P<value>[0-9]+(\.[0-9]+)?))?(?P<times>\*[0-9]*)?")


@dataclass(frozen=True, slots=True)
class Step:
    """One fault, with its value where it takes one."""

    name: str
    value: float | None = None


OK: Final = Step("ok")


@dataclass(frozen=True, slots=True)
class Options:
    """One stand-in.

    ``dialect="plain"`` is another maker's server: no structured output (the field is ignored), no token
    counting, no model list, no batches. ``latency_seconds`` passes before every answer;
    ``batch_polls`` is how often a batch still says that it is in progress; ``cache_minimum`` is the
    shortest prefix, in tokens, that is cached.

    Raises:
        ValueError: unknown character or a script that can't be read.
    """

    character: Character = "cooperative"
    script: str = ""
    dialect: Dialect = "anthropic"
    seed: int = 0
    latency_seconds: float = 0.0
    batch_polls: int = 1
    cache_minimum: int = 512

    def __post_init__(self) -> None:
        if self.character not in CHARACTERS:
            raise ValueError(f"unknown character {self.character!r}: one of {', '.join(CHARACTERS)}")
        tuple(_steps(self.script))


def character_named(name: str) -> Character:
    """The character of that name.

    Raises:
        ValueError: there is none.
    """
    for character in CHARACTERS:
        if character == name:
            return character
    raise ValueError(f"unknown character {name!r}: one of {', '.join(CHARACTERS)}")


def play(script: str) -> Iterator[Step]:
    """The steps of a script, then no fault for ever.

    Raises:
        ValueError: names the step that can't be read.
    """
    for step, times in _steps(script):
        yield from repeat(step) if times is None else repeat(step, times)
    yield from repeat(OK)


def _steps(script: str) -> Iterator[tuple[Step, int | None]]:
    """Each step with how often it comes; None is for ever."""
    for word in script.replace(",", " ").split():
        match = _STEP.fullmatch(word)
        if not match or match["name"] not in FAULTS:
            raise ValueError(f"unknown step {word!r} in a script: the faults are {', '.join(FAULTS)}")
        step = Step(match["name"], float(match["value"]) if match["value"] else None)
        times = match["times"]
        yield step, 1 if not times else int(times[1:]) if times[1:] else None
