"""IP addresses and networks."""

import ipaddress
from functools import lru_cache

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
IPV4_MAPPED = ipaddress.ip_network("::ffff:0:0/96")  # `parse_address` converts these to IPv4


@lru_cache(1024)
def parse_address(text: str | None) -> Address | None:
    """Parse an address, without its zone, and convert IPv4-mapped IPv6 to IPv4; None if it is malformed.

    Dual-stack sockets report IPv4 addresses as ::ffff:192.0.2.1 (RFC 4291 section 2.5.5.2).
    """
    try:
        address = ipaddress.ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
