"""The whole platform on this machine: service, database and Worker, started in order, stopped in order.

Law: everything listens on loopback, lives under one data directory, and is gone when the block ends.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from lendgate.bootstrap import Service, open_service
from lendgate.cli.settings import with_local_keys
from lendgate.cli.token import BROKER, BROKER_SCOPES, TENANT
from lendgate.cloudflare.bundle import load_bundle
from lendgate.cloudflare.capnp import LocalGate, render, secret_variable
from lendgate.cloudflare.local_keys import AUDIENCE, ISSUER, LocalKeys, load_or_create, mint_token
from lendgate.cloudflare.workerd import Workerd, write_config
from lendgate.cloudflare.workerd_binary import find_workerd
from lendgate.policy.library import requirements_table
from lendgate.settings import ServiceSettings
from lendgate.web.app import create_app
from lendgate.web.server import serving

ORIGIN_KEY = "ORIGIN_SIGNING_KEY"


@dataclass(frozen=True, slots=True)
class LocalPlatform:
    """Where everything is; ``token`` is good for 12 hours as the demo broker of tenant ``local``."""

    worker_base_url: str
    origin_url: str
    token: str
    data_dir: Path
    keys: LocalKeys
    gate: Workerd


@asynccontextmanager
async def running_platform(
    settings: ServiceSettings, *, port: int = 0, origin_port: int = 0, limits: str | None = None
) -> AsyncIterator[LocalPlatform]:
    """Start service and Worker; gives their addresses; stops both on leaving.

    ``limits`` replaces the Worker's LIMITS (for benches). Raises ``RuntimeMissingError`` or
    ``SettingsError`` with the mend.
    """
    data_dir = settings.data_dir.resolve()
    binary = find_workerd(os.environ)
    keys = load_or_create(data_dir)
    filled = _trusting_own_gate(with_local_keys(settings), keys)
    async with (
        open_service(filled) as service,
        serving(create_app(service), "127.0.0.1", origin_port) as bound,
        _gate(
            binary, data_dir, keys, LocalGate(bound, port, _variables(keys, service, limits), (ORIGIN_KEY,))
        ) as gate,
    ):
        yield LocalPlatform(
            worker_base_url=gate.base_url,
            origin_url=f"http://127.0.0.1:{bound}",
            token=local_token(keys),
            data_dir=data_dir,
            keys=keys,
            gate=gate,
        )


def _trusting_own_gate(settings: ServiceSettings, keys: LocalKeys) -> ServiceSettings:
    """Settings whose edge keys hold the one that the gate started here signs with, beside any others."""
    named = settings.edge_keys.get_secret_value() if settings.edge_keys else "{}"
    try:
        known = json.loads(named)
    except ValueError:
        return settings  # refused, with the variable's name, where the keys are read
    if not isinstance(known, dict):
        return settings
    together = json.dumps(known | json.loads(keys.edge_keys))
    return settings.model_copy(update={"edge_keys": SecretStr(together)})


def local_token(keys: LocalKeys) -> str:
    """A token of the demo broker, good for 12 hours."""
    return mint_token(
        keys,
        tenant=TENANT,
        broker_id=BROKER,
        subject="local-developer",
        scopes=BROKER_SCOPES,
        lifetime=timedelta(hours=12),
        now=datetime.now(UTC),
    )


def _variables(keys: LocalKeys, service: Service, limits: str | None) -> dict[str, str]:
    variables = {
        "JWT_ISSUER": ISSUER,
        "JWT_AUDIENCE": AUDIENCE,
        "JWKS": keys.jwks,
        "JWKS_URL": "",
        "ORIGIN_URL": "",
        "ORIGIN_SIGNING_KEY_ID": keys.origin.key_id,
        "ORIGIN_SIGNING_ALG": "hmac-sha256",
        "REQUIREMENTS": json.dumps(requirements_table(service.desk.rulebook.packs)),
    }
    return variables | ({"LIMITS": limits} if limits else {})


def _gate(binary: Path, data_dir: Path, keys: LocalKeys, gate: LocalGate) -> Workerd:
    bundle = load_bundle()
    variables = {**gate.variables, "EDGE_VERSION": bundle.sha256[:12]}
    local = LocalGate(gate.origin_port, gate.port, variables, (ORIGIN_KEY,))
    config = write_config(data_dir / "gate", render(bundle.config, local), bundle.script)
    environment = {secret_variable(ORIGIN_KEY): keys.origin.secret}
    return Workerd(binary, config, log=data_dir / "logs" / "gate.log", environment=environment)
