"""Settings of outgoing messages: the mail server, the sender, and the webhook.

Each parser raises ValueError with the rest of a sentence that begins with the variable.
"""

import ipaddress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from daypass.net.email_address import parse_email
from daypass.net.hosts import is_host

Security = Literal["tls", "starttls", "none"]
SHAPE = (
    "it must be a URL such as smtp://user:password@mail.example.org:587 or smtps://user:password@mail.example.org:465"
)


@dataclass(frozen=True)
class MailServer:
    """An SMTP server. `tls`: from the first byte; `starttls`: required after connecting."""

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)


def mail_url(value: str) -> MailServer:
    """`smtp://` (STARTTLS, except on loopback) or `smtps://`; `?starttls=require` or `never` overrides that."""
    try:
        parts = urlsplit(value)
        port = parts.port or {"smtp": 587, "smtps": 465}[parts.scheme]
        options = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except (ValueError, KeyError):
        raise ValueError(SHAPE) from None
    host = parts.hostname or ""
    if not is_host(host) or parts.path not in ("", "/") or parts.fragment or options.keys() - {"starttls"}:
        raise ValueError(SHAPE)
    security = _security(parts.scheme, options.get("starttls", [""]), host)
    if bool(parts.username) != bool(parts.password):
        raise ValueError("it needs a user name and a password, or neither")
    if parts.password and security == "none" and not is_loopback(host):
        raise ValueError("the password would cross the network unencrypted: remove starttls=never")
    return MailServer(host, port, security, unquote(parts.username or ""), unquote(parts.password or ""))


def _security(scheme: str, starttls: list[str], host: str) -> Security:
    match scheme, starttls:
        case "smtps", [""]:
            return "tls"
        case "smtp", ["require"]:
            return "starttls"
        case "smtp", ["never"]:
            return "none"
        case "smtp", [""]:
            return "none" if is_loopback(host) else "starttls"
    raise ValueError("starttls must be require or never, and only with smtp://")


def mail_from(value: str) -> Address:
    """An address, with or without a name: `Daypass <login@example.org>`."""
    name, address = parseaddr(value)
    try:
        if not value.isprintable() or not address:
            raise ValueError
        return Address(name, addr_spec=parse_email(address))
    except ValueError:
        raise ValueError("it must be an address such as login@example.org or Daypass <login@example.org>") from None


def webhook_url(value: str) -> str:
    """An https URL, or an http URL on loopback."""
    try:
        parts = urlsplit(value)
        valid = is_host(parts.hostname or "") and (parts.port or 1) > 0 and value.isascii() and value.isprintable()
    except ValueError:
        valid = False
    if not valid or " " in value or "@" in parts.netloc or parts.fragment:
        raise ValueError("it must be a URL such as https://hooks.example.org/daypass")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise ValueError("it must begin with https://, except on loopback")
    return value


def is_loopback(host: str) -> bool:
    """Whether this host is the machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
