"""One thing ``lendgate edge doctor`` looked at, and the careful reading of a call that may be refused.

Law: a finding that is not "ok" says what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lendgate.cloudflare.api.client import CloudflareApi
from lendgate.cloudflare.api.failures import NO_ROUTE_CODES, RefusedError
from lendgate.cloudflare.api.operations import Operation

Verdict = Literal["ok", "problem", "unknown"]
Reading = Literal["yes", "absent", "denied", "wrong account"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    check: str
    verdict: Verdict
    says: str
    do: str = ""


async def reading_of(api: CloudflareApi, operation: Operation, **path: str) -> Reading:
    """What a read-only call says about the token and the account."""
    try:
        await api.call(operation, path=path)
    except RefusedError as error:
        if error.codes & NO_ROUTE_CODES:
            return "wrong account"
        if error.unauthorized:
            return "denied"
        if error.absent:
            return "absent"
        raise
    return "yes"


async def permission_finding(api: CloudflareApi, operation: Operation, why: str, **path: str) -> Finding:
    """Whether the token has the permission of a read-only operation."""
    name = operation.permission
    if await reading_of(api, operation, **path) == "denied":
        return Finding(name, "problem", f"the token may not {operation.does}; {why}", f'Add "{name}" to it.')
    return Finding(name, "ok", f"the token may {operation.does}")
