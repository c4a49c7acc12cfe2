"""Prompts: the words sent to a model, kept as files with an id, a version and a hash.

Law: a prompt is data. Its system part has no slots, so it is the same bytes in every call and can be
cached; what changes comes last, in the user part, through typed slots only. There is no slot for free
text: a word, a number, a list of short lines, or JSON whose angle brackets are escaped so that no value
can close the tag around it. The SHA-256 covers the whole file and goes into every reply.

A file::

    ---
    id: review-memo
    version: 3
    cache: 1h            # or 5m; leave out for no caching
    slots: {facts: json, product: word}
    ---
    ## system
    …
    ## user
    … {{facts}} … {{product}} …
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lendgate.claude.errors import ModelConfigurationError
from lendgate.claude.port import CacheTtl, SystemBlock

SlotKind = Literal["word", "number", "lines", "json"]
_FILE: Final = re.compile(r"\A---\n(?P<front>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_SECTION: Final = re.compile(r"^## (system|user)\n", re.MULTILINE)
_SLOT: Final = re.compile(r"\{\{([a-z_]+)\}\}")
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.:-]{0,63}")
_LINE: Final = 300
_ESCAPES: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


class _Front(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
    version: Annotated[int, Field(ge=1)]
    cache: CacheTtl | None = None
    slots: Mapping[str, SlotKind] = {}


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt file, checked."""

    id: str
    version: int
    cache: CacheTtl | None
    slots: Mapping[str, SlotKind]
    system_text: str
    user_text: str
    sha256: str

    @property
    def system(self) -> tuple[SystemBlock, ...]:
        """The system part, marked for caching where the file says so."""
        return (SystemBlock(self.system_text, self.cache),) if self.system_text else ()

    def render(self, **values: object) -> str:
        """The user part with every slot filled.

        Raises:
            TypeError: a slot is missing, unknown, or given a value that is not of its kind.
        """
        if values.keys() != self.slots.keys():
            raise TypeError(
                f"prompt {self.id} takes exactly the slots {sorted(self.slots)}, not {sorted(values)}"
            )
        filled = {name: _filled(self.id, name, kind, values[name]) for name, kind in self.slots.items()}
        return _SLOT.sub(lambda match: filled[match[1]], self.user_text)


def _filled(prompt: str, name: str, kind: SlotKind, value: object) -> str:
    match kind, value:
        case "word", str() if _WORD.fullmatch(value):
            return value
        case "number", bool():
            pass
        case "number", int() | Decimal():
            return str(value) if isinstance(value, int) else f"{value:f}"
        case "lines", tuple() if all(isinstance(line, str) for line in value):
            return "\n".join(f"- {' '.join(line.split())[:_LINE].translate(_ESCAPES)}" for line in value)
        case "json", dict() | list() | tuple():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain).translate(
                _ESCAPES
            )
        case _:
            pass
    raise TypeError(f"slot {name} of prompt {prompt} takes a {kind}, not this {type(value).__name__}")


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def load_prompt(text: str) -> Prompt:
    """Read one prompt file.

    Raises:
        ModelConfigurationError: says which part of the file is wrong.
    """
    match = _FILE.match(text)
    if not match:
        raise ModelConfigurationError("a prompt file begins with its front matter between two lines of ---")
    front = _front(match["front"])
    sections = _sections(front.id, match["body"])
    prompt = Prompt(
        id=front.id,
        version=front.version,
        cache=front.cache,
        slots=front.slots,
        system_text=sections.get("system", ""),
        user_text=sections.get("user", ""),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    _check_slots(prompt)
    return prompt


def _front(text: str) -> _Front:
    try:
        return _Front.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as cause:
        raise ModelConfigurationError(f"the front matter of a prompt is wrong: {cause}") from cause


def _sections(prompt: str, body: str) -> dict[str, str]:
    parts = _SECTION.split(body)
    names, texts = parts[1::2], [part.strip() for part in parts[2::2]]
    if parts[0].strip() or len(set(names)) != len(names) or "user" not in names or not all(texts):
        raise ModelConfigurationError(
            f"prompt {prompt} needs a ## user section, may have one ## system, and no more"
        )
    return dict(zip(names, texts, strict=True))


def _check_slots(prompt: Prompt) -> None:
    if _SLOT.search(prompt.system_text):
        raise ModelConfigurationError(
            f"the system part of prompt {prompt.id} has a slot: it must stay the same bytes"
        )
    used = set(_SLOT.findall(prompt.user_text))
    if used != prompt.slots.keys():
        raise ModelConfigurationError(
            f"prompt {prompt.id} declares the slots {sorted(prompt.slots)} and uses {sorted(used)}"
        )


@lru_cache(maxsize=64)
def packaged_prompt(name: str) -> Prompt:
    """A prompt that ships with Lendgate, by its file name without ``.md``.

    Raises:
        ModelConfigurationError: there is none of that name, or it is wrong.
    """
    path = files("lendgate.claude").joinpath("prompts", f"{name}.md")
    if not path.is_file():
        raise ModelConfigurationError(f"no packaged prompt is called {name!r}")
    prompt = load_prompt(path.read_text(encoding="utf-8"))
    if prompt.id != name:
        raise ModelConfigurationError(f"the prompt in {name}.md calls itself {prompt.id}")
    return prompt
