"""Settings: environment variables DAYPASS_*, read once, checked, and frozen."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url

from daypass.keys.algorithms import Algorithm
from daypass.net import addresses, host_names
from daypass.settings import parsers

PREFIX = "DAYPASS_"
DEFAULT_DATABASE = make_url(f"sqlite:///{parsers.INSTANCE / 'daypass.sqlite3'}")
CPU_COUNT = os.cpu_count() or 1
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
DAY, YEAR = 86_400, 365 * 86_400  # seconds


@dataclass(frozen=True)
class Setting:
    """How a variable is read, what it is for, and what stands as its default in the README where that is worked out."""

    read: Callable[[str], Any]
    about: str
    shown: str | None = None


@dataclass(frozen=True)
class Settings:
    """What can be set. Every field is a variable DAYPASS_<NAME>, and a row of the README's table."""

    host: Annotated[str, Setting(parsers.text, "The address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Setting(parsers.integer(1, 65535), "The port to listen on.")] = 8000
    workers: Annotated[int, Setting(parsers.integer(1, 512), "How many processes answer requests.", "one per core")] = (
        CPU_COUNT
    )
    threads: Annotated[
        int,
        Setting(
            parsers.integer(1, 512),
            "How many threads each process has for requests; as many again may wait for bodies.",
        ),
    ] = 8
    base_url: Annotated[
        str,
        Setting(
            parsers.base_url,
            "Where visitors reach Daypass, such as `https://login.example.org`. Needed for a host other than loopback.",
            "http://HOST:PORT",
        ),
    ] = ""
    database_url: Annotated[
        URL,
        Setting(
            parsers.database_url, "The database. A relative path counts from `instance/`.", "sqlite:///daypass.sqlite3"
        ),
    ] = DEFAULT_DATABASE
    secret_key: Annotated[
        str,
        Setting(
            parsers.secret_key,
            f"Encrypts the signing keys in the database. At least {parsers.SECRET_CHARACTERS} random characters.",
            "made at the first start and kept beside the database",
        ),
    ] = field(default="", repr=False)
    secret_key_fallbacks: Annotated[
        tuple[str, ...],
        Setting(
            parsers.secret_keys,
            "Former secret keys, separated by commas, while SECRET_KEY itself is changed: `flask keys reencrypt`.",
            "none",
        ),
    ] = field(default=(), repr=False)
    algorithm: Annotated[
        Algorithm,
        Setting(
            parsers.algorithm,
            f"The algorithm of new signing keys: {', '.join(Algorithm)}. One is made at the first start.",
            "HS256",
        ),
    ] = Algorithm.HS256
    key_rotation_days: Annotated[
        int,
        Setting(
            parsers.integer(0, 3650), "After how many days a new signing key takes over by itself; 0 for never.", "0"
        ),
    ] = 0
    token_lifetime: Annotated[int, Setting(parsers.integer(1, YEAR), "How long a pass is good, in seconds.")] = 86_400
    idle_lifetime: Annotated[
        int, Setting(parsers.integer(1, YEAR), "How long “keep me signed in” lasts without a visit, in seconds.")
    ] = 7 * DAY
    absolute_lifetime: Annotated[
        int, Setting(parsers.integer(1, YEAR), "How long “keep me signed in” lasts at the most, in seconds.")
    ] = 30 * DAY
    revocation_grace: Annotated[
        int,
        Setting(parsers.integer(0, 3600), "How long gated pages go on when the database cannot be asked, in seconds."),
    ] = 30
    signup: Annotated[
        bool, Setting(parsers.open_or_closed, "Whether anybody may make an account: `open` or `closed`.", "closed")
    ] = False
    rules: Annotated[
        Path | None,
        Setting(parsers.rules_file, "The file of the [rules](#rules-who-may-see-what).", "none"),
    ] = None

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """SECRET_KEY, then those that came before it."""
        return self.secret_key, *self.secret_key_fallbacks

    site: Annotated[
        Path | None,
        Setting(
            parsers.folder,
            "A folder whose files are served at `/` to who is signed in; Daypass's own pages then live under `/-/`.",
            "none",
        ),
    ] = None
    site_csp: Annotated[
        str,
        Setting(parsers.header, "The `Content-Security-Policy` of that folder's pages.", "none"),
    ] = ""

    trusted_proxies: Annotated[
        tuple[addresses.Network, ...],
        Setting(
            parsers.networks,
            "Addresses and networks of the [proxies](#protect-an-app-behind-nginx-caddy-or-traefik) "
            "whose word is taken, separated by commas.",
            "none",
        ),
    ] = ()
    proxy_secret: Annotated[
        str,
        Setting(
            parsers.secret_key,
            "Instead of their addresses: what such proxies send as `X-Daypass-Proxy-Secret`. "
            f"At least {parsers.SECRET_CHARACTERS} random characters.",
            "none",
        ),
    ] = field(default="", repr=False)
    cookie_domain: Annotated[
        str,
        Setting(
            parsers.cookie_domain,
            "The domain whose hosts share the cookie, such as `example.org`. "
            "All of them have to be yours: each gets the passes of its visitors.",
            "none: the cookie is for one host",
        ),
    ] = ""
    security_contact: Annotated[
        str,
        Setting(
            parsers.contact,
            "Where to report a vulnerability, such as `mailto:security@example.org` or an `https://` address; "
            "shown in `/.well-known/security.txt`.",
            "none: there is no such file",
        ),
    ] = ""

    @property
    def prefix(self) -> str:
        """What stands before the paths of Daypass's own pages: `/-` beside a site, else nothing."""
        return "/-" if self.site else ""

    @property
    def https(self) -> bool:
        """Whether visitors come by https, which decides about the cookie's name, Secure and HSTS."""
        return self.base_url.startswith("https://")

    @property
    def authority(self) -> str:
        """Host and port as visitors see them (RFC 3986 section 3.2)."""
        return urlsplit(self.base_url).netloc

    @property
    def cookie_name(self) -> str:
        """`__Secure-` under https (RFC 6265bis section 4.1.3.1) where hosts share it, else that of this host alone."""
        return "__Secure-daypass" if self.https and self.cookie_domain else self.own_cookie_name

    @property
    def own_cookie_name(self) -> str:
        """`__Host-` under https (RFC 6265bis section 4.1.3.2), which browsers refuse to set over plain http."""
        return "__Host-daypass" if self.https else "daypass"

    @property
    def trusted_hosts(self) -> list[str]:
        """The host names that a request may ask for; all spellings of loopback where BASE_URL is one of them."""
        host = host_names.in_url(urlsplit(self.base_url).hostname or "")
        return list(LOCAL_NAMES) if host in LOCAL_NAMES else [host]

    @property
    def origins(self) -> frozenset[str]:
        """The origins that are our own (RFC 6454), for the check of unsafe requests."""
        parts = urlsplit(self.base_url)
        port = f":{parts.port}" if parts.port else ""
        return frozenset(f"{parts.scheme}://{host}{port}" for host in self.trusted_hosts)


def variables() -> dict[str, tuple[str, Setting]]:
    """Every environment variable that Daypass reads: the field that it fills, and how."""
    hints = get_type_hints(Settings, include_extras=True)
    return {PREFIX + name.upper(): (name, hint.__metadata__[0]) for name, hint in hints.items()}
