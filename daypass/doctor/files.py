"""Check that other users of this machine cannot read secrets, and that DAYPASS_SITE contains only pages."""

import stat
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from daypass.doctor.finding import Finding, Findings

SECRETS = ("DAYPASS_SECRET_KEY", "DAYPASS_SECRET_KEY_FALLBACKS", "DAYPASS_PROXY_SECRET")
OTHERS_READ = stat.S_IRWXG | stat.S_IRWXO
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def check_settings_file(path: Path, values: Mapping[str, str | None]) -> Findings:
    """Check who can read the `.env` file if it contains secrets. values: its variables."""
    secrets = [name for name in SECRETS if values.get(name)]
    if _has_password(values.get("DAYPASS_DATABASE_URL") or ""):
        secrets.append("DAYPASS_DATABASE_URL")
    if secrets and _mode(path) & OTHERS_READ:
        yield Finding(
            f"The file {path} contains {secrets[0]} and can be read by other users.", f"Run `chmod 600 {path}`."
        )


def _has_password(url: str) -> bool:
    try:
        return bool(url) and make_url(url).password is not None
    except ArgumentError:
        return False


def check_database_files(database: URL) -> Findings:
    """Check who can read the SQLite files, and who could replace them in their folder."""
    if database.get_backend_name() != "sqlite":
        return
    path = Path(database.database or "")
    for file in (path, *(path.with_name(path.name + ending) for ending in ("-wal", "-shm"))):
        if _mode(file) & OTHERS_READ:
            yield Finding(
                f"The file {file} can be read by other users. It contains password hashes, addresses and signing keys.",
                f"Run `chmod 600 {file}`.",
            )
    if _mode(path.parent) & OTHERS_WRITE:
        yield Finding(
            f"Other users can write to {path.parent}, and could replace your database or secret key.",
            f"Run `chmod 700 {path.parent}`.",
        )


def check_site(site: Path | None, app: Path, settings_file: Path) -> Findings:
    """Check that the folder of pages contains no code or settings. app: the folder of Daypass itself."""
    if site is None:
        return
    inside = site.resolve()
    if app.resolve().is_relative_to(inside):
        yield Finding(
            f"DAYPASS_SITE is {site}, which contains Daypass itself: its files are served as pages.",
            "Move the pages to a folder of their own.",
        )
    elif settings_file.exists() and settings_file.resolve().is_relative_to(inside):
        yield Finding(
            f"The settings file {settings_file} is inside DAYPASS_SITE. Daypass does not serve names that begin with a "
            "dot, but another server of that folder might.",
            "Move the settings file out of the folder of pages.",
            is_problem=False,
        )


def _mode(path: Path) -> int:
    """The permission bits of a file; 0 if it does not exist or cannot be examined."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
