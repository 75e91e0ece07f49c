"""Host names."""

import ipaddress
import re

LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST_NAME = re.compile(rf"(?!(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)$){LABEL}(?:\.{LABEL})*")


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
