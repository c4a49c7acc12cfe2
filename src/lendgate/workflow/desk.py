"""What the workflow works with: one value that bootstrap builds and everybody here is handed.

Law: time and ids come from here, so that a test can say what they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from lendgate.analysis.reviewer import Reviewer
from lendgate.audit import AuditKey
from lendgate.decision.clocks import local_day
from lendgate.decision.creditor import Creditor, Creditors
from lendgate.decision.refusals import DecisionRefusedError
from lendgate.store.database import Database
from lendgate.store.policy_packs import PolicyShelf
from lendgate.workflow.underwrite import Rulebook

ACTOR: Final = "system:workflow"
"""Who acts, for the audit trail, where the workflow itself does."""
_EARLIEST_ZONE: Final = ZoneInfo("Etc/GMT+12")
"""Where days end last on Earth, so that a day counted there never begins too late."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The store, the policy in force, the reviewer, the audit key and the creditors of one service.

    ``former_audit_keys`` sign nothing any more; what was kept under them is known again by them.
    """

    database: Database
    rulebook: Rulebook
    reviewer: Reviewer
    audit_key: AuditKey
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]
    creditors: Creditors = field(default_factory=lambda: MappingProxyType({}))
    shelf: PolicyShelf = field(default_factory=PolicyShelf)
    former_audit_keys: tuple[AuditKey, ...] = ()

    def creditor(self, tenant: str) -> Creditor:
        """Who lends for a tenant.

        Raises:
            DecisionRefusedError: nobody is known to.
        """
        found = self.creditors.get(tenant)
        if found is None:
            raise DecisionRefusedError(
                f"No creditor is known for the tenant {tenant}, so nothing can be decided in its name: "
                "give its profile in LENDGATE_CREDITORS."
            )
        return found

    def day_of(self, tenant: str, at: datetime) -> date:
        """The lender's day of a moment; for an unknown lender the earliest day that it may be."""
        found = self.creditors.get(tenant)
        return local_day(at, found.zone if found else _EARLIEST_ZONE)
