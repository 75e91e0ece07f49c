"""Who can read, on this machine, what nobody else should: the settings file, the database, the app's own folder."""

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
    """A `.env` with a secret in it. values: what it says."""
    secrets = [name for name in SECRETS if values.get(name)]
    if _has_password(values.get("DAYPASS_DATABASE_URL") or ""):
        secrets.append("DAYPASS_DATABASE_URL")
    if secrets and _mode(path) & OTHERS_READ:
        yield Finding(f"The file {path} has {secrets[0]} in it and can be read by others.", f"Run `chmod 600 {path}`.")


def _has_password(url: str) -> bool:
    try:
        return bool(url) and make_url(url).password is not None
    except ArgumentError:
        return False


def check_database_files(database: URL) -> Findings:
    """The files of SQLite, and the folder in which somebody could put others in their place."""
    if database.get_backend_name() != "sqlite":
        return
    path = Path(database.database or "")
    for file in (path, *(path.with_name(path.name + ending) for ending in ("-wal", "-shm"))):
        if _mode(file) & OTHERS_READ:
            yield Finding(
                f"The file {file} can be read by others: hashes of passwords, addresses and signing keys are in it.",
                f"Run `chmod 600 {file}`.",
            )
    if _mode(path.parent) & OTHERS_WRITE:
        yield Finding(
            f"Others can write into {path.parent}, and so put another database or secret in place of yours.",
            f"Run `chmod 700 {path.parent}`.",
        )


def check_site(site: Path | None, app: Path, settings_file: Path) -> Findings:
    """A folder of pages with what is no page in it. app: the folder of Daypass itself."""
    if site is None:
        return
    inside = site.resolve()
    if app.resolve().is_relative_to(inside):
        yield Finding(
            f"DAYPASS_SITE is {site}, which has Daypass itself in it: its files are served as pages.",
            "Put the pages into a folder of their own.",
        )
    elif settings_file.exists() and settings_file.resolve().is_relative_to(inside):
        yield Finding(
            f"The file {settings_file} with the settings is inside of DAYPASS_SITE; Daypass serves no name that begins "
            "with a dot, and another server of that folder may.",
            "Keep the settings outside of the pages.",
            wrong=False,
        )


def _mode(path: Path) -> int:
    """The rights to a file; none where there is no file, or none of ours to look at."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
