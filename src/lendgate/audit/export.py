"""The exported trail, JSON Lines: first a checkpoint of the head, then every row it vouches for.

The header is the line of ``checkpoint.checkpoint_line``: it is signed and says how many rows follow and
what the last one's MAC is, so an export cut short anywhere is found. A row is::

    {"event":{…},"key_id":"2026-11","mac":"<64 hex>","previous":"<64 hex>","sequence":1}

Law: every line is canonical JSON with exactly these members and ends with a line feed; ``event`` is
``{"actor","at","data","kind","subject"}`` as ``events.Event.canonical`` wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lendgate.audit.canonical import canonical_bytes
from lendgate.audit.chain import MAC_BYTES, Link
from lendgate.audit.lines import bytes_of, number_of, object_of, text_of
from lendgate.errors import AuditError

_FIELDS: Final = frozenset({"event", "key_id", "mac", "previous", "sequence"})


def row_line(row: Link) -> bytes:
    """One row as a line of canonical JSON; the event's bytes go in as they are."""
    rest = canonical_bytes(
        {
            "key_id": row.key_id,
            "mac": row.mac.hex(),
            "previous": row.previous.hex(),
            "sequence": row.sequence,
        }
    )
    # "event" sorts before every other member, so the canonical whole is this concatenation.
    return b'{"event":' + row.event + b"," + rest[1:] + b"\n"


def parse_row(line: bytes, tenant: str) -> Link:
    """Read one line that ``row_line`` wrote; the MAC is not checked here.

    Raises:
        AuditError: the line is not a row of this format.
    """
    value = object_of(line, _FIELDS)
    event = value["event"]
    if not isinstance(event, Mapping):
        raise AuditError("event: must be an object")
    return Link(
        tenant=tenant,
        sequence=number_of(value, "sequence"),
        key_id=text_of(value, "key_id"),
        kind=text_of(event, "kind"),
        event=canonical_bytes(event),
        previous=bytes_of(value, "previous", MAC_BYTES),
        mac=bytes_of(value, "mac", MAC_BYTES),
    )
