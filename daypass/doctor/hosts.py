"""Facts about a host that follow from its name alone."""

import ipaddress
from collections.abc import Iterable


def is_address(host: str) -> bool:
    """Whether the host is an IP address; IPv6 with or without brackets."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_local(host: str) -> bool:
    """Whether the host is a loopback address, or a name reserved for loopback (RFC 6761 section 6.3)."""
    if is_address(host):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def is_under(host: str, domain: str) -> bool:
    """Whether browsers send a cookie with this domain to the host (RFC 6265 section 5.1.3)."""
    return host == domain or (host.endswith(f".{domain}") and not is_address(host))


def common_parent(hosts: Iterable[str]) -> str:
    """The longest domain that contains all of these hosts. It may be a public suffix, such as `co.uk`.

    Empty if it would be a single label, or if one of the hosts is an IP address.
    """
    names = list(hosts)
    labels = [name.split(".")[::-1] for name in names]
    shared = []
    for level in zip(*labels, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return "" if len(shared) < 2 or any(map(is_address, names)) else ".".join(reversed(shared))
