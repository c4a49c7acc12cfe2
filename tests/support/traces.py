"""What a request leaves behind: the service's own counters, and rows in its tables."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final, LiteralString

import httpx
from psycopg import Connection, sql
from psycopg.rows import TupleRow

_COUNTER: Final = re.compile(r'lendgate_requests_total\{route="([^"]*)",status="(\d+)"\} (\S+)')
_HEALTH: Final = ("/livez", "/readyz", "/metrics")


def counted_requests(origin: httpx.Client) -> Counter[tuple[str, int]]:
    """Requests the service answered, by route and status, health checks aside."""
    found = _COUNTER.findall(origin.get("/metrics").text)
    counts = {(route, int(status)): int(float(number)) for route, status, number in found}
    return Counter({place: number for place, number in counts.items() if place[0] not in _HEALTH})


@dataclass(frozen=True)
class Records:
    """A platform's tables, read past its row-level security."""

    connection: Connection[TupleRow]

    def number(self, query: LiteralString, *values: object) -> int:
        """The one number a query gives."""
        row = self.connection.execute(query, values).fetchone()
        if row is None:
            raise ValueError("the query gave no row")
        return int(row[0])

    def stored(self) -> tuple[int, int]:
        """How many applications were accepted, and how many audit events say so."""
        return (
            self.number("SELECT count(*) FROM lendgate.application"),
            self.number("SELECT count(*) FROM lendgate.audit_event WHERE kind = 'application.accepted'"),
        )

    def monitoring(self) -> str:
        """Every row of the monitoring data, as text."""
        rows = self.connection.execute("SELECT t::text FROM lendgate_monitoring.monitoring t").fetchall()
        return "\n".join(text for (text,) in rows)

    def everything(self) -> str:
        """Every row of every table but the monitoring data, as text."""
        tables = self.connection.execute(
            "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'lendgate' ORDER BY relname"
        ).fetchall()
        rows: list[str] = []
        for (table,) in tables:
            query = sql.SQL("SELECT t::text FROM lendgate.{} t").format(sql.Identifier(table))
            found = self.connection.execute(query)
            rows.extend(str(text) for (text,) in found)
        return "\n".join(rows)
