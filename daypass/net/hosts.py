"""Host names and addresses in canonical form."""

import ipaddress
import re
from functools import lru_cache

from daypass.errors import AmbiguousTarget

LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# Browsers parse a host whose last label is a number as an IPv4 address (WHATWG URL), which has several spellings.
HOST_NAME = re.compile(rf"(?!(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)$){LABEL}(?:\.{LABEL})*")
HOST_AND_PORT = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,254})(?::([1-9][0-9]{0,4}))?")


@lru_cache(256)
def parse_host(text: str) -> tuple[str, int | None]:
    """Parse a host into lower case, without a trailing dot, IPv6 compressed and in brackets; and the port, or None.

    Raises AmbiguousTarget for anything else: userinfo, commas, spaces, non-ASCII letters.
    """
    found = HOST_AND_PORT.fullmatch(text.lower()) if text.isascii() else None
    name, port = found.groups() if found else ("", None)
    if not name or int(port or 1) > 65535:
        raise AmbiguousTarget("the host is not a valid name or address")
    return _parse_ipv6(name) if name.startswith("[") else _parse_name(name), int(port) if port else None


def is_host(name: str) -> bool:
    """Whether this is a host: an address, or a name of ASCII labels, without a leading dot."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return len(name) <= 253 and HOST_NAME.fullmatch(name) is not None
    return True


def in_url(host: str) -> str:
    """Format a host for a URL: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host else host


def _parse_name(name: str) -> str:
    name = name.removesuffix(".")
    if not is_host(name):
        raise AmbiguousTarget("the host is not a valid name or address")
    return name


def _parse_ipv6(name: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(name[1:-1]).compressed}]"
    except ValueError:
        raise AmbiguousTarget("the host is not a valid name or address") from None
