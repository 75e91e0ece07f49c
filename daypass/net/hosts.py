"""Host names and addresses: one canonical spelling each, or an error."""

import ipaddress
import re

from daypass.net.errors import AmbiguousTarget
from daypass.net.host_names import is_host

HOST_AND_PORT = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,254})(?::([1-9][0-9]{0,4}))?")


def parse_host(text: str) -> tuple[str, int | None]:
    """A host in lower case, without one dot at its end, IPv6 in brackets and shortest form; and the port, if told.

    Raises UnclearLocation for all that is not one host: userinfo, commas, space, letters outside ASCII.
    """
    found = HOST_AND_PORT.fullmatch(text.lower()) if text.isascii() else None
    name, port = found.groups() if found else ("", None)
    if not name or int(port or 1) > 65535:
        raise AmbiguousTarget("the host is not one name or address")
    return _bracketed(name) if name.startswith("[") else _named(name), int(port) if port else None


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
