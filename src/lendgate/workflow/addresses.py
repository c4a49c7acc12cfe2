"""Which addresses of the network a webhook may go to: public ones, and no other.

Law: fail closed. Whoever chooses a URL must not reach through it what only this machine can reach, so an
address counts as public when every registry of special addresses says nothing against it, the IPv4 address
inside an IPv6 one included. Pure; ``outbound`` connects to exactly the address that was looked at here.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

# IANA's registries of special-purpose addresses (RFC 6890 and later), multicast and the clouds' own.
_SPECIAL: Final[tuple[IPv4Network | IPv6Network, ...]] = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",  # Azure's own services, on a public address
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "2001::/23",
            "2001:db8::/32",
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    )
)
_GLOBAL: Final = IPv6Network("2000::/3")  # all that was ever given out of IPv6 (RFC 4291)
_NAT64: Final = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether anybody's machine on the Internet may be behind this IPv4 or IPv6 address."""
    try:
        # A scope ("fe80::1%eth0") is of this machine only.
        return "%" not in address and _is_public(ip_address(address))
    except ValueError:
        return False


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        inside = _ipv4_inside(address)
        if inside is not None:
            return _is_public(inside)
        if address not in _GLOBAL:
            return False
    return address.is_global and not any(
        address in network for network in _SPECIAL if network.version == address.version
    )


def _ipv4_inside(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this IPv6 address end up at, where that is so."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
