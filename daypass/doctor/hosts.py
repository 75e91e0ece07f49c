"""What can be told about a host from its name alone."""

import ipaddress
from collections.abc import Iterable


def is_address(host: str) -> bool:
    """Whether it is an IP address and no name; IPv6 with or without brackets."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_local(host: str) -> bool:
    """Whether only this machine reaches it: loopback, and the names that are always loopback (RFC 6761 section 6.3)."""
    if is_address(host):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def is_under(host: str, domain: str) -> bool:
    """Whether a cookie of this domain reaches the host (RFC 6265 section 5.1.3)."""
    return host == domain or (host.endswith(f".{domain}") and not is_address(host))


def common_parent(hosts: Iterable[str]) -> str:
    """The longest domain that all of these are under; nothing where it would be a single label, or one is an address.

    It may still be a public suffix, as `co.uk` is.
    """
    names = list(hosts)
    labels = [name.split(".")[::-1] for name in names]
    shared = []
    for level in zip(*labels, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return "" if len(shared) < 2 or any(map(is_address, names)) else ".".join(reversed(shared))
