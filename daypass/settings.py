"""Settings: environment variables DAYPASS_*, read once, checked, and frozen."""

import dataclasses
import ipaddress
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from daypass.errors import SettingsError
from daypass.keys import Algorithm

PREFIX = "DAYPASS_"
INSTANCE = Path(__file__).resolve().parent.parent / "instance"
DEFAULT_DATABASE = make_url(f"sqlite:///{INSTANCE / 'daypass.sqlite3'}")
SECRET_CHARACTERS = 32
CORES = os.cpu_count() or 1
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
LONGEST_LIFETIME = 30 * 86_400  # seconds


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("it is empty")
    return value.strip()


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit() and low <= int(value[:12]) <= high):
            raise ValueError(f"it must be a whole number from {low} to {high}")
        return int(value)

    return read


def _algorithm(value: str) -> Algorithm:
    if value not in set(Algorithm):
        raise ValueError(f"it must be one of {', '.join(Algorithm)}")
    return Algorithm(value)


def _signup(value: str) -> bool:
    if value not in ("open", "closed"):
        raise ValueError("it must be open or closed")
    return value == "open"


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("it must be a URL such as https://login.example.org")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("it must have no path, only scheme, host and perhaps a port")
    default_port = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in (None, default_port) else f":{parts.port}"
    return f"{parts.scheme}://{_in_url(parts.hostname)}{port}"


def _database_url(value: str) -> URL:
    try:
        url = make_url(value)
    except ArgumentError:
        raise ValueError("it must be a URL such as sqlite:////var/lib/daypass/daypass.sqlite3") from None
    if url.drivername != "sqlite":
        raise ValueError(f"databases of the kind {url.drivername} are not supported")
    if url.database in (None, "", ":memory:"):
        raise ValueError("it must name a file, since every worker opens the database for itself")
    return url.set(database=str(INSTANCE / url.database))


def _secret_key(value: str) -> str:
    if len(value) < SECRET_CHARACTERS or len(set(value)) < 10:
        raise ValueError(f"it must be at least {SECRET_CHARACTERS} random characters, such as `openssl rand -hex 32`")
    return value


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@dataclass(frozen=True)
class Setting:
    """How a variable is read, what it is for, and what stands as its default in the README where that is worked out."""

    read: Callable[[str], Any]
    about: str
    shown: str | None = None


@dataclass(frozen=True)
class Settings:
    """What can be set. Every field is a variable DAYPASS_<NAME>, and a row of the README's table."""

    host: Annotated[str, Setting(_text, "The address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Setting(_whole(1, 65535), "The port to listen on.")] = 8000
    workers: Annotated[int, Setting(_whole(1, 512), "How many processes answer requests.", "one per core")] = CORES
    threads: Annotated[int, Setting(_whole(1, 512), "How many threads each process has.")] = 8
    base_url: Annotated[
        str,
        Setting(
            _base_url,
            "Where visitors reach Daypass, such as `https://login.example.org`. Needed for a host other than loopback.",
            "http://HOST:PORT",
        ),
    ] = ""
    database_url: Annotated[
        URL,
        Setting(_database_url, "The database. A relative path counts from `instance/`.", "sqlite:///daypass.sqlite3"),
    ] = DEFAULT_DATABASE
    secret_key: Annotated[
        str,
        Setting(
            _secret_key,
            f"Encrypts the signing keys in the database. At least {SECRET_CHARACTERS} random characters.",
            "made at the first start and kept beside the database",
        ),
    ] = field(default="", repr=False)
    algorithm: Annotated[
        Algorithm, Setting(_algorithm, f"The algorithm of new signing keys: {', '.join(Algorithm)}.", "HS256")
    ] = Algorithm.HS256
    token_lifetime: Annotated[int, Setting(_whole(1, LONGEST_LIFETIME), "How long a pass is good, in seconds.")] = (
        86_400
    )
    signup: Annotated[bool, Setting(_signup, "Whether anybody may make an account: `open` or `closed`.", "closed")] = (
        False
    )

    @property
    def https(self) -> bool:
        """Whether visitors come by https, which decides about the cookie's name, Secure and HSTS."""
        return self.base_url.startswith("https://")

    @property
    def site(self) -> str:
        """Host and port as visitors see them."""
        return urlsplit(self.base_url).netloc

    @property
    def cookie_name(self) -> str:
        """`__Host-` under https (RFC 6265bis section 4.1.3.2), which browsers refuse to set over plain http."""
        return "__Host-daypass" if self.https else "daypass"

    @property
    def trusted_hosts(self) -> list[str]:
        """The host names that a request may ask for; all spellings of loopback where BASE_URL is one of them."""
        host = _in_url(urlsplit(self.base_url).hostname or "")
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


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from an environment. Raises SettingsError with one sentence that names the variable.

    On SQLite a missing SECRET_KEY is made and kept beside the database, in a file that only its owner can read.
    """
    known = variables()
    for name in environ:
        if name.startswith(PREFIX) and name not in known:
            raise SettingsError(f"{name} is not a setting of Daypass. The README lists those that are.")
    given = {field: _read(name, setting, environ[name]) for name, (field, setting) in known.items() if name in environ}
    settings = _with_base_url(Settings(**given))
    return settings if settings.secret_key else dataclasses.replace(settings, secret_key=_kept_secret(settings))


def _read(name: str, setting: Setting, value: str) -> Any:
    try:
        return setting.read(value)
    except ValueError as error:
        raise SettingsError(f"{name} cannot be used: {error}.") from None


def _with_base_url(settings: Settings) -> Settings:
    if settings.base_url:
        return settings
    if not _is_loopback(settings.host):
        raise SettingsError(
            f"DAYPASS_BASE_URL is needed when DAYPASS_HOST is {settings.host}: it says where visitors reach Daypass."
        )
    return dataclasses.replace(settings, base_url=_base_url(f"http://{_in_url(settings.host)}:{settings.port}"))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _kept_secret(settings: Settings) -> str:
    """SECRET_KEY beside the database: made once, by whichever process is first, readable by its owner alone."""
    database = Path(settings.database_url.database or "")
    path = database.with_name("secret_key")
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_hex(32))
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"{path} can be read by others: run `chmod 600` on it, or set DAYPASS_SECRET_KEY.")
        return _secret_key(path.read_text().strip())
    except ValueError as error:
        raise SettingsError(f"{path} cannot be used as DAYPASS_SECRET_KEY: {error}.") from None
    except OSError as error:
        raise SettingsError(f"DAYPASS_SECRET_KEY is not set, and {path} cannot be used: {error.strerror}.") from None


def _write_once(path: Path, text: str) -> None:
    """Put a finished file in place, unless another process was first: a link fails where the name is taken."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
