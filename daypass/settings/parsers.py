"""Parsers of single settings. Each raises ValueError with the rest of a sentence that begins with the variable."""

import ipaddress
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from daypass.keys.algorithms import SIGNING_ALGORITHMS, Algorithm
from daypass.net.addresses import IPV4_MAPPED, Network
from daypass.net.hosts import HOST_NAME, LABEL, in_url, is_host
from daypass.settings.sign_up import SignUp
from daypass.throttling.rate import Rate, parse_rate

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

SECRET_CHARACTERS = 32
LOOPBACK = ("localhost", "127.0.0.1", "::1")
GUESSABLE_WORDS = ("secret", "password", "change", "insecure", "example", "test", "abcdefgh", "12345678", "qwerty")
CONTACT = re.compile(
    rf"mailto:[!-?A-~]+@{LABEL}(?:\.{LABEL})*|https://{LABEL}(?:\.{LABEL})*(?::[0-9]{{1,5}})?(?:/[!-~]*)?",
    re.ASCII | re.IGNORECASE,
)


def text(value: str) -> str:
    """Non-empty text."""
    if not value.strip():
        raise ValueError("it is empty")
    return value.strip()


def integer(low: int, high: int) -> Callable[[str], int]:
    """A parser of whole numbers between these bounds, inclusive."""

    def read(value: str) -> int:
        if not (re.fullmatch("[0-9]{1,10}", value) and low <= int(value) <= high):
            raise ValueError(f"it must be a whole number from {low} to {high}")
        return int(value)

    return read


def algorithm(value: str) -> Algorithm:
    """The name of an algorithm for signing keys, as in a token's header."""
    if value not in SIGNING_ALGORITHMS:
        raise ValueError(f"it must be one of {', '.join(SIGNING_ALGORITHMS)}")
    return Algorithm(value)


def sign_up(value: str) -> SignUp:
    """Who may create accounts, by its name."""
    if value not in set(SignUp):
        raise ValueError(f"it must be one of {', '.join(SignUp)}")
    return SignUp(value)


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


def rate(value: str) -> Rate | None:
    """A rate such as `10/15m`; None for `off`."""
    return None if value == "off" else parse_rate(value)


def breached_passwords(value: str) -> Path | str:
    """The path of a readable file, or the URL of a service, which ends with a slash; http only on loopback."""
    if not re.match("https?://", value):
        path = Path(value).absolute()
        if not value.strip() or "\0" in value or not path.is_file() or not os.access(path, os.R_OK):
            raise ValueError("it must be an existing, readable file, or a URL")
        return path
    parts = urlsplit(value)
    host = parts.hostname or ""
    if not is_host(host) or "@" in parts.netloc or not value.isascii() or not value.isprintable():
        raise ValueError("it must be a URL such as https://api.pwnedpasswords.com/range/")
    if not parts.path.endswith("/") or parts.query or parts.fragment:
        raise ValueError("it must end with a slash: five digits of a hash are added")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise ValueError("it must use https, so that nobody on the way can change the responses")
    return value


def base_url(value: str) -> str:
    """Scheme, host, optional port and path, in canonical form, without a slash at the end."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not is_host(parts.hostname or ""):
        raise ValueError("it must be a URL such as https://login.example.org, with an ASCII host")
    path = parts.path.removesuffix("/")
    if parts.query or parts.fragment or not re.fullmatch("(?:/[A-Za-z0-9._~-]+)*", path):
        raise ValueError("it must consist of scheme, host, optional port and a plain path, such as https://example.org")
    default_port = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in (None, default_port) else f":{parts.port}"
    return f"{parts.scheme}://{in_url(parts.hostname or '')}{port}{path}"


def database_url(value: str) -> URL:
    """The URL of a database that processes can share."""
    try:
        url = make_url(value)
    except ArgumentError:
        raise ValueError("it must be a URL such as sqlite:////var/lib/daypass/daypass.sqlite3") from None
    if url.drivername == "postgresql+psycopg":
        return url
    if url.drivername != "sqlite":
        raise ValueError("it must begin with sqlite:/// or postgresql+psycopg://")
    if url.host or url.query or url.database in (None, "", ":memory:"):
        raise ValueError(
            "it must be the path of a file, without host or options, because every worker opens it separately"
        )
    if not Path(url.database).name:
        raise ValueError("it is a folder, not a file")
    return url


def instance(value: str) -> Path:
    """The absolute path of a folder, which may be missing."""
    path = Path(value).expanduser().absolute()
    if not value.strip() or "\0" in value or (path.exists() and not path.is_dir()):
        raise ValueError("it must name a folder")
    return path


def rules_file(value: str) -> Path:
    """The path of a file. It may be missing: it is read later, and a running server survives its absence."""
    if not value.strip() or "\0" in value:
        raise ValueError("it must name a file")
    return Path(value).absolute()


def secret_key(value: str) -> str:
    """A secret key with enough random characters (ASVS 11.2.3)."""
    guessable = any(word in value.lower() for word in GUESSABLE_WORDS)
    if not value.isascii() or len(value) < SECRET_CHARACTERS or len(set(value)) < 10 or guessable:
        raise ValueError(f"it must be at least {SECRET_CHARACTERS} random characters, such as `openssl rand -hex 32`")
    return value


def secret_keys(value: str) -> tuple[str, ...]:
    """Secret keys, separated by commas."""
    return tuple(secret_key(one.strip()) for one in value.split(","))


def networks(value: str) -> tuple[Network, ...]:
    """Addresses and networks in CIDR notation (RFC 4632), separated by commas."""
    return tuple(_network(one.strip()) for one in value.split(","))


def _network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise ValueError("it must be addresses and networks such as 127.0.0.1,10.1.0.0/24") from None
    if "%" in text or not network.prefixlen or network.overlaps(IPV4_MAPPED):
        raise ValueError(f"{text} is not a valid network, or contains all addresses")
    return network


def cookie_domain(value: str) -> str:
    """A domain that is not a public suffix (https://publicsuffix.org), without a leading dot."""
    name = value.lower()
    if not HOST_NAME.fullmatch(name) or len(name) > 253:
        raise ValueError("it must be a domain such as example.org")
    if _public_suffixes().is_public(name):
        raise ValueError("anyone can register a host under this domain, so the cookie would be sent to other sites")
    return name


@cache
def _public_suffixes() -> "PublicSuffixList":
    """The list, which takes a quarter of a second to import and read: few sites need it."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def folder(value: str) -> Path:
    """The absolute path of a readable folder; a relative path starts at the current directory.

    Symbolic links are not resolved, so that a site can be replaced by changing a link.
    """
    path = Path(value).expanduser().absolute()
    if not value.strip() or "\0" in value or not path.is_dir() or not os.access(path, os.R_OK | os.X_OK):
        raise ValueError("it must be an existing, readable folder")
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
