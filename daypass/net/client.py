"""The client of a request, and its address as reported by trusted reverse proxies."""

from collections.abc import Sequence
from dataclasses import dataclass

from daypass.net.addresses import Address, Network, parse_address


@dataclass(frozen=True)
class Client:
    """The network address and the User-Agent of a client."""

    address: str
    user_agent: str


def is_in(address: Address | None, networks: Sequence[Network]) -> bool:
    """Whether an address is in one of these networks."""
    return address is not None and any(address in network for network in networks)


def forwarded_client(peer: str | None, forwarded_for: str, proxies: Sequence[Network]) -> str | None:
    """The client address of a request from a trusted proxy, according to `X-Forwarded-For`.

    It is the rightmost hop that is not a trusted proxy. Each hop is reported by the one to its right, so hops to the
    left of a malformed one are ignored. peer: the address of the connection.
    """
    client = parse_address(peer)
    for hop in reversed(forwarded_for.split(",")):
        address = parse_address(_without_port(hop.strip(" \t")))
        if address is None:
            break
        client = address
        if not is_in(address, proxies):
            break
    return str(client) if client else peer


def _without_port(hop: str) -> str:
    """Remove the port that some proxies add: `192.0.2.1:4711`, `[2001:db8::1]:4711`."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
