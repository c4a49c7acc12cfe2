"""The honest questions, and what an answer to each must hold to be about it and right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from lendgate.assistants.support.approved import day_said, reasons_said
from lendgate.assistants.support.context import SupportContext
from lendgate.assistants.support.wordings import wordings

_FILE: Final = Path(__file__).parent / "honest_questions.txt"


def questions() -> Iterator[tuple[frozenset[str], str]]:
    """Each question with the subjects of which an answer must take up one."""
    for line in _FILE.read_text().splitlines():
        if not line.startswith("#"):
            about, question = line.split(": ", 1)
            yield frozenset(about.split("|")), question


def _why(context: SupportContext) -> str:
    words = wordings().stages[context.stage]
    if context.reasons:
        return reasons_said(context)
    return (words.unexplained if words.why.endswith(":") else words.why) or ""


def _help(context: SupportContext) -> str:
    words = wordings().help
    if context.stage in {"in_review", "stopped"}:
        return words.pending
    return words.reasons[context.reasons[-1]] if context.reasons else ""


def _missing(context: SupportContext) -> str:
    words = wordings().missing
    if not context.known:
        return words.unknown
    if context.fields:
        return "the amount requested"
    if context.named_elsewhere:
        return words.elsewhere
    return "two bank statements" if context.documents else words.nothing


def _next(context: SupportContext) -> str:
    if context.requested:
        return "An underwriter has asked for two bank statements and a tax transcript"
    return wordings().stages[context.stage].next


NEEDED: Final[dict[str, Callable[[SupportContext], str]]] = {
    "status": lambda context: wordings().stages[context.stage].status,
    "why": _why,
    "help": _help,
    "missing": _missing,
    "next": _next,
    "timeline": lambda context: day_said(context.received_on),
    "submitted": lambda _: "income of $95,000 a year",
    "correction": lambda _: wordings().correction.how,
    "person": lambda _: wordings().person.how,
}


def answers(about: frozenset[str], context: SupportContext, text: str) -> bool:
    """Whether a text says what the question asked for, in the words that are right for this application."""
    return any(NEEDED[one](context) in text for one in about)
