"""How much of each kind of work a process takes at a time.

Law: what somebody waits for is never kept waiting by what nobody waits for: webhooks get half the hands at
most, documents a few readers, and no tenant more of any than its share. Pure.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

_DELIVERIES_A_TENANT: Final = 4
"""Webhooks under way for one tenant: its receiver may be slow to answer, or never do."""


@dataclass(slots=True)
class Load:
    """What is under way here; ``hands`` is how much may be, ``share`` how many reviews of one tenant,
    ``readers`` how many applications' documents are read at a time.
    """

    hands: int
    share: int
    readers: int = 1
    _tenants: Counter[str] = field(default_factory=Counter)
    _queues: Counter[str] = field(default_factory=Counter)
    _deliveries: int = 0
    _reading: int = 0

    def begin(self, queue: str) -> None:
        """One more of a queue is under way."""
        self._count(queue, 1)

    def end(self, queue: str) -> None:
        """One fewer."""
        self._count(queue, -1)

    def has_room_for(self, tenant: str) -> bool:
        """Whether another review of this tenant may begin here."""
        return self._tenants.total() < self.hands and self._tenants[tenant] < self.share

    def full(self) -> list[str]:
        """The queues and lanes from which nothing more is taken now."""
        lanes = ["webhooks:"] if self._deliveries >= max(self.hands // 2, 1) else []
        lanes += ["documents:"] if self._reading >= self.readers else []
        busy = [
            queue
            for queue, number in self._queues.items()
            if queue.startswith("webhooks:") and number >= _DELIVERIES_A_TENANT
        ]
        tenants = [tenant for tenant, number in self._tenants.items() if number >= self.share]
        return lanes + busy + [f"{lane}:{tenant}" for tenant in tenants for lane in ("interactive", "bulk")]

    def _count(self, queue: str, change: int) -> None:
        lane, _, tenant = queue.partition(":")
        if lane == "webhooks":
            self._deliveries += change
            self._add(self._queues, queue, change)
        elif lane == "documents":
            self._reading += change
        elif lane != "periodic":
            self._add(self._tenants, tenant, change)

    @staticmethod
    def _add(counter: Counter[str], name: str, change: int) -> None:
        counter[name] += change
        if counter[name] == 0:
            del counter[name]
