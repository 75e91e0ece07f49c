"""Whose word is taken: the proxies that stand between visitors and Daypass."""

import hmac

from flask import Request

from daypass.net.addresses import Address, parse_address
from daypass.runtime import process

SECRET = "X-Daypass-Proxy-Secret"  # noqa: S105  # the header's name


def is_trusted(request: Request) -> bool:
    """Whether a request comes from a proxy whose word is taken: by its address, or by the secret that it sends."""
    return _is_proxy(parse_address(request.remote_addr)) or _tells_secret(request)


def client_address(request: Request) -> str | None:
    """The address of who asks: the rightmost hop that is no proxy of ours, if a proxy of ours tells it, else the peer.

    Each hop of `X-Forwarded-For` is the word of the one to its right. Where one is not an address, nothing to the left
    of it counts.
    """
    told = request.headers.get("X-Forwarded-For")
    if told is None or not is_trusted(request):
        return request.remote_addr
    last = parse_address(request.remote_addr)
    for hop in reversed(told.split(",")):
        address = parse_address(_without_port(hop.strip(" \t")))
        if address is None:
            break
        last = address
        if not _is_proxy(address):
            break
    return str(last) if last else request.remote_addr


def _is_proxy(address: Address | None) -> bool:
    return address is not None and any(address in network for network in process().settings.trusted_proxies)


def _tells_secret(request: Request) -> bool:
    secret, told = process().settings.proxy_secret, request.headers.get(SECRET)
    if not secret or told is None:
        return False
    return hmac.compare_digest(told.encode("utf-8", "surrogatepass"), secret.encode())


def _without_port(hop: str) -> str:
    """`192.0.2.1:4711` and `[2001:db8::1]:4711`, as some proxies write them, without what is not the address."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
