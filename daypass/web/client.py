"""The client of a request, as a trusted proxy may report it."""

import hmac
from typing import TYPE_CHECKING

from flask import request

from daypass.net.addresses import parse_address
from daypass.net.client import Client, forwarded_client, is_in
from daypass.settings.definitions import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SECRET_HEADER = "HTTP_X_DAYPASS_PROXY_SECRET"  # noqa: S105  # the header's name in the environ


def current_client(settings: Settings) -> Client:
    """The client's address and User-Agent; each is empty if unknown."""
    return Client(client_address(request.environ, settings) or "", request.user_agent.string)


def client_address(environ: "WSGIEnvironment", settings: Settings) -> str | None:
    """The client's address, from a trusted proxy or from the connection."""
    peer, forwarded_for = environ.get("REMOTE_ADDR"), environ.get("HTTP_X_FORWARDED_FOR")
    if forwarded_for is None or not is_from_trusted_proxy(environ, settings):
        return peer
    return forwarded_client(peer, forwarded_for, settings.trusted_proxies)


def is_from_trusted_proxy(environ: "WSGIEnvironment", settings: Settings) -> bool:
    """Whether a trusted proxy sent the request.

    It is known by its address or by its secret.
    """
    peer = parse_address(environ.get("REMOTE_ADDR"))
    return is_in(peer, settings.trusted_proxies) or _has_secret(environ, settings)


def _has_secret(environ: "WSGIEnvironment", settings: Settings) -> bool:
    sent = environ.get(SECRET_HEADER)
    if not settings.proxy_secret or sent is None:
        return False
    return hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), settings.proxy_secret.encode())
