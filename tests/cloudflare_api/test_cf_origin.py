"""The service alone, as a container runs it, and the doctor's signed request to it."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from pydantic import SecretStr

from lendgate.cli.edge_origin import require_all, serve_origin
from lendgate.cli.edge_probe import origin_finding
from lendgate.errors import SettingsError
from lendgate.settings import ServiceSettings
from tests.cloudflare_api.lab import SECRET

pytestmark = pytest.mark.anyio


def _settings(**given: object) -> ServiceSettings:
    return ServiceSettings.model_construct(**{**ServiceSettings().model_dump(), **given})


async def test_the_real_service_believes_the_doctor(service_url: str) -> None:
    """The service answers "not found" to the doctor's signature and refuses a key it does not hold."""
    settings = _settings(
        database_url=SecretStr(service_url),
        edge_keys=SecretStr(f'{{"edge-1": {{"alg": "hmac-sha256", "key": "{SECRET}"}}}}'),
        audit_key=SecretStr(f"audit-1:{SECRET}"),
        data_key=SecretStr(f"data-1:{SECRET}"),
    )
    require_all(settings)
    stop, port = asyncio.Event(), asyncio.Future[int]()
    running = asyncio.create_task(serve_origin(settings, "127.0.0.1", 0, stop, port.set_result))
    async with httpx.AsyncClient() as http:
        url = f"http://127.0.0.1:{await asyncio.wait_for(port, 30)}"
        believed = await origin_finding(http, url, "edge-1", "hmac-sha256", {"ORIGIN_SIGNING_KEY": SECRET})
        stranger = await origin_finding(http, url, "edge-2", "hmac-sha256", {"ORIGIN_SIGNING_KEY": SECRET})
        unsigned = await origin_finding(http, url, "edge-1", "hmac-sha256", {})
    stop.set()
    await running
    assert believed.verdict == "ok", believed
    assert stranger.verdict == "problem"
    assert "key" in stranger.says
    assert unsigned.verdict == "unknown"


@pytest.mark.parametrize("missing", ["edge_keys", "audit_key", "data_key", "database_url"])
def test_nothing_is_made_up(missing: str) -> None:
    """A service behind a gate elsewhere does not start on keys or a database of its own making."""
    given = {name: SecretStr("x") for name in ("edge_keys", "audit_key", "data_key", "database_url")}
    with pytest.raises(SettingsError, match=f"LENDGATE_{missing.upper()}: not set"):
        require_all(_settings(**{**given, missing: None}))
