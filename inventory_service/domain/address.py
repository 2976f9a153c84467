"""Addresses of the internet as far as they tell one household from another."""

import ipaddress

NETWORK_BITS = 64
"""Whoever has an IPv6 address has so many bits of it to choose."""


def network_of(address: str) -> str:
    """What one household has for an address; what is none stands for itself."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, NETWORK_BITS), strict=False))
