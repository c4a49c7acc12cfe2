"""One turn of a conversation: from the raw text a person sent to the next state and the assistant's words.

Law: the order of the steps is the safety argument: identifiers first, then what was volunteered, then
hearing. What comes out holds nothing of either; ``text`` is all that may be stored of the message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from lendgate.assistants.intake import places
from lendgate.assistants.intake.bank import QuestionBank
from lendgate.assistants.intake.hearing import Heard, hear
from lendgate.assistants.intake.identifiers import Sealable, tokenize
from lendgate.assistants.intake.lexicon import speaks_spanish
from lendgate.assistants.intake.machine import Moved, Notice, advance
from lendgate.assistants.intake.state import State
from lendgate.assistants.intake.text import LONGEST, plain
from lendgate.assistants.intake.volunteered import without_volunteered

_BY_NAME: Final = ("name", "text", "address")
"""Answers of these kinds tell no language."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it may be kept: its text, the identifiers to seal, and what was taken out."""

    text: str
    sealable: tuple[Sealable, ...] = ()
    notices: tuple[Notice, ...] = ()


def receive(raw: str, state: State, bank: QuestionBank, new_token: Callable[[], str]) -> Received:
    """Take out of a message what may not be kept."""
    tokenized = tokenize(plain(raw), new_token)
    pending = bank[state.pending] if state.pending else None
    notices: list[Notice] = ["too_long"] if len(raw) > LONGEST else []
    notices += ["identifier_removed"] if tokenized.removed else []
    kept = without_volunteered(
        tokenized.text,
        state.language,
        after_notice=bool(pending and pending.notice),
        names=places.names_in(tokenized.text, pending.kind if pending else None),
    )
    notices += ["volunteered_removed"] if kept.removed else []
    return Received(kept.text, tokenized.sealable, tuple(notices))


def respond(
    received: Received, state: State, bank: QuestionBank, now: datetime, heard: Heard | None = None
) -> Moved:
    """Move on by a received message; ``heard`` is given where a model listened, too."""
    state = spoken_in(received.text, state, bank)
    heard = heard or hear(received.text, state, bank, now.date())
    return advance(state, heard, received.notices, bank, now)


def spoken_in(text: str, state: State, bank: QuestionBank) -> State:
    """The state in the language the person speaks, where that is clear."""
    spanish = speaks_spanish(text)
    if spanish is None or (state.pending and bank[state.pending].kind in _BY_NAME):
        return state
    return replace(state, language="es" if spanish else "en")
