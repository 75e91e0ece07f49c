"""`flask doctor`: is it set up right? Nothing is changed, not even a database that is out of date."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click
from dotenv import dotenv_values
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from daypass.database.models import Account, StoredKey
from daypass.database.schema import is_current
from daypass.doctor import cookie, database, files, key_ring, limits, proxies, rules
from daypass.doctor.finding import Finding, Findings
from daypass.doctor.rules import People
from daypass.keys.rotation import RING_ORDER
from daypass.rules.errors import InvalidRules
from daypass.rules.model import NO_RULES, Rules
from daypass.settings.definitions import CPU_COUNT, Settings
from daypass.web.context import current_db, current_runtime

SETTINGS_FILE = Path(".env")


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Say what is wrong with the settings, and what mends it."""
    found = list(_look(current_runtime().settings))
    for finding in sorted(found, key=lambda finding: not finding.wrong):
        click.echo(f"{'Wrong' if finding.wrong else 'Worth knowing'}: {finding.told}\n    {finding.mend}")
    if not found:
        click.echo("Nothing found.")
    if any(finding.wrong for finding in found):
        raise SystemExit(1)


def _look(settings: Settings) -> Findings:
    """All checks, one after the other."""
    try:
        in_file = current_runtime().rules.load()
    except InvalidRules as error:
        yield from rules.broken(error)
        in_file = NO_RULES
    yield from _look_at_settings(settings, in_file)
    if database.is_missing(settings.database_url):
        yield database.missing(settings.database_url)
        return
    try:
        yield from _look_into_database(settings, in_file)
    except SQLAlchemyError as error:
        yield database.unreachable(settings.database_url, error)


def _look_at_settings(settings: Settings, in_file: Rules) -> Findings:
    yield from proxies.check_base_url(settings, in_file)
    yield from proxies.check_trust(settings, in_file)
    yield from cookie.check_cookie(settings, in_file)
    yield from rules.check_order(in_file)
    yield from rules.check_sign_up(in_file, settings.site is not None, settings.signup)
    yield from limits.check_lifetimes(settings)
    yield from limits.check_workers(settings, CPU_COUNT)
    yield from _look_at_files(settings)


def _look_at_files(settings: Settings) -> Findings:
    yield from files.check_settings_file(SETTINGS_FILE, dotenv_values(SETTINGS_FILE))
    yield from files.check_database_files(settings.database_url)
    yield from files.check_site(settings.site, Path(current_app.root_path), SETTINGS_FILE)


def _look_into_database(settings: Settings, in_file: Rules) -> Iterable[Finding]:
    if not is_current(current_runtime().engine):
        yield database.outdated(settings.database_url)
        return
    if settings.database_url.get_backend_name() != "sqlite":  # a file has no clock of its own
        yield from database.check_clock(*database.clock_ahead(current_db(), lambda: datetime.now(UTC)))
    rows = current_db().scalars(select(StoredKey).order_by(*RING_ORDER)).all()
    yield from key_ring.check_opening(rows, settings.secret_key, settings.secret_key_fallbacks)
    yield from key_ring.check_choice(rows, settings.algorithm, datetime.now(UTC))
    yield from rules.check_people(in_file, _people(), settings.signup)


def _people() -> People:
    accounts = current_db().execute(select(Account.name, Account.roles)).all()
    return People({name for name, _ in accounts}, {role for _, roles in accounts for role in roles})
