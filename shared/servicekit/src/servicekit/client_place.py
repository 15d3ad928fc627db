"""Where a client is, as far as limits are concerned."""

from ipaddress import IPv6Address, IPv6Network, ip_address

_LONGEST = 100  # characters of a place
_IPV6_PREFIX = 64  # bits: one subscriber has all addresses of such a network (RFC 6177)


def place_of(address: str) -> str:
    """What a client's address counts as: itself, or its network of 2^64 addresses (IPv6)."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:_LONGEST]
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(IPv6Network((int(parsed), _IPV6_PREFIX), strict=False))
    return str(parsed)
