"""What models cost: the ledger's entries summed up, for `lendgate usage`.

Law: it reads and changes nothing. What is only set aside counts, as it does under the ceiling.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from psycopg.rows import class_row

from lendgate.store.database import Transaction

_SUM: Final = """
    SELECT day, purpose, model, count(*) AS calls,
        count(*) FILTER (WHERE state = 'reserved') AS open_calls,
        coalesce(sum((usage ->> 'input_tokens')::bigint), 0)::bigint
            + coalesce(sum((usage ->> 'cache_write_5m_tokens')::bigint), 0)::bigint
            + coalesce(sum((usage ->> 'cache_write_1h_tokens')::bigint), 0)::bigint
            + coalesce(sum((usage ->> 'cache_read_tokens')::bigint), 0)::bigint AS input_tokens,
        coalesce(sum((usage ->> 'cache_read_tokens')::bigint), 0)::bigint AS cached_tokens,
        coalesce(sum((usage ->> 'output_tokens')::bigint), 0)::bigint AS output_tokens,
        sum(amount) AS cost_usd
    FROM lendgate.spend_entry
    WHERE day >= %s AND state <> 'released'
    GROUP BY day, purpose, model
    ORDER BY day DESC, cost_usd DESC
"""


@dataclass(frozen=True, slots=True)
class UsageLine:
    """What one model cost for one purpose on one UTC day. ``cached_tokens`` are part of ``input_tokens``;
    ``open_calls`` are under way, or were when their process died, and count with their worst case.
    """

    day: date
    purpose: str
    model: str
    calls: int
    open_calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_usd: Decimal

    @property
    def cached_share(self) -> float:
        """The part of the prompts that came from the cache, 0 to 1."""
        return self.cached_tokens / self.input_tokens if self.input_tokens else 0.0


async def usage_since(tx: Transaction, first: date) -> list[UsageLine]:
    """The tenant's use of models since a day, newest first."""
    cursor = tx.connection.cursor(row_factory=class_row(UsageLine))
    return await (await cursor.execute(_SUM, (first,))).fetchall()
