"""The token and the account: what Cloudflare answers alike, taken apart.

Law: only reading. Code 10000 stands for a bad token, another account's id and a missing permission; which
one it is shows from what other calls answer, and where it does not, the finding says so.
"""

from __future__ import annotations

from typing import Final

from pydantic import JsonValue

from lendgate.cloudflare.api import operations
from lendgate.cloudflare.api.answers import TokenStatus, read
from lendgate.cloudflare.api.client import CloudflareApi
from lendgate.cloudflare.api.failures import RefusedError, UnreachableError
from lendgate.cloudflare.api.permissions import Permission
from lendgate.cloudflare.findings import Finding, Reading, reading_of

_EDIT_GROUPS: Final = frozenset({"Workers Scripts Write", "Workers Editor", "Workers Admin"})
"""Permission groups that may deploy, as the API names them."""


async def token_finding(api: CloudflareApi) -> Finding:
    """A user's token and an account's token are verified at two places."""
    for operation in (operations.VERIFY_USER_TOKEN, operations.VERIFY_ACCOUNT_TOKEN):
        try:
            status = read(TokenStatus, operation, await api.call(operation))
        except UnreachableError as error:
            return Finding("token", "problem", str(error), "Check the network and any proxy.")
        except RefusedError:
            continue
        return _token_status(status)
    return Finding(
        "token",
        "problem",
        "Cloudflare does not know this token, neither as a user's nor as one of this account's",
        "Make a new one under My Profile > API Tokens and set CLOUDFLARE_API_TOKEN. If it belongs to an "
        "account (Manage Account > API Tokens), check CLOUDFLARE_ACCOUNT_ID too.",
    )


def _token_status(status: TokenStatus) -> Finding:
    if status.status == "active":
        until = f", until {status.expires_on}" if status.expires_on else ""
        return Finding("token", "ok", f"the token is active{until}")
    return Finding(
        "token",
        "problem",
        f"the token is {status.status}",
        "Make a new one, or enable it under My Profile > API Tokens.",
    )


async def denied_finding(api: CloudflareApi, worker: str, account_id: str, reading: Reading) -> Finding:
    """Reading Workers was refused: is it the account or the permission?"""
    accounts = await _accounts(api)
    wrong = Finding(
        "account",
        "problem",
        f"the token is good and does not reach the account {account_id}",
        "Set CLOUDFLARE_ACCOUNT_ID to the id the dashboard shows under Workers & Pages"
        + (f" (this token reaches {', '.join(sorted(accounts))})." if accounts else "."),
    )
    if reading == "wrong account" or (accounts and account_id not in accounts):
        return wrong
    tails = await reading_of(api, operations.LIST_TAILS, script_name=worker)
    if account_id in accounts or tails in {"yes", "absent"}:
        return Finding(
            Permission.SCRIPTS_EDIT,
            "problem",
            "the token is good and reaches the account, and may not read its Workers",
            f'Add "{Permission.SCRIPTS_EDIT}" to the token under My Profile > API Tokens.',
        )
    return Finding(
        Permission.SCRIPTS_EDIT,
        "problem",
        "the token is good and every call to this account is refused; Cloudflare does not say whether the "
        "account id is another one's or the token lacks the permission",
        f'Compare CLOUDFLARE_ACCOUNT_ID with the dashboard; then add "{Permission.SCRIPTS_EDIT}" to the '
        "token.",
    )


async def _accounts(api: CloudflareApi) -> set[str]:
    """Ids of the accounts the token may list; empty when it may not."""
    try:
        result = await api.call(operations.LIST_ACCOUNTS)
    except RefusedError:
        return set()
    listed = result if isinstance(result, list) else []
    return {str(account["id"]) for account in listed if isinstance(account, dict) and "id" in account}


async def edit_finding(api: CloudflareApi) -> Finding:
    """Reading proves no right to write; the token's own policies do, where it may read them."""
    names = await _groups(api)
    if names is None:
        return Finding(
            Permission.SCRIPTS_EDIT,
            "unknown",
            "no harmless call proves the right to deploy, and this token may not read its own permissions",
            f'A deploy that is refused with code 10000 lacks "{Permission.SCRIPTS_EDIT}".',
        )
    if names & _EDIT_GROUPS:
        return Finding(Permission.SCRIPTS_EDIT, "ok", "the token's policies allow it")
    return Finding(
        Permission.SCRIPTS_EDIT,
        "problem",
        "the token reads Workers and its policies do not allow it to change them",
        f'Add "{Permission.SCRIPTS_EDIT}" to the token under My Profile > API Tokens.',
    )


async def _groups(api: CloudflareApi) -> set[str] | None:
    try:
        status = read(TokenStatus, operations.VERIFY_USER_TOKEN, await api.call(operations.VERIFY_USER_TOKEN))
        token = await api.call(operations.READ_TOKEN, path={"token_id": status.id})
    except RefusedError:
        return None
    policies = token.get("policies") if isinstance(token, dict) else None
    return {name for policy in _dicts(policies) for name in _group_names(policy)}


def _group_names(policy: dict[str, JsonValue]) -> list[str]:
    if policy.get("effect") != "allow":
        return []
    return [str(group.get("name")) for group in _dicts(policy.get("permission_groups"))]


def _dicts(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
