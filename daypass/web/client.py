"""The client of the current request, as a trusted proxy may report it."""

import hmac

from flask import request

from daypass.net.addresses import parse_address
from daypass.net.client import Client, forwarded_client, is_in
from daypass.settings.definitions import Settings

SECRET_HEADER = "X-Daypass-Proxy-Secret"  # noqa: S105  # the header's name


def current_client(settings: Settings) -> Client:
    """The client's address and User-Agent; each is empty if unknown."""
    return Client(client_address(settings) or "", request.user_agent.string)


def client_address(settings: Settings) -> str | None:
    """The client's address, from a trusted proxy or from the connection."""
    forwarded_for = request.headers.get("X-Forwarded-For")
    if forwarded_for is None or not is_from_trusted_proxy(settings):
        return request.remote_addr
    return forwarded_client(request.remote_addr, forwarded_for, settings.trusted_proxies)


def is_from_trusted_proxy(settings: Settings) -> bool:
    """Whether a trusted proxy sent the request.

    It is known by its address or by its secret.
    """
    return is_in(parse_address(request.remote_addr), settings.trusted_proxies) or _has_secret(settings)


def _has_secret(settings: Settings) -> bool:
    sent = request.headers.get(SECRET_HEADER)
    if not settings.proxy_secret or sent is None:
        return False
    return hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), settings.proxy_secret.encode())
