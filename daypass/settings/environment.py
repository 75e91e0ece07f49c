"""Settings from environment variables, parsed one by one and then checked together."""

import dataclasses
from collections.abc import Container, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import URL

from daypass.net import hosts
from daypass.settings import parsers
from daypass.settings.definitions import CONNECTIONS_PER_WORKER, CPU_COUNT, PREFIX, Setting, Settings, variables
from daypass.settings.errors import SettingsError
from daypass.settings.outgoing import is_loopback
from daypass.settings.secret_key_file import load_or_create

ONLY_STAND_ALONE = {"site", "site_csp"}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings of the stand-alone program. Raises SettingsError, whose text names the variable.

    On SQLite, a missing SECRET_KEY is generated and stored next to the database in a file that only its owner can read.
    """
    given = _read_all(environ)
    if "layout" in given:
        raise SettingsError("DAYPASS_LAYOUT is only for an app of your own, not for the stand-alone program.")
    settings = _with_base_url(Settings(**given))
    if urlsplit(settings.base_url).path:
        raise SettingsError(
            "DAYPASS_BASE_URL cannot be used: it must have no path, because Daypass is a host of its own."
        )
    return _completed(settings, given)


def read_app_settings(environ: Mapping[str, str], *, url_prefix: str, instance: Path) -> Settings:
    """Read the settings of Daypass in an app of somebody else's. Raises SettingsError, whose text names the variable.

    url_prefix: of all paths of Daypass. instance: the folder of the database if DAYPASS_INSTANCE is not set.
    """
    given = _read_all(environ)
    _require_base_url(given)
    if found := ONLY_STAND_ALONE & given.keys():
        raise SettingsError(f"{PREFIX}{found.pop().upper()} is only for the stand-alone program, not for an app.")
    return _completed(Settings(**{"instance": instance} | given, url_prefix=url_prefix), given)


def read_verifier_settings(environ: Mapping[str, str], issuer: str) -> Settings:
    """Read the settings of an app that only verifies passes. Raises SettingsError. It needs no database and no key.

    issuer: the URL of the Daypass that issues them, which publishes its keys.
    """
    try:
        url = parsers.base_url(issuer)
    except ValueError as error:
        raise SettingsError(f"issuer cannot be used: {error}.") from None
    if not url.startswith("https://") and not is_loopback(urlsplit(url).hostname or ""):
        raise SettingsError("issuer cannot be used: its keys must be fetched by https, except on loopback.")
    given = _read_all(environ)
    _require_base_url(given)
    settings = Settings(**given, remote_issuer=url)
    _check_cookie_domain(settings)
    return settings


def _require_base_url(given: Mapping[str, Any]) -> None:
    if not given.get("base_url"):
        raise SettingsError(
            "DAYPASS_BASE_URL is required: the public address of the app, such as https://shop.example.org, "
            "or http://127.0.0.1:5000 during development."
        )


def _read_all(environ: Mapping[str, str]) -> dict[str, Any]:
    """The fields that are set, parsed one by one."""
    known = variables()
    for name in environ:
        if name.startswith(PREFIX) and name not in known:
            raise SettingsError(f"{name} is not a setting of Daypass; docs/settings.md lists them all.")
    return {field: _read(name, setting, environ[name]) for name, (field, setting) in known.items() if name in environ}


def _completed(settings: Settings, given: Container[str]) -> Settings:
    """The settings with all defaults that depend on others, checked together."""
    settings = _with_database_in_instance(settings)
    if "workers" not in given:
        settings = _with_default_workers(settings)
    _check_together(settings)
    if settings.secret_key:
        return settings
    return dataclasses.replace(settings, secret_key=load_or_create(Path(settings.database_url.database or "")))


def _with_database_in_instance(settings: Settings) -> Settings:
    """A relative path of a SQLite file begins at the instance folder."""
    url = settings.database_url
    if settings.uses_postgresql:
        return settings
    path = settings.instance.absolute() / (url.database or "")
    if path.is_dir():
        raise SettingsError("DAYPASS_DATABASE_URL cannot be used: it is a folder, not a file.")
    return dataclasses.replace(settings, database_url=url.set(database=str(path)))


def _read(name: str, setting: Setting, value: str) -> Any:
    try:
        return setting.read(value)
    except ValueError as error:
        raise SettingsError(f"{name} cannot be used: {error}.") from None


def _check_together(settings: Settings) -> None:
    if settings.idle_lifetime <= settings.token_lifetime:
        raise SettingsError("DAYPASS_IDLE_LIFETIME must be longer than DAYPASS_TOKEN_LIFETIME.")
    if settings.absolute_lifetime < settings.idle_lifetime:
        raise SettingsError("DAYPASS_ABSOLUTE_LIFETIME must not be shorter than DAYPASS_IDLE_LIFETIME.")
    if settings.uses_postgresql and find_spec("psycopg") is None:
        raise SettingsError("DAYPASS_DATABASE_URL needs the package psycopg: pip install 'daypass[postgres]'.")
    if settings.uses_postgresql and not settings.secret_key:
        raise SettingsError("DAYPASS_SECRET_KEY is required with PostgreSQL, because all nodes must share it.")
    if settings.uses_postgresql and settings.database_connections < settings.workers * CONNECTIONS_PER_WORKER:
        raise SettingsError(
            f"DAYPASS_WORKERS {settings.workers} needs a DAYPASS_DATABASE_CONNECTIONS of at least "
            f"{settings.workers * CONNECTIONS_PER_WORKER}."
        )
    _check_cookie_domain(settings)
    if (settings.mail_url is None) != (settings.mail_from is None):
        raise SettingsError("DAYPASS_MAIL_URL and DAYPASS_MAIL_FROM are needed together.")
    if bool(settings.webhook_url) != bool(settings.webhook_secret):
        raise SettingsError("DAYPASS_WEBHOOK_URL and DAYPASS_WEBHOOK_SECRET are needed together.")
    if settings.site and _holds_database(settings.site, settings.database_url):
        raise SettingsError("DAYPASS_SITE must not contain the database, which holds secrets.")


def _check_cookie_domain(settings: Settings) -> None:
    if settings.cookie_domain and not f".{_host(settings)}".endswith(f".{settings.cookie_domain}"):
        raise SettingsError(f"DAYPASS_COOKIE_DOMAIN {settings.cookie_domain} does not cover DAYPASS_BASE_URL's host.")


def _host(settings: Settings) -> str:
    return (urlsplit(settings.base_url).hostname or "").removesuffix(".")


def _holds_database(site: Path, database: URL) -> bool:
    return database.drivername == "sqlite" and Path(database.database or "").resolve().is_relative_to(site.resolve())


def _with_default_workers(settings: Settings) -> Settings:
    """One worker per core, but no more than have enough connections to PostgreSQL."""
    if not settings.uses_postgresql:
        return settings
    workers = min(CPU_COUNT, settings.database_connections // CONNECTIONS_PER_WORKER)
    return dataclasses.replace(settings, workers=workers)


def _with_base_url(settings: Settings) -> Settings:
    if settings.base_url:
        return settings
    if not is_loopback(settings.host):
        raise SettingsError(
            f"DAYPASS_BASE_URL, the public address of Daypass, is required when DAYPASS_HOST is {settings.host}."
        )
    return dataclasses.replace(
        settings, base_url=parsers.base_url(f"http://{hosts.in_url(settings.host)}:{settings.port}")
    )
