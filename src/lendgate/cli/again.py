"""``lendgate review --again ID``: another memo for a review that has ended."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

from lendgate.bootstrap import deployment_from, open_desk
from lendgate.cli.output import err, out, print_json
from lendgate.cli.settings import service_settings_for, with_local_keys
from lendgate.errors import SettingsError
from lendgate.settings import ServiceSettings
from lendgate.store.memos import MemoRevision
from lendgate.workflow.again import write_again

ACTOR = "operator:cli"


def review_again(review_id: UUID, tenant: str, data_dir: Path | None, *, json: bool) -> None:
    """Have Claude write the memo of a completed review again, and show it.

    Raises:
        SettingsError: no model is configured.
        NotFoundError, NoNewMemoError: nothing was changed.
    """
    settings = with_local_keys(service_settings_for(data_dir))
    if deployment_from(settings) is None:
        raise SettingsError(
            "no model is configured: set ANTHROPIC_API_KEY, and the memo can be written again"
        )
    revision = asyncio.run(_written(settings, tenant, review_id))
    if json:
        print_json(
            {
                "review_id": str(review_id),
                "memo_revision": revision.revision,
                "memo": revision.memo.model_dump(mode="json", exclude_none=True),
                "usage": revision.usage.model_dump(mode="json", exclude_none=True),
            }
        )
        return
    out.print(f"{revision.memo.text}\n", highlight=False, markup=False)
    person = "; it asks for a person to look" if revision.memo.escalate else ""
    err.print(f"[green]✓[/green] memo {revision.revision} of review {review_id}{person}", highlight=False)


async def _written(settings: ServiceSettings, tenant: str, review_id: UUID) -> MemoRevision:
    async with open_desk(settings, reviewing=True) as desk:
        return await write_again(desk, tenant, review_id, ACTOR)
