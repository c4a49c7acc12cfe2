"""What can go wrong between Lendgate and Cloudflare, as sentences for the operator.

Law: every refusal is told in three parts: what could not be done, what Cloudflare said (its code and
words), what that means here and what to do. An error that leaves the outcome open says that it is open.
Codes: developers.cloudflare.com/workers/platform/error-codes/ and the Workers tooling's source.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from lendgate.cloudflare.api.operations import Operation
from lendgate.errors import LendgateError, SettingsError

ABSENT_CODES: Final = frozenset({10007, 10090})
PASSING_CODES: Final = frozenset({10002, 10013, 10014, 10035})
"""Cloudflare's own internal errors, and "modified concurrently": worth another try."""

AUTHENTICATION: Final = 10000
"""A bad token, or a good one without the permission: Cloudflare does not say which."""
EMAIL_UNVERIFIED: Final = 10034
NO_ROUTE_CODES: Final = frozenset({7000, 7003})
"""The path itself, so the account id, is not one of Cloudflare's."""
_DENIED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_DOCTOR: Final = "Run `lendgate edge doctor`: it finds out which."
_MEANINGS: Final[dict[int, str]] = {
    971: "Too many requests in five minutes. Wait a few minutes and run the same command again.",
    1000: "The token is not valid. Make a new one and set CLOUDFLARE_API_TOKEN.",
    7000: "No such account or path. Compare CLOUDFLARE_ACCOUNT_ID with the account id in the dashboard.",
    7003: "The id is not one of Cloudflare's. Compare CLOUDFLARE_ACCOUNT_ID with the dashboard.",
    9106: "The token was not understood. Set CLOUDFLARE_API_TOKEN to an API token (not the global key).",
    9109: "The token may not use this account. Check CLOUDFLARE_ACCOUNT_ID and the token's account.",
    10001: "This kind of token cannot make this call (account tokens have no user).",
    10002: "An internal error of Cloudflare. Run the same command again.",
    10006: "Cloudflare could not read the upload: a fault of Lendgate, please report it.",
    10007: "There is no such Worker on this account. `lendgate edge deploy` makes it.",
    10013: "An internal error of Cloudflare. Run the same command again.",
    10014: "An internal error of Cloudflare. Run the same command again.",
    10015: "The account does not have this feature. See the account's Workers plan.",
    10020: "A route with this pattern exists and belongs to another Worker. See --take-over.",
    10021: "Cloudflare read the code or a binding and refused it; its words above say where.",
    10023: "The account does not have this feature. See the account's Workers plan.",
    10027: "The Worker is larger than the plan allows.",
    10032: "The account has no workers.dev name yet. Choose one under Workers & Pages in the dashboard.",
    EMAIL_UNVERIFIED: "The account's e-mail address is not verified. Do it in the dashboard, My Profile.",
    10035: "Somebody else is changing this Worker. Run `lendgate edge status`, then the command again.",
    10037: "The account has as many Workers as its plan allows.",
    10053: "Two bindings have the same name. Mend edge/wrangler.jsonc.",
    10057: "A binding was to be kept from the deployed version, which does not have it. Supply its value.",
    10061: "The Durable Object namespace does not exist. Declare its class under exports in wrangler.jsonc.",
    10063: "The account has no workers.dev name yet. Choose one under Workers & Pages in the dashboard.",
    10070: "The bundle does not export the Durable Object class. Build the bundle again.",
    10074: "The Durable Object change cannot be applied. Compare exports in wrangler.jsonc with the account.",
    10090: "There is no such Worker on this account. `lendgate edge deploy` makes it.",
    10097: "On the free plan Durable Objects must use SQLite: storage must be sqlite in wrangler.jsonc.",
    10142: "Other Workers still use this one. `lendgate edge delete` names them.",
    10143: "A Worker bound in wrangler.jsonc does not exist. Deploy that one first.",
    10180: "The VPC service in wrangler.jsonc does not exist. See docs/how-to/connect-the-origin.md.",
    10210: "Cloudflare refused the split of traffic. `lendgate edge versions` lists what can be deployed.",
    10211: "A change of Durable Objects cannot be tried on a part of the traffic. Deploy it at 100 percent.",
    10214: "The newest version is not the deployed one. Promote it or roll back first, then repeat.",
    10215: "The newest version is not the deployed one. Promote it or roll back first, then repeat.",
    10216: "Only module Workers have versions: the bundle must be an ES module.",
    10220: (
        "A secret was changed after that version was made; it would come back with the old value. "
        "If the old value is still good (the origin accepts that key), repeat with --accept-old-secrets."
    ),
    10222: "The Worker has no versions that can be deployed.",
    10336: "There is no such deployment. `lendgate edge versions` lists what there is.",
    100112: "The hostname is not in that zone. Mend the route in wrangler.jsonc.",
    100116: "The hostname belongs to another Worker. See --take-over.",
    100117: "The hostname has DNS records already. See --take-over.",
    100122: "The account has as many custom domains as its plan allows.",
    100402: "Cloudflare could not bring its Durable Objects to what exports in wrangler.jsonc says.",
    100405: "The two versions declare different Durable Objects. Deploy the new one at 100 percent.",
    100406: "A binding needs a Durable Object class that is not there yet. Deploy at 100 percent.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of ``errors`` in Cloudflare's envelope."""

    code: int
    message: str


class CloudflareError(LendgateError):
    """Something about Cloudflare that the operator must know."""


class CredentialsError(SettingsError):
    """The token or the account id is missing or cannot be one."""


class StoppedError(CloudflareError):
    """Lendgate stopped by itself, before or between steps; the message says where things stand."""


class UnreachableError(CloudflareError):
    """Nothing reached Cloudflare: nothing was changed by this call."""

    def __init__(self, operation: Operation, cause: str) -> None:
        super().__init__(
            f"could not {operation.does}: Cloudflare's API cannot be reached ({cause}). "
            "Nothing was sent. Check the network and run the same command again."
        )


class UnclearError(CloudflareError):
    """The call may or may not have been acted on: look before doing it again."""

    def __init__(self, operation: Operation, cause: str) -> None:
        self.operation = operation
        super().__init__(
            f"could not {operation.does}, or did and was not told so: {cause}. "
            "Run the same command again: it looks at what is there first and does nothing twice."
        )


class RefusedError(CloudflareError):
    """Cloudflare answered no."""

    def __init__(self, operation: Operation, status: int, faults: tuple[Fault, ...]) -> None:
        self.operation = operation
        self.status = status
        self.faults = faults
        super().__init__(_sentence(operation, status, faults))

    @property
    def codes(self) -> frozenset[int]:
        """Cloudflare's numbers for this refusal."""
        return frozenset(fault.code for fault in self.faults)

    @property
    def absent(self) -> bool:
        """The thing asked for is not there."""
        return bool(self.codes & ABSENT_CODES) or (
            self.status == HTTPStatus.NOT_FOUND and not self.codes & NO_ROUTE_CODES
        )

    @property
    def unauthorized(self) -> bool:
        """The token is bad, or is good and lacks a permission: code 10000 covers both."""
        return self.status in _DENIED and EMAIL_UNVERIFIED not in self.codes

    @property
    def passing(self) -> bool:
        """Cloudflare's own trouble, or another change under way: may go well the next time."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or bool(self.codes & PASSING_CODES)


def _sentence(operation: Operation, status: int, faults: tuple[Fault, ...]) -> str:
    said = "; ".join(f"{fault.message} [code {fault.code}]" for fault in faults) or f"HTTP {status}"
    return f"could not {operation.does}: Cloudflare said: {said}. {meaning(operation, status, faults)}"


def meaning(operation: Operation, status: int, faults: tuple[Fault, ...]) -> str:
    """What a refusal means for the operator, and what to do about it."""
    for fault in faults:
        if fault.code in _MEANINGS:
            return _MEANINGS[fault.code]
    if status in _DENIED or any(fault.code == AUTHENTICATION for fault in faults):
        return (
            "Cloudflare uses the same answer for a bad token and for a missing permission; this call "
            f'needs "{operation.permission}". {_DOCTOR}'
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _MEANINGS[971]
    return "If it goes on, look the code up in Cloudflare's list of Workers error codes."
