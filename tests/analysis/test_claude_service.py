"""Through the service: Claude's memo is stored with what it cost, and booked to its review."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr

from lendgate.analysis.telling import sha256_of
from lendgate.bootstrap import open_service
from lendgate.claude.prompts import packaged_prompt
from lendgate.schema import Review
from lendgate.schema.requests import DocumentMetadata
from lendgate.settings import ServiceSettings
from lendgate.store.database import Database
from lendgate.store.reviews import load_review_for_work
from lendgate.store.usage import usage_since
from lendgate.workflow.accept import accept_application
from lendgate.workflow.documents import Announced, awaited, declare, find, receive
from lendgate.workflow.review import carry_out
from tests.documents.printed import pay_stub
from tests.documents.sheet import pdf_of
from tests.support.command import json_lines, lendgate, said
from tests.support.edge_hand import BROKER, GOOD, metadata_of
from tests.support.keys import DATA_KEY, MASTERS
from tests.support.service import AUDIT_KEY, desk_on, now
from tests.support.standin import served_standin
from tests.support.waiting import until
from tests.workflow.triaging import parts_of

KEY = SecretStr(f"k1:{base64.urlsafe_b64encode(AUDIT_KEY.secret).decode()}")


@pytest.fixture(scope="module")
def standin_url() -> Iterator[str]:
    """A stand-in on a port of this machine."""
    with served_standin() as url:
        yield url


def settings_for(service_url: str, standin_url: str, data_dir: Path, **more: object) -> ServiceSettings:
    """A service on this database with the stand-in as its model."""
    values: dict[str, object] = {
        "data_dir": data_dir,
        "database_url": SecretStr(service_url),
        "audit_key": KEY,
        "data_key": DATA_KEY,
        "anthropic_api_key": SecretStr("simulated"),
        "model_base_url": standin_url,
    }
    return ServiceSettings().model_copy(update=values | more)


@pytest.mark.anyio
@pytest.mark.parametrize("ceiling", [None, 0])
async def test_a_stored_review_says_what_claude_cost_or_why_it_was_not_claude(
    ceiling: int | None, service_url: str, standin_url: str, tmp_path: Path
) -> None:
    """With money: Claude, the prompt's hash, the request's id, one entry of the ledger. Without: rules."""
    settings = settings_for(
        service_url, standin_url, tmp_path, **({} if ceiling is None else {"spend_tenant_day_usd": ceiling})
    )
    async with Database(service_url, size=2, masters=MASTERS) as database:
        accepted = await accept_application(desk_on(database), GOOD, BROKER, metadata_of(BROKER, now()))
        review_id = UUID(accepted.review.review_id)
        async with open_service(settings) as service:
            found: list[Review] = []

            async def ended() -> bool:
                async with service.desk.database.tenant(BROKER.tenant) as tx:
                    stored = await load_review_for_work(tx, review_id)
                found[:] = [stored.review] if stored and stored.status == "completed" else []
                return bool(found)

            await until(ended)
            async with service.desk.database.tenant(BROKER.tenant) as tx:
                lines = await usage_since(tx, now().date())
    review = found[0]
    assert review.memo is not None
    assert review.usage.prompt_sha256 == sha256_of(packaged_prompt("review-memo"))
    if ceiling is None:
        assert (review.memo.reviewer, review.memo.simulated) == ("claude", True)
        assert review.usage.request_id
        assert [(line.purpose, line.calls, line.cost_usd) for line in lines] == [
            ("memo", 1, review.usage.cost_usd)
        ]
    else:
        assert (review.memo.reviewer, review.memo.because) == ("rules", "the spending ceiling was reached")
        assert review.usage.cost_usd == 0


@pytest.mark.anyio
async def test_a_received_document_is_read_by_claude_too(
    service_url: str, standin_url: str, tmp_path: Path
) -> None:
    """By the model for documents, booked to the review under which it was sent."""
    content = pdf_of(pay_stub(61).sheet)
    digest = hashlib.sha256(content)
    settings = settings_for(service_url, standin_url, tmp_path)
    async with open_service(settings) as service:
        accepted = await accept_application(service.desk, GOOD, BROKER, metadata_of(BROKER, now()))
        review_id = accepted.review.review_id
        metadata = DocumentMetadata.model_validate(
            {
                "application_id": review_id,
                "declared_type": "pay_stub",
                "file_name": "stub.pdf",
                "media_type": "application/pdf",
                "size": len(content),
                "sha256": digest.hexdigest(),
            }
        )
        new = await declare(service.desk, metadata, BROKER)
        announced = Announced("application/pdf", len(content), digest.digest())
        document = await awaited(service.desk, new.document_id, announced, BROKER)
        await receive(service.desk, service.blobs, document, BROKER.tenant, parts_of(content))

        async def triaged() -> bool:
            return (await find(service.desk, new.document_id, BROKER)).status == "triaged"

        await until(triaged, seconds=60)
        async with service.desk.database.tenant(BROKER.tenant) as tx:
            row = await (
                await tx.connection.execute(
                    "SELECT count(*) FROM lendgate.spend_entry WHERE subject = %s AND purpose = 'document'",
                    (review_id,),
                )
            ).fetchone()
    assert row == (1,)


@pytest.mark.anyio
async def test_the_command_writes_a_memo_again(
    service_url: str, standin_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the rules wrote is written by Claude; asked a second time it says that nothing is new."""
    async with Database(service_url, size=2, masters=MASTERS) as database:
        desk = desk_on(database)
        ended = await carry_out(
            desk, await accept_application(desk, GOOD, BROKER, metadata_of(BROKER, now()))
        )
    for name, value in {
        "LENDGATE_DATA_DIR": str(tmp_path),
        "LENDGATE_DATABASE_URL": service_url,
        "LENDGATE_AUDIT_KEY": KEY.get_secret_value(),
        "LENDGATE_DATA_KEY": DATA_KEY.get_secret_value(),
        "LENDGATE_MODEL_BASE_URL": standin_url,
    }.items():
        monkeypatch.setenv(name, value)
    asked = ("review", "--again", ended.review_id, "--tenant", BROKER.tenant)
    monkeypatch.setenv("LENDGATE_REVIEWER", "rules")
    refused = await asyncio.to_thread(lendgate, *asked)
    assert refused.exit_code == 4
    assert "set ANTHROPIC_API_KEY" in said(refused)
    monkeypatch.delenv("LENDGATE_REVIEWER")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "simulated")
    (written,) = json_lines(await asyncio.to_thread(lendgate, *asked, "--json"))
    assert (written["memo_revision"], written["memo"]["reviewer"]) == (2, "claude")
    again = await asyncio.to_thread(lendgate, *asked)
    assert again.exit_code == 1
    assert "the same memo came of it" in said(again)
