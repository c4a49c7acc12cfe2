"""What the workflow works with: one value that bootstrap builds and everybody here is handed.

Law: time and ids come from here, so that a test can say what they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lendgate.analysis.reviewer import Reviewer
from lendgate.audit import AuditKey
from lendgate.store.database import Database
from lendgate.workflow.underwrite import Rulebook


@dataclass(frozen=True, slots=True)
class Desk:
    """The store, the policy in force, the reviewer and the audit key of one service."""

    database: Database
    rulebook: Rulebook
    reviewer: Reviewer
    audit_key: AuditKey
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]
