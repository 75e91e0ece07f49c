"""Check redirect targets (OWASP Unvalidated Redirects and Forwards Cheat Sheet)."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from daypass.errors import AmbiguousTarget
from daypass.net.hosts import parse_host

HOME = "/"
MAX_URL_LENGTH = 2048  # characters
# One slash, not followed by a slash or backslash, then printable ASCII without backslashes.
PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
# Scheme; host with optional port; the rest, of the same characters as PATH.
URL = re.compile(r"(https?)://([A-Za-z0-9.:\[\]-]+)((?:[/?#][!-\[\]-~]*)?)")
DEFAULT_PORTS = {"https": 443, "http": 80}


def safe_path(target: str | None, home: str = HOME) -> str:
    """Return the target if it is a path on this site, otherwise the home page.

    Browsers remove tabs and newlines, and treat a backslash as a slash, so `/\\t/evil.example` would leave the site.
    """
    if target is None or len(target) > MAX_URL_LENGTH or not PATH.fullmatch(target):
        return home
    parts = urlsplit(target)
    return home if parts.scheme or parts.netloc else target


def safe_url(target: str | None, base_url: str, hosts: Mapping[str, int | None]) -> str | None:
    """Return the target if its host is one that the rules name, otherwise None.

    hosts: these hosts in canonical form, each with its port in the rules or None. The scheme must be https or that of
    base_url; the port must be absent, the scheme's default, base_url's or the host's. Hosts are compared as a whole.
    The result is rebuilt from the host that was compared.
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
