"""The credentials of a request, read from the WSGI environ."""

from typing import TYPE_CHECKING

from daypass.gate import Credentials

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def read_credentials(environ: "WSGIEnvironment", cookie_name: str) -> Credentials:
    """The tokens in `Authorization: Bearer` (RFC 6750) and in the cookie."""
    scheme, _, text = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    bearer = text.strip(" ") if scheme.lower() == "bearer" else None
    return Credentials(bearer, find_cookie(environ.get("HTTP_COOKIE", ""), cookie_name))


def find_cookie(header: str, name: str) -> str | None:
    """The stripped value of the first cookie with this name, or None (RFC 6265)."""
    for pair in header.split(";"):
        key, equals, value = pair.partition("=")
        if equals and key.strip(" \t") == name:
            return value.strip(" \t")
    return None
