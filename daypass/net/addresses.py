"""IP addresses and networks."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MAPPED = ipaddress.ip_network("::ffff:0:0/96")  # IPv4 in IPv6: addresses are told in their own family


def parse_address(text: str | None) -> Address | None:
    """An address in its own family, without a zone; None for text that is none.

    Sockets for both families report IPv4 as ::ffff:192.0.2.1 (RFC 4291 section 2.5.5.2).
    """
    try:
        address = ipaddress.ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
