"""Which redirect targets are safe (OWASP Unvalidated Redirects and Forwards Cheat Sheet)."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from daypass.errors import AmbiguousTarget
from daypass.net.hosts import parse_host

HOME = "/"
MAX_URL_LENGTH = 2048  # characters
# One slash, followed by neither slash nor backslash; printable ASCII without backslash all the way.
PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
# Scheme, host and perhaps port, and the rest, of the same characters.
URL = re.compile(r"(https?)://([A-Za-z0-9.:\[\]-]+)((?:[/?#][!-\[\]-~]*)?)")
DEFAULT_PORTS = {"https": 443, "http": 80}


def safe_path(target: str | None) -> str:
    """The path on this site to go to after signing in; home for whatever is not plainly one.

    Browsers drop tabs and line ends, and take a backslash for a slash, so `/\\t/evil.example` would leave the site.
    """
    if target is None or len(target) > MAX_URL_LENGTH or not PATH.fullmatch(target):
        return HOME
    parts = urlsplit(target)
    return HOME if parts.scheme or parts.netloc else target


def safe_url(target: str | None, base_url: str, hosts: Mapping[str, int | None]) -> str | None:
    """The URL on another host to go to after signing in, if that host is one of those that the rules name; else None.

    hosts: each with the port that the rules name with it, in canonical form. The scheme must be https or base_url's
    own, the port absent, base_url's or the host's. No host is trusted for its ending. What is returned is put together
    anew, from the host as it was compared.
    """
    found = URL.fullmatch(target) if target is not None and len(target) <= MAX_URL_LENGTH else None
    if found is None:
        return None
    scheme, authority, rest = found.groups()
    base = urlsplit(base_url)
    try:
        host, port = parse_host(authority)
    except AmbiguousTarget:
        return None
    ports = {None, DEFAULT_PORTS[scheme], base.port, hosts.get(host)}
    if scheme not in ("https", base.scheme) or host not in hosts or port not in ports:
        return None
    shown_port = "" if port in (None, DEFAULT_PORTS[scheme]) else f":{port}"
    slash = "" if rest.startswith("/") else "/"
    return f"{scheme}://{host}{shown_port}{slash}{rest}"
