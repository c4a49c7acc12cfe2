"""Facts and findings as JSON and back, exactly: the private working papers of a review.

Law: what is read back equals what was written, decimals to the last digit, so that a stored review can be
replayed. Decimals are written as ``{"decimal": "0.310000"}``, to keep them apart from words.
"""

from __future__ import annotations

from decimal import Decimal
from json import JSONEncoder
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from lendgate.policy.model import Fact, Facts, Finding, Unit, Value
from lendgate.schema.enums import Verification


class _Exact(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    decimal: Decimal


class _StoredFact(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    value: _Exact | bool | int | str | None
    unit: Unit
    how: str
    inputs: tuple[str, ...]
    verified: Verification = "stated"


class _StoredAssessment(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    facts: dict[str, _StoredFact]
    findings: tuple[Finding, ...]


_FACTS: Final = TypeAdapter(dict[str, _StoredFact])
_FINDINGS: Final = TypeAdapter(tuple[Finding, ...])
_write: Final = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def assessment_to_json(facts: Facts, findings: tuple[Finding, ...]) -> str:
    """Facts and findings, private parts included, as one JSON text."""
    return f'{{"facts":{facts_to_json(facts)},"findings":{findings_to_json(findings)}}}'


def assessment_from_json(text: str) -> tuple[Facts, tuple[Finding, ...]]:
    """What ``assessment_to_json`` wrote.

    Raises:
        pydantic.ValidationError: the text is something else.
    """
    stored = _StoredAssessment.model_validate_json(text)
    return _facts(stored.facts), stored.findings


def facts_to_json(facts: Facts) -> str:
    """Facts, by name, as JSON text."""
    return _write({name: _stored(fact) for name, fact in facts.items()})


def facts_from_json(text: str) -> Facts:
    """The facts that ``facts_to_json`` wrote.

    Raises:
        pydantic.ValidationError: the text is something else.
    """
    return _facts(_FACTS.validate_json(text))


def findings_to_json(findings: tuple[Finding, ...]) -> str:
    """Findings, private parts included, as JSON text."""
    return _FINDINGS.dump_json(findings).decode()


def findings_from_json(text: str) -> tuple[Finding, ...]:
    """The findings that ``findings_to_json`` wrote.

    Raises:
        pydantic.ValidationError: the text is something else.
    """
    return _FINDINGS.validate_json(text)


def _facts(stored: dict[str, _StoredFact]) -> Facts:
    return {
        name: Fact(name, _value(each), each.unit, each.how, each.inputs, each.verified)
        for name, each in stored.items()
    }


def _stored(fact: Fact) -> dict[str, object]:
    """As ``_StoredFact`` reads it. A review has fifty of them, and models of them cost ten times as much."""
    value = {"decimal": str(fact.value)} if isinstance(fact.value, Decimal) else fact.value
    return {
        "value": value,
        "unit": fact.unit,
        "how": fact.how,
        "inputs": fact.inputs,
        "verified": fact.verified,
    }


def _value(stored: _StoredFact) -> Value | None:
    return stored.value.decimal if isinstance(stored.value, _Exact) else stored.value
