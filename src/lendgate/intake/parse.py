"""Bytes in, application out; monitoring data split off at the door.

Law: this is the only way a body becomes an ``Application`` at the origin. The monitoring part leaves
here as its own value and is never put back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lendgate.intake.body import parse_object, validated
from lendgate.intake.strict_json import JsonValue
from lendgate.schema.application import Application
from lendgate.schema.monitoring import Monitoring
from lendgate.schema.submission import ApplicationSubmission


@dataclass(frozen=True, slots=True)
class Intake:
    """One accepted body: what policy may see, and what only the monitoring table may."""

    application: Application
    monitoring: Monitoring | None


def parse_application(body: bytes) -> Intake:
    """Parse and validate a body.

    Raises:
        InvalidBodyError: every place that is wrong, in document order of the schema.
    """
    return validate(parse_object(body))


def validate(value: dict[str, JsonValue] | dict[str, Any]) -> Intake:
    """Validate a parsed object (or a plain Python dict of the same shape)."""
    submission = validated(ApplicationSubmission, value)
    parts = {name: getattr(submission, name) for name in Application.model_fields}
    return Intake(Application.model_construct(**parts), submission.monitoring)
