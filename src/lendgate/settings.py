"""Settings: the environment, read once, into a type with no holes.

Law: every variable is named here and nowhere else; a secret may come from ``NAME_FILE`` instead of
``NAME``; a value that cannot be right refuses to start and says which variable to mend.
``docs/reference/settings.md`` is generated from this file.
"""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from lendgate.errors import SettingsError

Settings = TypeVar("Settings", bound=BaseSettings)
ModelServer = Literal[
    "anthropic", "ai-gateway", "ai-gateway-stored-key", "ollama", "vllm", "llama-cpp", "lm-studio", "other"
]
"""The presets of ``claude.deployment``."""


class _Base(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="LENDGATE_", frozen=True, extra="ignore", use_attribute_docstrings=True
    )


class ServiceSettings(_Base):
    """What the service is started with."""

    data_dir: Path = Path(".lendgate")
    """Where the embedded database, local keys and logs live."""
    database_url: SecretStr | None = None
    """PostgreSQL URL of the restricted service role; without it an embedded PostgreSQL starts."""
    database_owner_url: SecretStr | None = None
    """PostgreSQL URL of the owner role, for `lendgate migrate` and `lendgate monitoring` only."""
    database_pool: Annotated[int, Field(ge=1, le=200)] = 8
    """Database connections a process may hold."""
    edge_keys: SecretStr | None = None
    """Keys the edge signs with, JSON: {"key-id": {"alg": "hmac-sha256", "key": "<base64url>"}}."""
    audit_key: SecretStr | None = None
    """Key of the audit chain, "key-id:<base64url of 32 bytes>"; earlier ones after commas."""
    data_key: SecretStr | None = None
    """Key that wraps the keys of personal data, "key-id:<base64url of 32 bytes>"; more after commas."""
    checkpoint_key: SecretStr | None = None
    """Ed25519 key that signs audit checkpoints, "key-id:<base64url of its 32-byte seed>"."""
    checkpoint_dir: Path | None = None
    """Where audit checkpoints are written, one file a tenant: best out of the database owner's reach."""
    documents_bucket: Annotated[str, Field(pattern="^s3://[^/]+")] | None = None
    """Where originals of documents lie, s3://bucket/prefix; not set: below the data directory."""
    documents_inbox: Annotated[str, Field(pattern="^s3://[^/]+")] | None = None
    """The bucket that the gate has bound as DOCUMENTS, s3://bucket; not set: the gate sends the bytes."""
    documents_endpoint: str | None = None
    """The buckets' S3 endpoint where it is not Amazon's, R2's for example."""
    documents_region: str = "auto"
    """The buckets' region."""
    documents_access_key_id: str | None = None
    """Who opens the buckets."""
    documents_secret_access_key: SecretStr | None = None
    """The secret of who opens the buckets."""
    webhook_key: SecretStr | None = None
    """Key of the webhooks' secrets, "key-id:<base64url of 32 bytes>"; without it none go out."""
    webhook_private: bool = False
    """Let webhooks go to any address, by plain http too: for tests and networks without an outside."""
    checkpoint_bucket: Annotated[str, Field(pattern="^s3://[^/]+")] | None = None
    """A bucket for audit checkpoints, too, s3://bucket/prefix, opened with the settings of documents."""
    retention_months: Annotated[int, Field(ge=25, le=1_200)] = 25
    """How many months records are kept after the applicant was told: at least 25 (12 CFR 1002.12(b)(1))."""
    worker_concurrency: Annotated[int, Field(ge=1, le=500)] = 16
    """Reviews and other jobs a process may be at at a time."""
    tenant_concurrency: Annotated[int, Field(ge=1, le=500)] | None = None
    """Reviews of one tenant a process may be at at a time; not set: as many as of all."""
    policy_dir: Path | None = None
    """A directory of policy packs to use instead of the packaged samples."""
    creditors: Path | None = None
    """A file of creditor profiles by tenant to use instead of the packaged sample, which knows `local`."""
    intake_frames: Annotated[str, Field(pattern=r"^https?://[\w.:*-]+( https?://[\w.:*-]+)*$")] | None = None
    """Origins whose pages may show the intake page in a frame, separated by spaces; not set: only its own."""
    wait_seconds: Annotated[float, Field(ge=0, le=20)] = 20
    """How long POST /lending-review waits for the result when the caller names no `Prefer: wait`."""
    intake_keep_hours: Annotated[float, Field(gt=0, le=8760)] = 168
    """How long an intake conversation is kept, with all that was said in it, from its beginning on."""
    intake_deadline_seconds: Annotated[float, Field(gt=0, le=60)] = 6
    """How long a model may take to help hear a message, and to word a question; then the rules do it."""
    intake_messages: Annotated[int, Field(ge=10, le=10_000)] = 400
    """The most messages an intake conversation may have, the assistant's counted in."""
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    """debug, info, warning or error."""
    reviewer: Literal["claude", "rules"] | None = None
    """Who writes the memos; not set: claude where a key or another model server is, otherwise rules."""
    anthropic_api_key: SecretStr | None = Field(default=None, validation_alias="ANTHROPIC_API_KEY")
    """Key for the Claude API."""
    model_review: Annotated[str, Field(min_length=1)] = "claude-opus-5-5"
    """The model that writes memos."""
    model_explain: Annotated[str, Field(min_length=1)] = "claude-sonnet-5-5"
    """The model that explains a review and answers questions about it."""
    model_documents: Annotated[str, Field(min_length=1)] = "claude-haiku-5-5"
    """The model that reads documents a second time."""
    model_effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    """How hard the model thinks about a memo; not set: as the model does by itself."""
    model_server: ModelServer = "anthropic"
    """anthropic, ai-gateway, ai-gateway-stored-key, ollama, vllm, llama-cpp, lm-studio or other."""
    model_base_url: str | None = None
    """Where the model server is, without /v1; needed for every server but anthropic."""
    model_gateway_token: SecretStr | None = None
    """Token of an authenticated Cloudflare AI Gateway."""
    model_capabilities: str = ""
    """What the server can and cannot do, apart from its preset: "+structured_output -effort"."""
    model_inference_geo: Literal["us", "global"] | None = None
    """Where the model may run, on Anthropic's own API."""
    model_prices: Path | None = None
    """A price table to use instead of the packaged one; models of other makers need one."""
    model_concurrency: Annotated[int, Field(ge=1, le=500)] = 16
    """Calls of one model a process makes at a time."""
    model_per_minute: Annotated[int, Field(ge=1)] | None = None
    """Calls of one model a process begins in a minute; not set: as many as there are."""
    model_deadline_seconds: Annotated[float, Field(gt=0, le=600)] = 60
    """How long a memo, or a second reading of a document, may take, retries included; then rules stand in."""
    support_deadline_seconds: Annotated[float, Field(gt=0, le=60)] = 15
    """How long a model may add to an answer to a broker; the approved wordings do not wait for it."""
    spend_tenant_day_usd: Annotated[Decimal, Field(ge=0, le=1_000_000)] = Decimal(100)
    """The most that models may cost a tenant in one UTC day, US dollars."""
    spend_application_usd: Annotated[Decimal, Field(ge=0, le=1_000_000)] = Decimal(2)
    """The most that models may cost one application, US dollars."""
    spend_conversation_usd: Annotated[Decimal, Field(ge=0, le=1_000_000)] = Decimal("0.50")
    """The most that models may cost one conversation, US dollars."""


class CallerSettings(_Base):
    """What the SDK and `lending_agent` are called with."""

    worker_base_url: str | None = Field(default=None, validation_alias="WORKER_BASE_URL")
    """Where the gate is, for example https://gate.example.com."""
    token: SecretStr | None = None
    """The bearer token of the broker."""
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 30
    """How long a call may take."""


def service_settings(**overrides: object) -> ServiceSettings:
    """The service's settings.

    Raises:
        SettingsError: names the first variable that cannot be right.
    """
    return _load(ServiceSettings, overrides)


def caller_settings(**overrides: object) -> CallerSettings:
    """The caller's settings.

    Raises:
        SettingsError: names the first variable that cannot be right.
    """
    return _load(CallerSettings, overrides)


def _load(kind: type[Settings], overrides: dict[str, object]) -> Settings:
    try:
        named = {_key(kind, field): value for field, value in overrides.items()}
        return kind(**(_from_files(kind) | named))  # type: ignore[arg-type]  # only fields are given
    except ValidationError as cause:
        first = cause.errors(include_input=False, include_url=False)[0]
        name = variable_name(kind, str(first["loc"][0]))
        raise SettingsError(f"{name}: {first['msg']}") from cause


def _from_files(kind: type[BaseSettings]) -> dict[str, object]:
    """Secrets whose ``NAME_FILE`` is set, read from their files."""
    found: dict[str, object] = {}
    for field, info in kind.model_fields.items():
        name = variable_name(kind, field)
        path = os.environ.get(f"{name}_FILE")
        if path is None or SecretStr not in get_args(info.annotation):
            continue
        if name in os.environ:
            raise SettingsError(f"{name} and {name}_FILE are both set: keep one")
        found[_key(kind, field)] = _read(path, name)
    return found


def _read(path: str, name: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as cause:
        raise SettingsError(f"{name}_FILE: cannot read {path}: {cause.strerror}") from cause


def _key(kind: type[BaseSettings], field: str) -> str:
    """What a field is called when it is handed in."""
    alias = kind.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else field


def variable_name(kind: type[BaseSettings], field: str) -> str:
    """The environment variable of a field."""
    info = kind.model_fields.get(field)
    alias = info.validation_alias if info else None
    return alias if isinstance(alias, str) else f"LENDGATE_{field.upper()}"


def environment_names() -> frozenset[str]:
    """Every variable that is read, for `lendgate doctor` to name unknown LENDGATE_ ones."""
    kinds: tuple[type[BaseSettings], ...] = (ServiceSettings, CallerSettings)
    names = {variable_name(kind, field) for kind in kinds for field in kind.model_fields}
    return frozenset(names | {f"{name}_FILE" for name in names} | {"LENDGATE_WORKERD"})


def unknown_variables() -> list[str]:
    """LENDGATE_ variables that are set and that nothing reads: most often a typing error."""
    known = environment_names()
    return sorted(name for name in os.environ if name.startswith("LENDGATE_") and name not in known)
