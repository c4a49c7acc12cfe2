"""Refusals: the stand-in's error answers, in the envelope of the real API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(eq=False)
class Refusal(Exception):  # noqa: N818 - an answer that is raised, not a fault of this program
    """An error answer: status, error type, message, and the code some types carry."""

    status: int
    kind: str
    message: str
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, request_id: str | None) -> dict[str, object]:
        """The error envelope."""
        error: dict[str, object] = {"type": self.kind, "message": self.message}
        if self.code:
            error["details"] = {"error_code": self.code}
        return {"type": "error", "error": error, "request_id": request_id}


def invalid_request(message: str) -> Refusal:
    """A 400."""
    return Refusal(400, "invalid_request_error", message)


def not_found(message: str) -> Refusal:
    """A 404."""
    return Refusal(404, "not_found_error", message)
