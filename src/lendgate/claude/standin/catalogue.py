"""The models the stand-in knows, with the limits and refusals of the real ones (platform docs, 2026-11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Lifecycle = Literal["active", "deprecated", "retired"]
ThinkingKind = Literal["adaptive", "enabled", "disabled", "between_tools"]


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One model: what it takes, and how far along its life it is."""

    id: str
    name: str
    released: str
    line: str
    thinking: tuple[ThinkingKind, ...] = ("adaptive",)
    forced_tools: bool = False
    lifecycle: Lifecycle = "active"
    deprecated: str | None = None
    retires: str | None = None
    structured: bool = True
    max_output: int = 128_000
    max_input: int = 1_000_000

    def info(self) -> dict[str, object]:
        """The body of ``GET /v1/models/{id}``."""
        return {
            "type": "model",
            "id": self.id,
            "display_name": self.name,
            "created_at": f"{self.released}T00:00:00Z",
            "lifecycle": self.lifecycle,
            "deprecated_at": f"{self.deprecated}T00:00:00Z" if self.deprecated else None,
            "retires_at": f"{self.retires}T00:00:00Z" if self.retires else None,
            "line": self.line,
            "max_input_tokens": self.max_input,
            "max_tokens": self.max_output,
            "capabilities": self._capabilities(),
        }

    def _capabilities(self) -> dict[str, object]:
        yes, no = {"supported": True}, {"supported": False}
        kinds: tuple[ThinkingKind, ...] = ("adaptive", "between_tools", "disabled", "enabled")
        return {
            "batch": yes,
            "citations": yes,
            "code_execution": no,
            "context_management": no,
            "effort": dict.fromkeys(("low", "medium", "high", "xhigh", "max"), yes) | yes,
            "image_input": yes,
            "pdf_input": yes,
            "server_tools": {"code_execution": no, "web_search": no} | no,
            "structured_outputs": {"supported": self.structured},
            "thinking": {"types": {kind: {"supported": kind in self.thinking} for kind in kinds}} | yes,
        }


_KNOWN: Final = (
    KnownModel("claude-haiku-5-5", "Claude Haiku 5.5", "2026-10-07", "haiku", ("adaptive", "disabled")),
    KnownModel(
        "claude-sonnet-5-5", "Claude Sonnet 5.5", "2026-09-28", "sonnet", ("adaptive", "between_tools")
    ),
    KnownModel("claude-opus-5-5", "Claude Opus 5.5", "2026-09-22", "opus"),
    KnownModel(
        "claude-opus-5", "Claude Opus 5", "2026-07-24", "opus", ("adaptive", "disabled"), forced_tools=True
    ),
    KnownModel(
        "claude-sonnet-4-5",
        "Claude Sonnet 4.5",
        "2025-09-29",
        "sonnet",
        ("enabled", "disabled"),
        forced_tools=True,
        lifecycle="deprecated",
        deprecated="2026-08-30",
        retires="2026-11-30",
        max_output=64_000,
        max_input=200_000,
    ),
    KnownModel(
        "claude-sonnet-4-0",
        "Claude Sonnet 4",
        "2025-05-14",
        "sonnet",
        ("enabled", "disabled"),
        forced_tools=True,
        lifecycle="retired",
        deprecated="2026-04-14",
        retires="2026-06-15",
        structured=False,
        max_output=64_000,
        max_input=200_000,
    ),
)
MODELS: Final[Mapping[str, KnownModel]] = {model.id: model for model in _KNOWN}
