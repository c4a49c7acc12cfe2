"""Server-sent events as a caller reads them (WHATWG HTML, 9.2.6). Pure.

Law: an event counts once its empty line has come; one that a cut left unfinished is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its name (``message`` where it has none), its data, and the last id that was sent."""

    name: str
    data: str
    id: str = ""


@dataclass(slots=True)
class EventReader:
    """Puts lines together to events."""

    _name: str = ""
    _data: list[str] = field(default_factory=list)
    _id: str = ""

    def take(self, line: str) -> ServerEvent | None:
        """The event that this line ends, if it does."""
        if not line:
            return self._end()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        elif name == "id":
            self._id = value
        return None

    def _end(self) -> ServerEvent | None:
        said = "\n".join(self._data)
        ended = ServerEvent(self._name or "message", said, self._id) if self._data else None
        self._name, self._data = "", []
        return ended
