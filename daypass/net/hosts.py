"""Host names and addresses: one canonical spelling each, or an error."""

import ipaddress
import re

from daypass.errors import AmbiguousTarget

LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# A last label that is a number would make it an address to browsers (WHATWG URL), in one of several spellings.
HOST_NAME = re.compile(rf"(?!(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)$){LABEL}(?:\.{LABEL})*")
HOST_AND_PORT = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,254})(?::([1-9][0-9]{0,4}))?")


def parse_host(text: str) -> tuple[str, int | None]:
    """A host in lower case, without one dot at its end, IPv6 in brackets and shortest form; and the port, if told.

    Raises AmbiguousTarget for all that is not one host: userinfo, commas, space, letters outside ASCII.
    """
    found = HOST_AND_PORT.fullmatch(text.lower()) if text.isascii() else None
    name, port = found.groups() if found else ("", None)
    if not name or int(port or 1) > 65535:
        raise AmbiguousTarget("the host is not one name or address")
    return _bracketed(name) if name.startswith("[") else _named(name), int(port) if port else None


def is_host(name: str) -> bool:
    """Whether this is one host: an address, or a name of ASCII labels. A leading dot would mean every subdomain."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return len(name) <= 253 and HOST_NAME.fullmatch(name) is not None
    return True


def in_url(host: str) -> str:
    """A host as it stands in a URL: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host else host


def _named(name: str) -> str:
    name = name.removesuffix(".")
    if not is_host(name):
        raise AmbiguousTarget("the host is not one name or address")
    return name


def _bracketed(name: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(name[1:-1]).compressed}]"
    except ValueError:
        raise AmbiguousTarget("the host is not one name or address") from None
