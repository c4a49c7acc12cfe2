"""Evidence as it is kept: sealed, one revision each time the documents come to say something else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from lendgate.store.data_keys import sealer_of
from lendgate.store.database import Transaction
from lendgate.store.document_evidence import add_evidence, evidence_place, latest_evidence
from lendgate.workflow.evidence import NO_EVIDENCE, Evidence, differs


@dataclass(frozen=True, slots=True)
class KeptEvidence:
    """What the documents prove by now, and the number of that revision; 0 is none."""

    revision: int
    evidence: Evidence


NONE_KEPT: Final = KeptEvidence(0, NO_EVIDENCE)


async def load_evidence(tx: Transaction, application_id: UUID) -> KeptEvidence:
    """What the documents of an application prove by now."""
    stored = await latest_evidence(tx, application_id)
    if stored is None:
        return NONE_KEPT
    text = (await sealer_of(tx)).open(stored.evidence, evidence_place(application_id, stored.revision))
    return KeptEvidence(stored.revision, Evidence.from_json(text))


async def keep_evidence(tx: Transaction, application_id: UUID, evidence: Evidence, at: datetime) -> bool:
    """Keep the next revision; False: policy could not see it differently, and nothing was kept."""
    known = await load_evidence(tx, application_id)
    if not differs(evidence, known.evidence):
        return False
    revision = known.revision + 1
    sealed = (await sealer_of(tx)).seal(evidence.to_json(), evidence_place(application_id, revision))
    await add_evidence(tx, application_id, revision, sealed, at)
    return True
