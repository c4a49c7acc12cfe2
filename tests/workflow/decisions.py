"""What the tests of referrals and decisions share: a declined application, and its referral as it is read."""

from __future__ import annotations

import json
from uuid import UUID

from lendgate.schema.referral import Referral
from lendgate.store.referrals import load_referral_of
from lendgate.workflow.desk import Desk
from lendgate.workflow.referrals import AsRead
from lendgate.workflow.review import carry_out
from tests.workflow.conftest import AcceptOne

BURDENED = json.dumps(
    {"applicant_id": "DEBT-001", "income": 40000, "debt_to_income": 0.62, "employment_years": 4}
).encode()
"""An application that a failed rule declines, without a consumer report."""


async def referred(
    desk: Desk, accept_one: AcceptOne, body: bytes = BURDENED, tenant: str = "acme"
) -> Referral:
    """The referral of a new application."""
    review = await carry_out(desk, await accept_one(body, tenant))
    async with desk.database.tenant(tenant) as tx:
        referral = await load_referral_of(tx, UUID(review.review_id))
    assert referral is not None
    return referral


def read(referral: Referral, actor: str = "ada", tenant: str = "acme") -> AsRead:
    """The referral as an underwriter read it."""
    return AsRead(tenant, UUID(referral.referral_id), referral.version, actor)
