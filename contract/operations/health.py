"""What needs no caller."""

from __future__ import annotations

from typing import Final

from contract.operations.model import Answer, Operation


def _health(path: str, operation_id: str, summary: str) -> Operation:
    return Operation("GET", path, operation_id, None, summary, (Answer(200, "Yes."),))


OPERATIONS: Final = (
    _health("/livez", "livez", "The gate is up."),
    _health("/readyz", "readyz", "The gate is up and its origin answers."),
    _health("/openapi.json", "openapi", "This document."),
)
