"""Is what runs on Cloudflare what is here? Drift, canaries and strangers, from one reading.

Law: pure. The code is compared by the digest that Lendgate put into the version itself, because
Cloudflare's own etag is undocumented.
"""

from __future__ import annotations

from dataclasses import dataclass

from lendgate.cloudflare.actual import Actual, Live
from lendgate.cloudflare.api.answers import Share
from lendgate.cloudflare.desired import SIGNING_KEY_ID, Desired
from lendgate.cloudflare.keys import public_key
from lendgate.cloudflare.plan import Plan


@dataclass(frozen=True, slots=True)
class Status:
    """One Worker, now."""

    worker: str
    exists: bool
    in_step: bool
    """Everything is as wrangler.jsonc and the bundle say."""
    shares: tuple[Share, ...]
    code_here: str
    code_there: str | None
    key_id: str | None
    public_key: str | None
    """The public half of its signing key, where Lendgate made it (Ed25519)."""
    deployed_on: str
    deployed_by: str
    ours: bool
    """The version with the most traffic was uploaded by Lendgate."""
    plan: Plan


def make_status(desired: Desired, actual: Actual, plan: Plan) -> Status:
    """What a plan and a reading say about the present."""
    live = actual.live
    deployment = live.deployment if live else None
    key_id = live.variable(SIGNING_KEY_ID) if live else None
    return Status(
        worker=desired.worker,
        exists=live is not None,
        in_step=not plan.changes,
        shares=live.shares if live else (),
        code_here=desired.code_digest,
        code_there=live.code_digest if live else None,
        key_id=key_id,
        public_key=public_key(live.versions, key_id) if live else None,
        deployed_on=deployment.created_on if deployment else "",
        deployed_by=(deployment.author_email or deployment.source) if deployment else "",
        ours=_ours(live),
        plan=plan,
    )


def _ours(live: Live | None) -> bool:
    return bool(live and live.baseline and live.baseline.annotations.tag.startswith("lendgate-"))
