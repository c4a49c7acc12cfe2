"""The service's settings as a command sees them: a data directory by option, local keys as a fallback."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from lendgate.cloudflare.local_keys import load_or_create
from lendgate.settings import ServiceSettings, service_settings


def service_settings_for(data_dir: Path | None) -> ServiceSettings:
    """The environment's settings, with the option's data directory where one was given."""
    return service_settings(**({"data_dir": data_dir} if data_dir else {}))


def with_local_keys(settings: ServiceSettings) -> ServiceSettings:
    """Keys of the data directory in place of those that the environment does not name."""
    if settings.edge_keys and settings.audit_key and settings.checkpoint_key and settings.data_key:
        return settings
    keys = load_or_create(settings.data_dir.resolve())
    return settings.model_copy(
        update={
            "edge_keys": settings.edge_keys or SecretStr(keys.edge_keys),
            "audit_key": settings.audit_key or SecretStr(keys.audit_key),
            "checkpoint_key": settings.checkpoint_key or SecretStr(keys.checkpoint_key),
            "data_key": settings.data_key or SecretStr(keys.data_key),
            "webhook_key": settings.webhook_key or SecretStr(keys.webhook_key),
        }
    )
