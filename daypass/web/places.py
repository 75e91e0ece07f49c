"""The network of a session, in words. Daypass has no map of addresses: it knows only what an address itself tells."""

import ipaddress

from daypass.net.addresses import parse_address
from daypass.throttling.fair_queue import queue_owner

LOCAL = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10")
)  # RFC 1918, 3927, 4193 and 4291


def describe_place(address: str, here: str | None) -> str:
    """Describe the address of a session for somebody who is at the address `here`.

    IPv6 addresses of one /64 network are the same place, because a device there changes its address every day.
    """
    parsed = parse_address(address)
    if parsed is None:
        return "An unknown network"
    if parsed.is_loopback:
        return "The computer that Daypass runs on"
    if queue_owner(address) == queue_owner(here):
        return "The network that you use now"
    if any(parsed in network for network in LOCAL):
        return "A local network"
    return "Another network"
