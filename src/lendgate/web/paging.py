"""Pages of a queue: where a page ended, as one word that means nothing to anybody else. Pure."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from lendgate.errors import FieldError, InvalidRequestError

PAGE: Final = 50
Place = tuple[datetime, UUID]
START: Final[Place] = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))


def cursor_of(at: datetime, id_: str) -> str:
    """The cursor behind a record."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {id_}".encode()).decode().rstrip("=")


def place_of(cursor: str | None, route: str) -> Place:
    """Where the next page begins; without a cursor at the oldest.

    Raises:
        InvalidRequestError: the cursor is not one that ``route`` gave.
    """
    if cursor is None:
        return START
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        at, _, id_ = text.partition(" ")
        return datetime.fromisoformat(at).astimezone(UTC), UUID(id_)
    except (binascii.Error, ValueError, OverflowError):
        wrong = FieldError("", f"the cursor is not one that {route} gave")
        raise InvalidRequestError((wrong,)) from None
