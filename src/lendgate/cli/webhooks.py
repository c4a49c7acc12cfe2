"""``lendgate webhooks``: where a tenant's systems hear of ended reviews, and what became of deliveries."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, TypeVar
from uuid import UUID

import typer
from rich.table import Column, Table

from lendgate.bootstrap import open_database, webhook_key
from lendgate.cli.output import NO, Json, err, fail, out, print_json, spoken_errors
from lendgate.cli.settings import service_settings_for, with_local_keys
from lendgate.cli.token import TENANT
from lendgate.errors import SettingsError
from lendgate.settings import ServiceSettings
from lendgate.store.database import Transaction
from lendgate.store.outbox import Delivery, Published, deliver_again, deliveries_to, publish
from lendgate.store.webhooks import (
    Endpoint,
    delete_endpoint,
    enable_endpoint,
    insert_endpoint,
    load_endpoint,
    load_endpoints,
    rotate_secrets,
)
from lendgate.workflow.outbound import checked_url
from lendgate.workflow.webhook_signature import webhook_secrets

webhooks_app = typer.Typer(no_args_is_help=True, help="Webhooks: endpoints, their secrets, deliveries.")
Tenant = Annotated[str, typer.Option(help="Whose endpoints.")]
DataDir = Annotated[Path | None, typer.Option(help="Where the local keys and the embedded database live.")]
Broker = Annotated[str, typer.Option(help="As if of this broker.")]
EndpointId = Annotated[UUID, typer.Argument(help="The endpoint's id.")]
OVERLAP: Final = timedelta(hours=24)
"""How long the old secrets go on signing after a rotation."""
_Result = TypeVar("_Result")


@webhooks_app.command()
def add(
    url: Annotated[str, typer.Argument(help="https://…")],
    broker: Annotated[str | None, typer.Option(help="Only this broker's events; all without it.")] = None,
    tenant: Tenant = TENANT,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Add an endpoint; prints its secrets, which can be shown again at any time."""
    with spoken_errors():
        settings = _settings(data_dir)
        checked_url(url, allow_private=settings.webhook_private)
        _key(settings)
        endpoint_id, at = uuid.uuid4(), datetime.now(UTC)
        _do(settings, tenant, lambda tx: insert_endpoint(tx, endpoint_id, url, broker, at))
        _print_secrets(settings, tenant, endpoint_id, as_json=json)


@webhooks_app.command("list")
def list_(tenant: Tenant = TENANT, data_dir: DataDir = None, json: Json = False) -> None:
    """The tenant's endpoints."""
    with spoken_errors():
        found = _do(_settings(data_dir), tenant, load_endpoints)
    _print_rows([_shown(endpoint) for endpoint in found], "no endpoints", as_json=json)


@webhooks_app.command()
def secret(
    endpoint_id: EndpointId, tenant: Tenant = TENANT, data_dir: DataDir = None, json: Json = False
) -> None:
    """Show an endpoint's present secrets: the shared one (v1) and the public key (v1a)."""
    with spoken_errors():
        _print_secrets(_settings(data_dir), tenant, endpoint_id, as_json=json)


@webhooks_app.command()
def rotate(
    endpoint_id: EndpointId, tenant: Tenant = TENANT, data_dir: DataDir = None, json: Json = False
) -> None:
    """Begin new secrets; for 24 hours the old ones sign, too."""
    with spoken_errors():
        settings, at = _settings(data_dir), datetime.now(UTC)
        _key(settings)
        if not _do(settings, tenant, lambda tx: rotate_secrets(tx, endpoint_id, at, at + OVERLAP)):
            raise fail("there is no such endpoint, or its last rotation is less than 24 hours ago", NO)
        _print_secrets(settings, tenant, endpoint_id, as_json=json)


@webhooks_app.command()
def remove(endpoint_id: EndpointId, tenant: Tenant = TENANT, data_dir: DataDir = None) -> None:
    """Forget an endpoint and its deliveries."""
    with spoken_errors():
        if not _do(_settings(data_dir), tenant, lambda tx: delete_endpoint(tx, endpoint_id)):
            raise fail("there is no such endpoint", NO)
    err.print("[green]✓[/green] removed", highlight=False)


@webhooks_app.command()
def enable(endpoint_id: EndpointId, tenant: Tenant = TENANT, data_dir: DataDir = None) -> None:
    """Send events again to an endpoint that was disabled because it answered 410."""
    with spoken_errors():
        if not _do(_settings(data_dir), tenant, lambda tx: enable_endpoint(tx, endpoint_id)):
            raise fail("there is no such endpoint, or it is enabled", NO)
    err.print("[green]✓[/green] enabled", highlight=False)


@webhooks_app.command("test")
def send_test(tenant: Tenant = TENANT, broker: Broker = "test", data_dir: DataDir = None) -> None:
    """Send a test event to the tenant's endpoints."""
    event = Published(uuid.uuid4(), "webhook.test", broker, datetime.now(UTC))
    with spoken_errors():
        _do(_settings(data_dir), tenant, lambda tx: publish(tx, event))
    err.print("[green]✓[/green] on its way; see `lendgate webhooks deliveries`", highlight=False)


@webhooks_app.command()
def deliveries(
    endpoint_id: EndpointId,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 20,
    tenant: Tenant = TENANT,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """The latest deliveries to an endpoint, and how they ended."""
    with spoken_errors():
        found = _do(_settings(data_dir), tenant, lambda tx: deliveries_to(tx, endpoint_id, limit))
    _print_rows([_delivery(each) for each in found], "no deliveries", as_json=json)


@webhooks_app.command()
def redeliver(
    delivery_id: Annotated[UUID, typer.Argument(help="The delivery's id.")],
    tenant: Tenant = TENANT,
    data_dir: DataDir = None,
) -> None:
    """Deliver what was delivered or given up once more, with the same id."""
    with spoken_errors():
        if not _do(_settings(data_dir), tenant, lambda tx: deliver_again(tx, delivery_id)):
            raise fail("there is no such delivery, or it is on its way", NO)
    err.print("[green]✓[/green] on its way", highlight=False)


def _settings(data_dir: Path | None) -> ServiceSettings:
    return with_local_keys(service_settings_for(data_dir))


def _do(settings: ServiceSettings, tenant: str, work: Callable[[Transaction], Awaitable[_Result]]) -> _Result:
    """Do something in a transaction of the tenant's."""

    async def run() -> _Result:
        async with open_database(settings, 1) as database, database.tenant(tenant) as tx:
            return await work(tx)

    return asyncio.run(run())


def _key(settings: ServiceSettings) -> bytes:
    key = webhook_key(settings)
    if key is None:
        raise SettingsError('LENDGATE_WEBHOOK_KEY must be "key-id:<base64url of 32 random bytes>"')
    return key


def _print_secrets(settings: ServiceSettings, tenant: str, endpoint_id: UUID, *, as_json: bool) -> None:
    endpoint = _do(settings, tenant, lambda tx: load_endpoint(tx, endpoint_id))
    if endpoint is None:
        raise fail("there is no such endpoint", NO)
    secrets = webhook_secrets(_key(settings), endpoint_id, endpoint.generation)
    shown = {"endpoint": str(endpoint_id), "secret": secrets.shared, "public_key": secrets.public}
    if as_json:
        print_json(shown)
        return
    for name, value in shown.items():
        out.print(f"{name}: {value}", highlight=False, soft_wrap=True)


def _print_rows(rows: Sequence[Mapping[str, object]], none: str, *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    # An id that is cut off is no use to anybody.
    table = Table(*(Column(name, overflow="fold") for name in (rows[0] if rows else ())))
    for row in rows:
        table.add_row(*(str(value if value is not None else "") for value in row.values()))
    out.print(table if rows else none, highlight=False)


def _shown(endpoint: Endpoint) -> dict[str, object]:
    return {
        "endpoint": str(endpoint.endpoint_id),
        "url": endpoint.url,
        "broker": endpoint.broker_id,
        "generation": endpoint.generation,
        "disabled": endpoint.disabled_because,
    }


def _delivery(delivery: Delivery) -> dict[str, object]:
    return {
        "delivery": str(delivery.delivery_id),
        "event": delivery.kind,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "last": delivery.last_at.isoformat() if delivery.last_at else None,
        "outcome": delivery.last_outcome,
    }
