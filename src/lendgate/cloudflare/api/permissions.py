"""What a Cloudflare API token may do, in the words of the dashboard's token page.

Law: an operator is told the name of a permission exactly as the dashboard shows it ("Account > Workers
Scripts > Edit"), because that is where it is granted. The API's own error never names one.
"""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """One row of the dashboard's "Create custom token" page: resource > group > level."""

    NONE = "none"
    ACCOUNT_READ = "Account > Account Settings > Read"
    SCRIPTS_READ = "Account > Workers Scripts > Read"
    SCRIPTS_EDIT = "Account > Workers Scripts > Edit"
    TAIL_READ = "Account > Workers Tail > Read"
    VPC_BIND = "Account > Connectivity Directory > Bind"
    ZONE_READ = "Zone > Zone > Read"
    ROUTES_READ = "Zone > Workers Routes > Read"
    ROUTES_EDIT = "Zone > Workers Routes > Edit"
    DNS_READ = "Zone > DNS > Read"
    DNS_EDIT = "Zone > DNS > Edit"
    TOKENS_READ = "User > API Tokens > Read"
