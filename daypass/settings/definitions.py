"""Settings: environment variables DAYPASS_*, read once, checked, and frozen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.headerregistry import Address
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url

from daypass.keys.algorithms import SIGNING_ALGORITHMS, Algorithm
from daypass.net import addresses
from daypass.net.hosts import in_url
from daypass.settings import branding, outgoing, parsers
from daypass.settings.accent import Accent, readable_accent
from daypass.settings.branding import BrandFile
from daypass.settings.cpu_count import cpu_count
from daypass.settings.outgoing import MailServer
from daypass.settings.sign_up import SignUp
from daypass.throttling.rate import Rate

PREFIX = "DAYPASS_"
DEFAULT_DATABASE = make_url("sqlite:///daypass.sqlite3")
CPU_COUNT = cpu_count()
TOKEN_COOKIE_NAMES = frozenset({"__Secure-daypass", "__Host-daypass", "daypass"})  # one of them is `cookie_name`
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
TEN_A_QUARTER_HOUR = Rate(10, timedelta(minutes=15))
TWENTY_AN_HOUR = Rate(20, timedelta(hours=1))
TWO_A_SECOND = Rate(120, timedelta(minutes=1))
DAY, YEAR = 86_400, 365 * 86_400  # seconds
CONNECTIONS_PER_WORKER = 5  # at least: one that listens for changes, and a few for requests


@dataclass(frozen=True)
class Setting:
    """How a variable is parsed, its description, and the default that docs/settings.md shows."""

    read: Callable[[str], Any]
    about: str
    shown: str | None = None


@dataclass(frozen=True)
class Settings:
    """The settings. Each field is a variable DAYPASS_<NAME> and a row in docs/settings.md."""

    host: Annotated[str, Setting(parsers.text, "Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Setting(parsers.integer(1, 65535), "Port to listen on.")] = 8000
    workers: Annotated[
        int,
        Setting(
            parsers.integer(1, 512),
            "Number of worker processes.",
            "one per core; on PostgreSQL at most a fifth of `DAYPASS_DATABASE_CONNECTIONS`",
        ),
    ] = CPU_COUNT
    threads: Annotated[
        int,
        Setting(
            parsers.integer(1, 512),
            "Threads per process that handle requests. As many again may wait for request bodies.",
        ),
    ] = 8
    base_url: Annotated[
        str,
        Setting(
            parsers.base_url,
            "Public address of Daypass, such as `https://login.example.org`. Required unless it listens on loopback.",
            "http://HOST:PORT",
        ),
    ] = ""
    instance: Annotated[
        Path,
        Setting(
            parsers.instance,
            "Folder of the database and the generated secret key. It is created if it is missing.",
            "`instance` in the current folder",
        ),
    ] = Path("instance")
    database_url: Annotated[
        URL,
        Setting(
            parsers.database_url,
            "`sqlite:///` and a path, relative to `DAYPASS_INSTANCE`; or `postgresql+psycopg://user:password@host/database`.",
            "sqlite:///daypass.sqlite3",
        ),
    ] = DEFAULT_DATABASE
    database_connections: Annotated[
        int,
        Setting(
            parsers.integer(CONNECTIONS_PER_WORKER, 10_000),
            "[Connections to PostgreSQL](operations.md#connections) that all workers of this node may open together. "
            f"At least {CONNECTIONS_PER_WORKER} per worker.",
        ),
    ] = 30
    secret_key: Annotated[
        str,
        Setting(
            parsers.secret_key,
            f"Encrypts the signing keys in the database. At least {parsers.SECRET_CHARACTERS} random characters. "
            "Required with PostgreSQL.",
            "generated at the first start, kept next to the database",
        ),
    ] = field(default="", repr=False)
    secret_key_fallbacks: Annotated[
        tuple[str, ...],
        Setting(
            parsers.secret_keys,
            "Former secret keys, comma-separated, while you [change the secret key](keys.md#change-the-secret-key).",
            "none",
        ),
    ] = field(default=(), repr=False)
    algorithm: Annotated[
        Algorithm,
        Setting(
            parsers.algorithm,
            f"Algorithm of new signing keys: {', '.join(SIGNING_ALGORITHMS)}. "
            "Existing keys [keep theirs](keys.md#rotate).",
            "HS256",
        ),
    ] = Algorithm.HS256
    key_rotation_days: Annotated[
        int,
        Setting(
            parsers.integer(0, 3650), "Days after which a new signing key takes over automatically; 0 for never.", "0"
        ),
    ] = 0
    token_lifetime: Annotated[int, Setting(parsers.integer(1, YEAR), "Lifetime of a pass, in seconds.")] = 86_400
    idle_lifetime: Annotated[
        int, Setting(parsers.integer(1, YEAR), "How long “Keep me signed in” lasts without a visit, in seconds.")
    ] = 7 * DAY
    absolute_lifetime: Annotated[
        int, Setting(parsers.integer(1, YEAR), "How long “Keep me signed in” lasts at most, in seconds.")
    ] = 30 * DAY
    revocation_grace: Annotated[
        int,
        Setting(
            parsers.integer(0, 3600),
            "How long protected pages stay available while the database is unreachable, in seconds.",
        ),
    ] = 30
    signup: Annotated[
        SignUp,
        Setting(
            parsers.sign_up,
            "[Who may create accounts](operations.md#more-accounts), besides administrators: `closed` (nobody), "
            "`open` (anybody), `invite` (whom a member invites) or `approve` (anybody whom an administrator approves).",
            "closed",
        ),
    ] = SignUp.CLOSED
    lab: Annotated[
        bool,
        Setting(
            parsers.open_or_closed,
            "Who may use the [lab](lab.md#a-public-lab): with `open` everybody, with `closed` only who is signed in.",
            "closed",
        ),
    ] = False
    breached_passwords: Annotated[
        Path | str | None,
        Setting(
            parsers.breached_passwords,
            "[Passwords known from breaches](operations.md#breached-passwords): the path of a list, "
            "or the URL of a service such as `https://api.pwnedpasswords.com/range/`.",
            "none: only common ones are refused",
        ),
    ] = None
    limit_address: Annotated[
        Rate | None,
        Setting(
            parsers.rate,
            "[Failed sign-ins](operations.md#password-guessing) from one address (IPv6: one /64 network), "
            "such as `10/15m`; `off` for no limit.",
            "10/15m",
        ),
    ] = TEN_A_QUARTER_HOUR
    limit_account: Annotated[
        Rate | None,
        Setting(parsers.rate, "Failed sign-ins to one account from browsers that it doesn't know.", "20/1h"),
    ] = TWENTY_AN_HOUR
    limit_device: Annotated[
        Rate | None,
        Setting(parsers.rate, "Wrong passwords in one browser that the account knows, and in one session.", "10/15m"),
    ] = TEN_A_QUARTER_HOUR
    limit_signup: Annotated[
        Rate | None,
        Setting(parsers.rate, "Attempts to sign up from one address.", "20/1h"),
    ] = TWENTY_AN_HOUR
    limit_mail: Annotated[
        Rate | None,
        Setting(parsers.rate, "Requests for a mail from one address: reset links, confirmations.", "10/15m"),
    ] = TEN_A_QUARTER_HOUR
    limit_lab: Annotated[
        Rate | None,
        Setting(parsers.rate, "Requests to the lab by one account, or without an account from one address.", "120/1m"),
    ] = TWO_A_SECOND
    audit_days: Annotated[
        int,
        Setting(
            parsers.integer(0, 3650),
            "Days after which [audit events](operations.md#audit-trail) are deleted; 0 for never.",
        ),
    ] = 90
    rules: Annotated[
        Path | None,
        Setting(parsers.rules_file, "Path of the [rules file](rules.md).", "none"),
    ] = None

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """SECRET_KEY, then its fallbacks."""
        return self.secret_key, *self.secret_key_fallbacks

    site: Annotated[
        Path | None,
        Setting(
            parsers.folder,
            "Folder served at `/` as a [protected static site](static-site.md); Daypass's own pages move under `/-/`.",
            "none",
        ),
    ] = None
    site_csp: Annotated[
        str,
        Setting(parsers.header, "`Content-Security-Policy` for the files of that folder.", "none"),
    ] = ""

    trusted_proxies: Annotated[
        tuple[addresses.Network, ...],
        Setting(
            parsers.networks,
            "Addresses and networks of trusted [reverse proxies](gateway.md), separated by commas.",
            "none",
        ),
    ] = ()
    proxy_secret: Annotated[
        str,
        Setting(
            parsers.secret_key,
            "Secret that trusted proxies send as `X-Daypass-Proxy-Secret`, where their addresses change. "
            f"At least {parsers.SECRET_CHARACTERS} random characters.",
            "none",
        ),
    ] = field(default="", repr=False)
    hsts_subdomains: Annotated[
        bool,
        Setting(
            parsers.on_or_off,
            "Whether Strict-Transport-Security covers all subdomains of the host too: `on` or `off`. "
            "Turn it on only if every one of them is served by HTTPS, for two years.",
            "off",
        ),
    ] = False
    cookie_domain: Annotated[
        str,
        Setting(
            parsers.cookie_domain,
            "Domain whose hosts share the cookie, such as `example.org`. "
            "Every host under it must be yours: each receives its visitors' passes.",
            "none: the cookie is for one host",
        ),
    ] = ""
    metrics_token: Annotated[
        str,
        Setting(
            parsers.secret_key,
            "Token with which Prometheus reads `/metrics`. "
            f"At least {parsers.SECRET_CHARACTERS} random characters. See [alarms](operations.md#alarms).",
            "none: there is no such page",
        ),
    ] = field(default="", repr=False)
    security_contact: Annotated[
        str,
        Setting(
            parsers.contact,
            "Where to report a vulnerability, such as `mailto:security@example.org` or an `https://` address; "
            "published in `/.well-known/security.txt`.",
            "none: there is no such file",
        ),
    ] = ""

    mail_url: Annotated[
        MailServer | None,
        Setting(
            outgoing.mail_url,
            "[Mail server](operations.md#mail): `smtp://user:password@host:587` (with STARTTLS; without it on "
            "loopback) or `smtps://user:password@host:465`. `?starttls=require` and `?starttls=never` override the "
            "former.",
            "none: no mail is sent",
        ),
    ] = field(default=None, repr=False)
    mail_from: Annotated[
        Address | None,
        Setting(
            outgoing.mail_from,
            "Sender of mails, such as `login@example.org` or `Daypass <login@example.org>`. "
            "Required with `DAYPASS_MAIL_URL`.",
            "none",
        ),
    ] = None
    webhook_url: Annotated[
        str,
        Setting(
            outgoing.webhook_url,
            "Where [security events](operations.md#webhook) are sent as JSON: `https://`, or `http://` on loopback.",
            "none",
        ),
    ] = field(default="", repr=False)
    webhook_secret: Annotated[
        str,
        Setting(
            parsers.secret_key,
            "Signs these requests. "
            f"At least {parsers.SECRET_CHARACTERS} random characters. Required with `DAYPASS_WEBHOOK_URL`.",
            "none",
        ),
    ] = field(default="", repr=False)

    layout: Annotated[
        str,
        Setting(
            parsers.text,
            "Template of your own app into which the [pages of Daypass](extension.md#the-look) are put, such as "
            "`base.html`. It must have the blocks `title`, `head` and `content`.",
            "none",
        ),
    ] = ""
    title: Annotated[
        str,
        Setting(
            branding.line(40),
            "Name of the site, on its pages and in its mails. See [branding](branding.md), also for the next four.",
        ),
    ] = branding.PRODUCT
    logo: Annotated[
        BrandFile | None,
        Setting(branding.logo, "Path of a logo, an SVG or PNG file, shown beside the name.", "the pass of Daypass"),
    ] = None
    accent: Annotated[
        Accent | None,
        Setting(
            readable_accent,
            "Colour of links and buttons, such as `#0b5a41`. It must be readable.",
            "the green of Daypass",
        ),
    ] = None
    help: Annotated[
        str,
        Setting(
            branding.line(300),
            "What visitors do if they cannot sign in, such as `Forgot your password? Ask Alice.`, shown below the "
            "sign-in form and on pages that refuse.",
            "none",
        ),
    ] = ""
    css: Annotated[
        BrandFile | None,
        Setting(branding.style_sheet, "Path of a style sheet that every page loads last.", "none"),
    ] = None

    # no environment variables: the prefix of all paths of Daypass in an app of somebody else's, and who issues the
    # passes of an app that only verifies them
    url_prefix: str = ""
    remote_issuer: str = ""

    @property
    def uses_postgresql(self) -> bool:
        """Whether the database is PostgreSQL, which other nodes may share, and not a SQLite file."""
        return self.database_url.get_backend_name() == "postgresql"

    @property
    def sends_mail(self) -> bool:
        """Whether a mail server is set up."""
        return self.mail_url is not None

    @property
    def sends_messages(self) -> bool:
        """Whether a mail server or a webhook is set up."""
        return self.sends_mail or bool(self.webhook_url)

    @cached_property
    def prefix(self) -> str:
        """The prefix of the paths of Daypass's own pages: `/-` if a site is served, otherwise that of all paths."""
        return "/-" if self.site else self.url_prefix

    @cached_property
    def home(self) -> str:
        """The path of the home page: `/` unless the app is behind a path prefix."""
        return urlsplit(self.base_url).path + "/"

    @cached_property
    def issuer(self) -> str:
        """Who issues tokens, as their claim `iss` says (RFC 7519 section 4.1.1): the URL of Daypass itself."""
        return self.remote_issuer or self.base_url + self.url_prefix

    @property
    def pages_url(self) -> str:
        """The URL that all of Daypass's own pages begin with. Links use it, whatever host a request named (CWE-640)."""
        return self.base_url + self.prefix

    @cached_property
    def https(self) -> bool:
        """Whether visitors use HTTPS, which determines the cookie's name and `Secure`, and HSTS."""
        return self.base_url.startswith("https://")

    @cached_property
    def authority(self) -> str:
        """Host and port as visitors see them (RFC 3986 section 3.2)."""
        return urlsplit(self.base_url).netloc

    @cached_property
    def cookie_name(self) -> str:
        """`__Secure-` over HTTPS if hosts share the cookie (RFC 6265bis section 4.1.3.1), else `own_cookie_name`."""
        return "__Secure-daypass" if self.https and self.cookie_domain else self.own_cookie_name

    @cached_property
    def own_cookie_name(self) -> str:
        """`__Host-daypass` over HTTPS (RFC 6265bis section 4.1.3.2); browsers reject that prefix over plain HTTP."""
        return "__Host-daypass" if self.https else "daypass"

    @cached_property
    def device_cookie_name(self) -> str:
        """The name of the cookie by which accounts know a browser; never shared with other hosts."""
        return f"{self.own_cookie_name}-device"

    @cached_property
    def guest_cookie_name(self) -> str:
        """The name of the cookie with guest links, which goes to the same hosts as that of the token."""
        return f"{self.cookie_name}-guest"

    @cached_property
    def message_cookie_name(self) -> str:
        """The name of the cookie with a message for visitors who just signed out; never shared with other hosts."""
        return f"{self.own_cookie_name}-message"

    @cached_property
    def cookie_names(self) -> tuple[str, ...]:
        """The names of all cookies that Daypass reads."""
        return self.cookie_name, self.device_cookie_name, self.guest_cookie_name, self.message_cookie_name

    @cached_property
    def trusted_hosts(self) -> tuple[str, ...]:
        """The accepted Host headers, without port; all names of loopback if BASE_URL has one of them."""
        host = in_url(urlsplit(self.base_url).hostname or "")
        return LOCAL_NAMES if host in LOCAL_NAMES else (host,)

    @cached_property
    def origins(self) -> frozenset[str]:
        """Daypass's own origins (RFC 6454), which may send unsafe requests."""
        parts = urlsplit(self.base_url)
        port = f":{parts.port}" if parts.port else ""
        return frozenset(f"{parts.scheme}://{host}{port}" for host in self.trusted_hosts)


def variables() -> dict[str, tuple[str, Setting]]:
    """Map each environment variable that Daypass reads to its field and its `Setting`."""
    hints = get_type_hints(Settings, include_extras=True)
    return {
        PREFIX + name.upper(): (name, hint.__metadata__[0])
        for name, hint in hints.items()
        if hasattr(hint, "__metadata__")
    }
