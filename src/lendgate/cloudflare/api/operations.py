"""Every endpoint of Cloudflare's API that Lendgate calls, and nothing else.

Law: only documented endpoints; each says what it does in words, which permission it needs, and whether
it may be sent again when nobody knows if the first one was acted on. A test holds this list against
Cloudflare's OpenAPI document.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from lendgate.cloudflare.api.permissions import Permission


class Operation(NamedTuple):
    """One endpoint."""

    method: str
    path: str
    """Template under the API's base; ``{account_id}`` is filled by the client."""
    does: str
    """Completes the sentence "could not …"."""
    permission: Permission
    repeatable: bool = True
    """Sending it twice leaves the same state as once: it may be retried without looking first."""


_WORKERS: Final = "/accounts/{account_id}/workers"
_SCRIPT: Final = _WORKERS + "/scripts/{script_name}"
_ROUTES: Final = "/zones/{zone_id}/workers/routes"
_DNS: Final = "/zones/{zone_id}/dns_records"

VERIFY_USER_TOKEN: Final = Operation(
    "GET", "/user/tokens/verify", "verify the token as a user's token", Permission.NONE
)
VERIFY_ACCOUNT_TOKEN: Final = Operation(
    "GET", "/accounts/{account_id}/tokens/verify", "verify the token as an account's token", Permission.NONE
)
READ_TOKEN: Final = Operation(
    "GET", "/user/tokens/{token_id}", "read the token's own permissions", Permission.TOKENS_READ
)
LIST_ACCOUNTS: Final = Operation("GET", "/accounts", "list the token's accounts", Permission.ACCOUNT_READ)

READ_SETTINGS: Final = Operation(
    "GET", _SCRIPT + "/settings", "read the Worker's settings", Permission.SCRIPTS_READ
)
LIST_SECRETS: Final = Operation(
    "GET", _SCRIPT + "/secrets", "list the Worker's secrets", Permission.SCRIPTS_READ
)
PUT_SECRET: Final = Operation("PUT", _SCRIPT + "/secrets", "set a secret", Permission.SCRIPTS_EDIT)
PUT_SCRIPT: Final = Operation(
    "PUT", _SCRIPT, "upload and deploy the Worker", Permission.SCRIPTS_EDIT, repeatable=False
)
DELETE_SCRIPT: Final = Operation("DELETE", _SCRIPT, "delete the Worker", Permission.SCRIPTS_EDIT)
LIST_VERSIONS: Final = Operation(
    "GET", _SCRIPT + "/versions", "list the Worker's versions", Permission.SCRIPTS_READ
)
READ_VERSION: Final = Operation(
    "GET", _SCRIPT + "/versions/{version_id}", "read a version of the Worker", Permission.SCRIPTS_READ
)
POST_VERSION: Final = Operation(
    "POST", _SCRIPT + "/versions", "upload a version", Permission.SCRIPTS_EDIT, repeatable=False
)
LIST_DEPLOYMENTS: Final = Operation(
    "GET", _SCRIPT + "/deployments", "read which versions take traffic", Permission.SCRIPTS_READ
)
POST_DEPLOYMENT: Final = Operation(
    "POST", _SCRIPT + "/deployments", "give versions traffic", Permission.SCRIPTS_EDIT, repeatable=False
)
READ_SCRIPT_SETTINGS: Final = Operation(
    "GET", _SCRIPT + "/script-settings", "read the Worker's observability", Permission.SCRIPTS_READ
)
PATCH_SCRIPT_SETTINGS: Final = Operation(
    "PATCH", _SCRIPT + "/script-settings", "set the Worker's observability", Permission.SCRIPTS_EDIT
)
READ_SUBDOMAIN: Final = Operation(
    "GET", _SCRIPT + "/subdomain", "read the workers.dev switch", Permission.SCRIPTS_READ
)
POST_SUBDOMAIN: Final = Operation(
    "POST", _SCRIPT + "/subdomain", "set the workers.dev switch", Permission.SCRIPTS_EDIT
)
READ_ACCOUNT_SUBDOMAIN: Final = Operation(
    "GET", _WORKERS + "/subdomain", "read the account's workers.dev name", Permission.SCRIPTS_READ
)
LIST_NAMESPACES: Final = Operation(
    "GET", _WORKERS + "/durable_objects/namespaces", "list Durable Objects", Permission.SCRIPTS_READ
)
START_TAIL: Final = Operation(
    "POST", _SCRIPT + "/tails", "start a live log", Permission.TAIL_READ, repeatable=False
)
LIST_TAILS: Final = Operation("GET", _SCRIPT + "/tails", "list live logs", Permission.TAIL_READ)
STOP_TAIL: Final = Operation("DELETE", _SCRIPT + "/tails/{id}", "stop a live log", Permission.TAIL_READ)
READ_WORKER: Final = Operation(
    "GET", _WORKERS + "/workers/{worker_id}", "read what refers to the Worker", Permission.SCRIPTS_READ
)

LIST_DOMAINS: Final = Operation("GET", _WORKERS + "/domains", "list custom domains", Permission.SCRIPTS_READ)
PUT_DOMAIN: Final = Operation("PUT", _WORKERS + "/domains", "attach a custom domain", Permission.SCRIPTS_EDIT)
DELETE_DOMAIN: Final = Operation(
    "DELETE", _WORKERS + "/domains/{domain_id}", "detach a custom domain", Permission.SCRIPTS_EDIT
)
LIST_ZONES: Final = Operation("GET", "/zones", "find the zone of a hostname", Permission.ZONE_READ)
LIST_ROUTES: Final = Operation("GET", _ROUTES, "list the zone's routes", Permission.ROUTES_READ)
POST_ROUTE: Final = Operation("POST", _ROUTES, "add a route", Permission.ROUTES_EDIT, repeatable=False)
PUT_ROUTE: Final = Operation("PUT", _ROUTES + "/{route_id}", "change a route", Permission.ROUTES_EDIT)
DELETE_ROUTE: Final = Operation("DELETE", _ROUTES + "/{route_id}", "remove a route", Permission.ROUTES_EDIT)
LIST_DNS: Final = Operation("GET", _DNS, "list the DNS records of a hostname", Permission.DNS_READ)
DELETE_DNS: Final = Operation("DELETE", _DNS + "/{dns_record_id}", "delete a DNS record", Permission.DNS_EDIT)
READ_VPC_SERVICE: Final = Operation(
    "GET",
    "/accounts/{account_id}/connectivity/directory/services/{service_id}",
    "read the VPC service of the origin",
    Permission.VPC_BIND,
)
