"""Deployments: which Messages-API server is spoken to, with which credential, and what it can do.

Law: a capability is a flag somebody set, never a guess made by failing in production. Sources of the
presets: the servers' own documentation as of 2026-11 (Ollama ``api/anthropic-compatibility``, vLLM 0.22
and later, LM Studio ``developer/anthropic-compat``, llama.cpp pull request 17570, Cloudflare AI Gateway).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from lendgate.claude.errors import ModelConfigurationError

Server = Literal[
    "anthropic", "ai-gateway", "ai-gateway-stored-key", "ollama", "vllm", "llama-cpp", "lm-studio", "other"
]
InferenceGeo = Literal["us", "global"]
ANTHROPIC_URL: Final = "https://api.anthropic.com"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a server understands. What it does not is left out of the request."""

    structured_output: bool = False
    """``output_config.format``; without it the schema goes into the prompt and the reply is checked here."""
    effort: bool = False
    """``output_config.effort``."""
    prompt_cache: bool = False
    """``cache_control`` marks."""
    inference_geo: bool = False
    """``inference_geo``: where the model runs."""
    model_catalogue: bool = False
    """``GET /v1/models/{id}`` with lifecycle and capabilities."""
    batches: bool = False
    """``/v1/messages/batches``: many requests at half the price."""

    def changed(self, changes: str) -> Capabilities:
        """With flags switched: ``"+structured_output -effort"``.

        Raises:
            ModelConfigurationError: names the word that is not a flag.
        """
        known = {flag.name for flag in fields(self)}
        switched: dict[str, bool] = {}
        for word in changes.split():
            if word[:1] not in {"+", "-"} or word[1:] not in known:
                raise ModelConfigurationError(
                    f"model capability {word!r} is unknown: + or - and one of {', '.join(sorted(known))}"
                )
            switched[word[1:]] = word[0] == "+"
        return replace(self, **switched)


_FULL: Final = Capabilities(
    structured_output=True,
    effort=True,
    prompt_cache=True,
    inference_geo=True,
    model_catalogue=True,
    batches=True,
)
# Through a gateway the model list may be closed, and where inference runs is still Anthropic's to say.
_GATEWAY: Final = replace(_FULL, model_catalogue=False, batches=False)
PRESETS: Final[Mapping[Server, Capabilities]] = MappingProxyType(
    {
        "anthropic": _FULL,
        "ai-gateway": _GATEWAY,
        "ai-gateway-stored-key": _GATEWAY,
        "ollama": Capabilities(effort=True),
        "vllm": Capabilities(),  # 0.22 and later may be told +structured_output
        "llama-cpp": Capabilities(),
        "lm-studio": Capabilities(),
        "other": Capabilities(),
    }
)


@dataclass(frozen=True, slots=True)
class Deployment:
    """One server, ready to be called. Secrets stay inside ``SecretStr``: no repr or error shows them.

    ``api_key`` is the provider's key, None where the gateway keeps it. ``gateway_token`` opens an
    authenticated AI Gateway. ``capability_changes`` switches flags of the server's preset, for example
    ``"+structured_output -effort"``. ``extra_headers`` go out with every request.

    Raises:
        ModelConfigurationError: the URL or the credentials can't be right for this kind of server.
    """

    server: Server = "anthropic"
    base_url: str = ANTHROPIC_URL
    api_key: SecretStr | None = None
    gateway_token: SecretStr | None = None
    inference_geo: InferenceGeo | None = None
    capability_changes: str = ""
    extra_headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        url = urlsplit(self.base_url)
        if url.scheme not in {"http", "https"} or not url.hostname or url.username or url.query:
            raise ModelConfigurationError("the model's base URL must look like https://api.anthropic.com")
        if url.path.rstrip("/").endswith("/v1"):
            raise ModelConfigurationError("leave /v1 off the model's base URL: it is added to every call")
        if (
            url.scheme == "http"
            and self.api_key
            and self.server == "anthropic"
            and url.hostname not in _LOOPBACK
        ):
            raise ModelConfigurationError(
                "the model's base URL must be https: the API key would travel in clear"
            )
        self._check_credentials()
        PRESETS[self.server].changed(self.capability_changes)

    def _check_credentials(self) -> None:
        if self.server in {"anthropic", "ai-gateway"} and not self.api_key:
            raise ModelConfigurationError(f"{self.server} needs an API key: set ANTHROPIC_API_KEY")
        if self.server == "ai-gateway-stored-key" and (self.api_key or not self.gateway_token):
            raise ModelConfigurationError(
                "a gateway that stores the key needs its own token and no API key: any key that is sent "
                "along goes upstream instead of the stored one"
            )

    @property
    def capabilities(self) -> Capabilities:
        """What this server understands."""
        return PRESETS[self.server].changed(self.capability_changes)

    @property
    def headers(self) -> dict[str, str]:
        """Credential and gateway headers besides ``Authorization``, which the SDK makes."""
        headers = dict(self.extra_headers)
        if self.server.startswith("ai-gateway"):
            headers |= _AI_GATEWAY_HEADERS
            if self.gateway_token:
                headers["cf-aig-authorization"] = f"Bearer {self.gateway_token.get_secret_value()}"
        if self.server == "ai-gateway" and self.api_key:
            headers["x-api-key"] = self.api_key.get_secret_value()
        return headers

    @property
    def bearer(self) -> str | None:
        """The key for ``Authorization``; None where that header must not be sent.

        A gateway forwards any ``Authorization`` upstream unchanged and then leaves its stored key unused
        (cloudflare-docs issue 33517).
        """
        if self.server.startswith("ai-gateway") or not self.api_key:
            return None
        return self.api_key.get_secret_value()

    def cleaned(self, text: str) -> str:
        """``text`` without this deployment's secrets, for words that came from the other side."""
        for secret in (self.api_key, self.gateway_token):
            if secret and secret.get_secret_value():
                text = text.replace(secret.get_secret_value(), "[secret]")
        return text


# Applicants' facts must not rest at the gateway: no cached reply, no logged body. One attempt only:
# Lendgate retries, and two retrying parties multiply.
_AI_GATEWAY_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cf-aig-skip-cache": "true",
        "cf-aig-collect-log-payload": "false",
        "cf-aig-max-attempts": "1",
    }
)
