"""``lendgate doctor``: what is set, what is reachable, what disagrees; each with what to do."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final, Literal

import httpx
import typer

from lendgate.cli.output import NO, Json, err, print_json
from lendgate.client import LendgateClient, RefusedError
from lendgate.cloudflare.bundle import load_bundle
from lendgate.cloudflare.workerd_binary import find_workerd
from lendgate.errors import LendgateError, SettingsError
from lendgate.policy.library import load_packs, policy_version
from lendgate.settings import (
    CallerSettings,
    ServiceSettings,
    caller_settings,
    service_settings,
    unknown_variables,
)

State = Literal["ok", "warning", "failed"]
MOST_SKEW_SECONDS: Final = 5
LARGEST_BODY: Final = 262_144
SAMPLE: Final = {"applicant_id": "DOCTOR-1", "income": 95000, "debt_to_income": 0.31}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing looked at: how it is, and what to do when it is not well."""

    what: str
    state: State
    detail: str


def doctor(json: Json = False) -> None:
    """Look at settings, policy, the built Worker, the gate, its clock and its link to the service."""
    found = list(_examine())
    for diagnosis in found:
        print_json(asdict(diagnosis)) if json else _print(diagnosis)
    if any(diagnosis.state == "failed" for diagnosis in found):
        raise typer.Exit(NO)


def _examine() -> Iterator[Diagnosis]:
    for name in unknown_variables():
        yield Diagnosis("settings", "warning", f"{name} is set and nothing reads it: a typing error?")
    yield _try("settings", lambda: _settings(service_settings()))
    yield _try("policy", lambda: f"version {policy_version(load_packs(service_settings().policy_dir))}")
    yield _try("worker bundle", lambda: f"gate.js {load_bundle().sha256[:12]}")
    yield _try("workerd", lambda: str(find_workerd(os.environ)))
    try:
        caller = caller_settings()
    except LendgateError as cause:
        yield Diagnosis("gate", "failed", str(cause))
        return
    yield from _gate(caller)


def _try(what: str, look: Callable[[], str]) -> Diagnosis:
    try:
        return Diagnosis(what, "ok", look())
    except LendgateError as cause:
        return Diagnosis(what, "failed", str(cause))


def _settings(settings: ServiceSettings) -> str:
    database = "LENDGATE_DATABASE_URL" if settings.database_url else f"embedded in {settings.data_dir}"
    return f"database {database}"


def _gate(caller: CallerSettings) -> Iterator[Diagnosis]:
    if caller.worker_base_url is None or caller.token is None:
        missing = "WORKER_BASE_URL" if caller.worker_base_url is None else "LENDGATE_TOKEN"
        yield Diagnosis("gate", "warning", f"{missing} is not set: start a gate with `lendgate serve`")
        return
    url = caller.worker_base_url.rstrip("/")
    try:
        with LendgateClient(url, caller.token.get_secret_value()) as client:
            yield from _live(url)
            yield from _round_trip(client)
        yield _payload(url, caller.token.get_secret_value())
    except SettingsError as cause:
        yield Diagnosis("gate", "failed", str(cause))
    except httpx.TransportError as cause:
        yield Diagnosis("gate", "failed", f"{url} cannot be reached ({type(cause).__name__}): is it running?")


def _live(url: str) -> Iterator[Diagnosis]:
    answer = httpx.get(f"{url}/livez", timeout=10)
    state: State = "ok" if answer.status_code == httpx.codes.OK else "failed"
    yield Diagnosis("gate", state, f"{url} answers {answer.status_code}")
    date = answer.headers.get("date")  # Cloudflare sends one, workerd does not
    if date:
        yield _clock(parsedate_to_datetime(date))
    ready = httpx.get(f"{url}/readyz", timeout=10)
    well = ready.status_code == httpx.codes.OK
    detail = (
        "the gate reaches its service" if well else f"/readyz answers {ready.status_code}: {ready.text[:200]}"
    )
    yield Diagnosis("service", "ok" if well else "failed", detail)


def _round_trip(client: LendgateClient) -> Iterator[Diagnosis]:
    try:
        metadata = client.validate(SAMPLE).metadata
        yield Diagnosis("validate", "ok", f"policy {metadata.policy_version}")
        yield _clock(metadata.received_at)
    except RefusedError as refusal:
        yield Diagnosis("validate", "failed", f"{refusal.problem.status}: {refusal.problem.reason}")
    except LendgateError as cause:
        yield Diagnosis("validate", "failed", str(cause))
    # An id that cannot be there: a 404 from the service proves that it believed the gate's signature.
    missing = f"{secrets.token_hex(4)}-doctor"
    try:
        client.get_review(missing)
    except RefusedError as refusal:
        well = refusal.problem.status == httpx.codes.NOT_FOUND
        detail = "the service accepts the gate's signature" if well else refusal.problem.reason
        yield Diagnosis("signature", "ok" if well else "failed", detail)
    except LendgateError as cause:
        yield Diagnosis("signature", "failed", str(cause))


def _clock(gate: datetime) -> Diagnosis:
    """This machine's clock beside the gate's, which judges tokens and signs for 60 seconds."""
    skew = abs(gate.timestamp() - time.time())
    late = skew > MOST_SKEW_SECONDS
    detail = f"{skew:.0f} s from the gate's" + ("; set this machine's clock (NTP)" if late else "")
    return Diagnosis("clock", "warning" if late else "ok", detail)


def _payload(url: str, token: str) -> Diagnosis:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    answer = httpx.post(f"{url}/validate", content=b" " * (LARGEST_BODY + 1), headers=headers, timeout=10)
    well = answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    detail = "bodies above 256 KiB are refused" if well else f"a too large body got {answer.status_code}"
    return Diagnosis("payload", "ok" if well else "failed", detail)


def _print(diagnosis: Diagnosis) -> None:
    mark = {"ok": "[green]✓[/green]", "warning": "[yellow]![/yellow]", "failed": "[red]✗[/red]"}
    err.print(f"{mark[diagnosis.state]} {diagnosis.what:<14}", end="", highlight=False)
    err.print(diagnosis.detail, highlight=False, markup=False, soft_wrap=True)
