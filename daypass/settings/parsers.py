"""How the text of an environment variable becomes a value; each raises ValueError with the rest of a sentence."""

import ipaddress
import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from daypass.keys.algorithms import SIGNING_ALGORITHMS, Algorithm
from daypass.net.addresses import MAPPED, Network
from daypass.net.hosts import HOST_NAME, LABEL, in_url, is_host

INSTANCE = Path(__file__).resolve().parent.parent.parent / "instance"
SECRET_CHARACTERS = 32
MADE_UP = ("secret", "password", "change", "insecure", "example", "test", "abcdefgh", "12345678", "qwerty")
CONTACT = re.compile(
    rf"mailto:[!-?A-~]+@{LABEL}(?:\.{LABEL})*|https://{LABEL}(?:\.{LABEL})*(?::[0-9]{{1,5}})?(?:/[!-~]*)?",
    re.ASCII | re.IGNORECASE,
)


def text(value: str) -> str:
    """Any text that is not empty."""
    if not value.strip():
        raise ValueError("it is empty")
    return value.strip()


def integer(low: int, high: int) -> Callable[[str], int]:
    """A whole number within these bounds, both included."""

    def read(value: str) -> int:
        if not (re.fullmatch("[0-9]{1,10}", value) and low <= int(value) <= high):
            raise ValueError(f"it must be a whole number from {low} to {high}")
        return int(value)

    return read


def algorithm(value: str) -> Algorithm:
    """The name of a signature algorithm, as it is spelt in a token."""
    if value not in SIGNING_ALGORITHMS:
        raise ValueError(f"it must be one of {', '.join(SIGNING_ALGORITHMS)}")
    return Algorithm(value)


def open_or_closed(value: str) -> bool:
    """True for open, False for closed."""
    if value not in ("open", "closed"):
        raise ValueError("it must be open or closed")
    return value == "open"


def on_or_off(value: str) -> bool:
    """True for on, False for off."""
    if value not in ("on", "off"):
        raise ValueError("it must be on or off")
    return value == "on"


def base_url(value: str) -> str:
    """Scheme, host and perhaps port, in their plainest spelling."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not is_host(parts.hostname or ""):
        raise ValueError("it must be a URL such as https://login.example.org, its host in plain ASCII")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("it must have no path, only scheme, host and perhaps a port")
    default_port = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in (None, default_port) else f":{parts.port}"
    return f"{parts.scheme}://{in_url(parts.hostname or '')}{port}"


def database_url(value: str) -> URL:
    """A database that all processes can share; a relative path counts from `instance/`."""
    try:
        url = make_url(value)
    except ArgumentError:
        raise ValueError("it must be a URL such as sqlite:////var/lib/daypass/daypass.sqlite3") from None
    if url.drivername == "postgresql+psycopg":
        return url
    if url.drivername != "sqlite":
        raise ValueError("it must begin with sqlite:/// or postgresql+psycopg://")
    if url.host or url.query or url.database in (None, "", ":memory:"):
        raise ValueError("it must name a file by its path alone, since every worker opens it for itself")
    path = INSTANCE / url.database
    if not path.name or path.is_dir():
        raise ValueError("it names a folder and not a file")
    return url.set(database=str(path))


def rules_file(value: str) -> Path:
    """The path of a file. Whether it can be read is seen when it is, so that a running server outlives its absence."""
    if not value.strip() or "\0" in value:
        raise ValueError("it must name a file")
    return Path(value).absolute()


def secret_key(value: str) -> str:
    """Enough random characters for a key (ASVS 11.2.3)."""
    made_up = any(word in value.lower() for word in MADE_UP)
    if not value.isascii() or len(value) < SECRET_CHARACTERS or len(set(value)) < 10 or made_up:
        raise ValueError(f"it must be at least {SECRET_CHARACTERS} random characters, such as `openssl rand -hex 32`")
    return value


def secret_keys(value: str) -> tuple[str, ...]:
    """Keys of that kind, separated by commas."""
    return tuple(secret_key(one.strip()) for one in value.split(","))


def networks(value: str) -> tuple[Network, ...]:
    """Addresses and networks in CIDR notation (RFC 4632), separated by commas; not all there are at once."""
    return tuple(_network(one.strip()) for one in value.split(","))


def _network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise ValueError("it must be addresses and networks such as 127.0.0.1,10.1.0.0/24") from None
    if "%" in text or not network.prefixlen or network.overlaps(MAPPED):
        raise ValueError(f"{text} is not one network, or it is everybody")
    return network


def cookie_domain(value: str) -> str:
    """A domain under which all hosts belong to one owner (https://publicsuffix.org), without a dot before it."""
    from publicsuffixlist import PublicSuffixList  # a quarter of a second, for the few who set this

    name = value.lower()
    if not HOST_NAME.fullmatch(name) or len(name) > 253:
        raise ValueError("it must be a domain such as example.org")
    if PublicSuffixList().is_public(name):
        raise ValueError("anybody can have a host under this domain, so the cookie would be sent to strangers")
    return name


def folder(value: str) -> Path:
    """The full path of a folder that can be read; a relative one counts from where the start was.

    A link is kept as it is, so that a site can be changed for another by it.
    """
    path = Path(value).expanduser().absolute()
    if not value.strip() or "\0" in value or not path.is_dir() or not os.access(path, os.R_OK | os.X_OK):
        raise ValueError("it must be a folder that is there and can be read")
    return path


def header(value: str) -> str:
    """The value of an HTTP header: printable ASCII (RFC 9110 section 5.5)."""
    if not value.strip() or not value.isascii() or not value.isprintable():
        raise ValueError("it must be one line of printable ASCII")
    return value.strip()


def contact(value: str) -> str:
    """A mailto: or https: URI in printable ASCII (RFC 9116 section 2.5.3)."""
    if not CONTACT.fullmatch(value):
        raise ValueError("it must be a URI such as mailto:security@example.org or https://example.org/report")
    return value
