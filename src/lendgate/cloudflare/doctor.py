"""What stands between the operator and a working gate, one finding at a time, each with its mend.

Law: only reading; every permission is tried by the harmless call that needs it, because a token does not
say what it may do. Cloudflare's one answer for "bad token", "wrong account" and "missing permission" is
taken apart by comparing several calls; where that is not possible, the finding says so.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final

from lendgate.cloudflare.api import operations
from lendgate.cloudflare.api.addresses import find_zone
from lendgate.cloudflare.api.client import CloudflareApi
from lendgate.cloudflare.api.failures import RefusedError, StoppedError
from lendgate.cloudflare.api.permissions import Permission
from lendgate.cloudflare.api.worker import Worker
from lendgate.cloudflare.check import Checked
from lendgate.cloudflare.desired import Desired, hostname_of
from lendgate.cloudflare.doctor_token import denied_finding, edit_finding, token_finding
from lendgate.cloudflare.findings import Finding, Reading, Verdict, permission_finding, reading_of

CLOCK_SKEW_SECONDS: Final = 5.0
"""How far the origin lets the edge's clock run ahead; see the signature check of the service."""
_VERDICTS: Final[dict[str, Verdict]] = {"works": "ok", "fails": "problem", "not asked": "unknown"}


@dataclass(frozen=True, slots=True)
class Examined:
    """What the API alone can tell."""

    findings: tuple[Finding, ...]
    can_read: bool
    """The Worker's own endpoints answer: deeper checks make sense."""


async def examine(worker: Worker, desired: Desired, account_id: str) -> Examined:
    """The token, the account, the permissions and the Worker."""
    token = await token_finding(worker.api)
    if token.verdict == "problem":
        return Examined((token,), can_read=False)
    findings = [token]
    scripts = await reading_of(worker.api, operations.READ_SETTINGS, script_name=worker.name)
    if scripts in {"denied", "wrong account"}:
        findings.append(await denied_finding(worker.api, worker.name, account_id, scripts))
        return Examined(tuple(findings), can_read=False)
    findings.append(Finding(Permission.SCRIPTS_READ, "ok", "the token reads this account's Workers"))
    findings.append(await edit_finding(worker.api))
    findings.append(_there(worker, scripts))
    if scripts == "yes":
        findings.append(
            await permission_finding(
                worker.api,
                operations.LIST_TAILS,
                "`lendgate edge tail` needs it",
                script_name=worker.name,
            )
        )
        findings.append(await _secrets(worker, desired))
    findings += await _zones(worker.api, desired)
    findings += [await _vpc(worker, service_id) for service_id in _vpc_services(desired)]
    return Examined(tuple(findings), can_read=scripts == "yes")


def clock_finding(local: float, remote: float | None) -> Finding:
    """This machine's clock against Cloudflare's; both are Unix seconds."""
    if remote is None:
        return Finding("clock", "unknown", "Cloudflare's answers carried no date")
    skew = local - remote
    if abs(skew) <= CLOCK_SKEW_SECONDS:
        return Finding("clock", "ok", f"this machine's clock is {skew:+.1f} s from Cloudflare's")
    return Finding(
        "clock",
        "problem",
        f"this machine's clock is {skew:+.0f} s from Cloudflare's",
        f"Signatures live 60 s and may be at most {CLOCK_SKEW_SECONDS:.0f} s early: if the origin runs here, "
        "set its clock (NTP).",
    )


def gate_finding(checked: Checked) -> Finding:
    """What the gate said when it was asked, as a finding."""
    return Finding("gate and origin", _VERDICTS[checked.verdict], checked.says, checked.do)


def _there(worker: Worker, reading: Reading) -> Finding:
    if reading == "yes":
        return Finding("worker", "ok", f"the Worker {worker.name} is there")
    return Finding(
        "worker",
        "problem",
        f"there is no Worker {worker.name} on this account",
        "`lendgate edge deploy` makes it; --env chooses the environment.",
    )


async def _secrets(worker: Worker, desired: Desired) -> Finding:
    missing = sorted({*desired.secrets} - {*await worker.secrets()})
    if not missing:
        return Finding("secrets", "ok", f"the Worker has {', '.join(desired.secrets) or 'all it needs'}")
    return Finding(
        "secrets",
        "problem",
        f"the Worker lacks {', '.join(missing)}",
        "Set each in the environment and run `lendgate edge deploy`.",
    )


async def _zones(api: CloudflareApi, desired: Desired) -> list[Finding]:
    """Zones of the wanted addresses, and the right to place routes in them."""
    hostnames = [*desired.domains, *(hostname_of(route.pattern) for route in desired.routes)]
    return [await _guarded(_zone(api, hostname)) for hostname in dict.fromkeys(hostnames)]


async def _zone(api: CloudflareApi, hostname: str) -> Finding:
    try:
        zone = await find_zone(api, hostname)
    except StoppedError as error:
        return Finding("zone", "problem", str(error), "See docs/how-to/deploy-the-gate.md, Addresses.")
    await api.call(operations.LIST_ROUTES, path={"zone_id": zone.id})
    return Finding("zone", "ok", f"{hostname} is in the zone {zone.name}, whose routes can be read")


async def _guarded(look: Awaitable[Finding]) -> Finding:
    try:
        return await look
    except RefusedError as error:
        needed = error.operation.permission
        mend = f'Add "{needed}" to the token, for this zone.' if error.unauthorized else "See above."
        return Finding(needed, "problem", str(error), mend)


def _vpc_services(desired: Desired) -> list[str]:
    return [str(b["service_id"]) for b in desired.bindings if b["type"] == "vpc_service"]


async def _vpc(worker: Worker, service_id: str) -> Finding:
    reading = await reading_of(worker.api, operations.READ_VPC_SERVICE, service_id=service_id)
    if reading == "yes":
        return Finding(Permission.VPC_BIND, "ok", f"the VPC service {service_id} is there")
    if reading == "absent":
        return Finding(
            "vpc service",
            "problem",
            f"there is no VPC service {service_id}",
            "See docs/how-to/connect-the-origin.md, Workers VPC.",
        )
    return Finding(
        Permission.VPC_BIND,
        "problem",
        "the token may not read VPC services; binding one needs the same group",
        f'Add "{Permission.VPC_BIND}" to the token.',
    )
