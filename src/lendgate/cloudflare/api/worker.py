"""One Worker on one account: the calls about it, typed.

Law: a thin naming of ``operations``; no decisions. What must not happen twice says so in its name's
operation and is called through ``api.once`` by whoever knows how to look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from lendgate.cloudflare.api import operations
from lendgate.cloudflare.api.answers import (
    AccountSubdomain,
    Deployment,
    Deployments,
    Namespace,
    ScriptSettings,
    SecretName,
    Share,
    Subdomain,
    Tail,
    Version,
    VersionDetail,
    Versions,
    WorkerRecord,
    read,
)
from lendgate.cloudflare.api.client import CloudflareApi, Part
from lendgate.cloudflare.api.failures import RefusedError
from lendgate.cloudflare.api.operations import Operation

_STRICT: Final = {"bindings_inherit": "strict"}


class Worker:
    """The Worker called ``name``."""

    def __init__(self, api: CloudflareApi, name: str) -> None:
        self.api = api
        self.name = name

    async def deployments(self) -> list[Deployment] | None:
        """Newest first; ``None`` when there is no such Worker."""
        try:
            result = await self._call(operations.LIST_DEPLOYMENTS)
        except RefusedError as error:
            if error.absent:
                return None
            raise
        return read(Deployments, operations.LIST_DEPLOYMENTS, result).deployments

    async def versions(self) -> list[Version]:
        """The versions that can be deployed, newest first; none when there is no such Worker."""
        try:
            result = await self._call(operations.LIST_VERSIONS, query={"deployable": "true"})
        except RefusedError as error:
            if error.absent:
                return []
            raise
        items = read(Versions, operations.LIST_VERSIONS, result).items
        return sorted(items, key=lambda version: version.number, reverse=True)

    async def version(self, version_id: str) -> VersionDetail:
        """One version in full."""
        result = await self._call(operations.READ_VERSION, path={"version_id": version_id})
        return read(VersionDetail, operations.READ_VERSION, result)

    async def put(self, parts: tuple[Part, ...]) -> None:
        """Upload and deploy at 100 percent; makes the Worker and applies Durable Object changes."""
        await self._call(operations.PUT_SCRIPT, query=_STRICT, parts=parts)

    async def upload(self, parts: tuple[Part, ...]) -> str:
        """Upload a version that takes no traffic yet; returns its id."""
        result = await self._call(operations.POST_VERSION, query=_STRICT, parts=parts)
        return read(Version, operations.POST_VERSION, result).id

    async def deploy(self, shares: Sequence[Share], message: str, *, force: bool = False) -> str:
        """Give versions their percentages; ``force`` accepts that secrets have changed since.

        Returns the id of the deployment.
        """
        body: dict[str, JsonValue] = {
            "strategy": "percentage",
            "versions": [
                {"version_id": share.version_id, "percentage": share.percentage} for share in shares
            ],
            "annotations": {"workers/message": message},
        }
        query = {"force": "true"} if force else {}
        result = await self._call(operations.POST_DEPLOYMENT, query=query, json=body)
        return read(Deployment, operations.POST_DEPLOYMENT, result).id

    async def script_settings(self) -> ScriptSettings:
        """Observability and tags."""
        result = await self._call(operations.READ_SCRIPT_SETTINGS)
        return read(ScriptSettings, operations.READ_SCRIPT_SETTINGS, result)

    async def set_script_settings(self, observability: Mapping[str, JsonValue], tags: Sequence[str]) -> None:
        """Set observability and tags; makes no version."""
        body: dict[str, JsonValue] = {"observability": dict(observability), "tags": list(tags)}
        await self._call(operations.PATCH_SCRIPT_SETTINGS, json=body)

    async def subdomain(self) -> Subdomain:
        """The workers.dev switch."""
        result = await self._call(operations.READ_SUBDOMAIN)
        return read(Subdomain, operations.READ_SUBDOMAIN, result)

    async def set_subdomain(self, *, enabled: bool, previews: bool) -> None:
        """Turn the workers.dev address and the preview addresses on or off."""
        body: dict[str, JsonValue] = {"enabled": enabled, "previews_enabled": previews}
        await self._call(operations.POST_SUBDOMAIN, json=body)

    async def account_subdomain(self) -> str | None:
        """The account's name under workers.dev; ``None`` when it has none."""
        try:
            result = await self._call(operations.READ_ACCOUNT_SUBDOMAIN)
        except RefusedError as error:
            if error.absent:
                return None
            raise
        return read(AccountSubdomain, operations.READ_ACCOUNT_SUBDOMAIN, result).subdomain

    async def namespaces(self) -> list[Namespace]:
        """The Durable Object namespaces of this Worker."""
        result = await self._call(operations.LIST_NAMESPACES, query={"per_page": "1000"})
        found = read(list[Namespace], operations.LIST_NAMESPACES, result)
        return [namespace for namespace in found if namespace.script == self.name]

    async def secrets(self) -> list[str]:
        """Names of the secrets of the newest version."""
        result = await self._call(operations.LIST_SECRETS)
        return [secret.name for secret in read(list[SecretName], operations.LIST_SECRETS, result)]

    async def put_secret(self, name: str, text: str) -> None:
        """Set one secret; Cloudflare makes a version of it and deploys that at 100 percent."""
        body: dict[str, JsonValue] = {"name": name, "text": text, "type": "secret_text"}
        await self._call(operations.PUT_SECRET, json=body)

    async def record(self) -> WorkerRecord | None:
        """What refers to the Worker; ``None`` when there is no such Worker."""
        try:
            result = await self._call(operations.READ_WORKER, path={"worker_id": self.name})
        except RefusedError as error:
            if error.absent:
                return None
            raise
        return read(WorkerRecord, operations.READ_WORKER, result)

    async def delete(self) -> None:
        """Delete the Worker, its secrets and its Durable Objects with their data."""
        await self._call(operations.DELETE_SCRIPT, query={"force": "true"})

    async def start_tail(self) -> Tail:
        """Open a live log."""
        return read(Tail, operations.START_TAIL, await self._call(operations.START_TAIL))

    async def stop_tail(self, tail_id: str) -> None:
        """Close a live log."""
        await self._call(operations.STOP_TAIL, path={"id": tail_id})

    async def _call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        json: JsonValue = None,
        parts: tuple[Part, ...] = (),
    ) -> JsonValue:
        return await self.api.call(
            operation,
            path={"script_name": self.name, **(path or {})},
            query=query,
            json=json,
            parts=parts,
        )
