"""What a model is told: its instructions, what each fact means, then the facts of one case.

Law: of an application a model is told facts, public checks and what is missing, and nothing else: no name,
no identifier, no free text, no limit. What is the same in every call comes first, byte for byte, so that
it can be cached; it is the larger part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from lendgate.analysis.reviewer import Case
from lendgate.claude.port import SystemBlock
from lendgate.claude.prompts import Prompt
from lendgate.policy.model import Facts
from lendgate.policy.registry import FACTS

_HEADING: Final = "What the facts mean: name, unit, meaning."


@lru_cache(maxsize=1)
def glossary() -> str:
    """Every fact there is, one a line."""
    kinds = (f"{kind.name} ({kind.unit}): {kind.meaning}." for kind in FACTS.values())
    return "\n".join((_HEADING, *kinds))


def system_of(prompt: Prompt) -> tuple[SystemBlock, ...]:
    """The instructions and the glossary, marked for caching as the prompt file says."""
    return (*prompt.system, SystemBlock(glossary(), prompt.cache))


def sha256_of(prompt: Prompt) -> str:
    """SHA-256 over everything a model is told but the case: the prompt file's own hash and the glossary."""
    return hashlib.sha256(f"{prompt.sha256}\n{glossary()}".encode()).hexdigest()


def told(case: Case) -> Mapping[str, object]:
    """All that a model is told about a case, by prompt slot."""
    return {
        "product": case.product,
        "risk": case.risk,
        "facts": _known(case.facts),
        "unknown": [name for name, fact in case.facts.items() if fact.value is None],
        "checks": [
            {
                "check": check.check,
                "title": check.title,
                "result": check.result,
                "reason": check.reason.text if check.reason else None,
                "facts": case.rests_on.get(check.check, ()),
            }
            for check in case.checks
        ],
        "missing": {
            "fields": case.completeness.missing_fields,
            "documents": [
                {"type": document.type, "needed": document.needed, "present": document.present}
                for document in case.completeness.missing_documents
            ],
        },
    }


def _known(facts: Facts) -> dict[str, object]:
    return {
        name: {"value": fact.value, "how": fact.how} for name, fact in facts.items() if fact.value is not None
    }
