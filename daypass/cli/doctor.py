"""`daypass doctor`: check the setup. It changes nothing, and does not even upgrade an outdated database."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click
from dotenv import dotenv_values
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from daypass.cli.command_context import current_db, current_runtime
from daypass.database.models import Account, StoredKey
from daypass.database.schema import is_current
from daypass.doctor import cookie, database, files, key_ring, limits, mail, proxies, rules
from daypass.doctor.finding import Finding, Findings
from daypass.doctor.rules import Accounts
from daypass.keys.rotation import RING_ORDER
from daypass.rules.errors import InvalidRules
from daypass.rules.model import NO_RULES, Rules
from daypass.settings import resources
from daypass.settings.definitions import CPU_COUNT, Settings

SETTINGS_FILE = Path(".env")


@click.command("doctor")
def doctor() -> None:
    """Check the setup. Exits with 1 if a problem was found, otherwise 0."""
    findings = list(_check(current_runtime().settings))
    for finding in sorted(findings, key=lambda finding: not finding.is_problem):
        click.echo(f"{'Problem' if finding.is_problem else 'Note'}: {finding.message}\n    {finding.remedy}")
    if not findings:
        click.echo("No problems found.")
    if any(finding.is_problem for finding in findings):
        raise SystemExit(1)


def _check(settings: Settings) -> Findings:
    """Run all checks, one after the other."""
    try:
        in_force = current_runtime().rules.load()
    except InvalidRules as error:
        yield from rules.invalid(error)
        in_force = NO_RULES
    yield from _check_settings(settings, in_force)
    if database.is_missing(settings.database_url):
        yield database.missing(settings.database_url)
        return
    try:
        yield from _check_database(settings, in_force)
    except SQLAlchemyError as error:
        yield database.unreachable(settings.database_url, error)


def _check_settings(settings: Settings, in_force: Rules) -> Findings:
    yield from proxies.check_base_url(settings, in_force)
    yield from proxies.check_trust(settings, in_force)
    yield from cookie.check_cookie(settings, in_force)
    yield from rules.check_order(in_force)
    yield from rules.check_sign_up(in_force, settings.site is not None, settings.signup)
    yield from limits.check_lifetimes(settings)
    yield from limits.check_workers(settings, CPU_COUNT)
    yield from mail.check_mail(settings)
    yield from _check_files(settings)


def _check_files(settings: Settings) -> Findings:
    yield from files.check_settings_file(SETTINGS_FILE, dotenv_values(SETTINGS_FILE))
    yield from files.check_database_files(settings.database_url)
    yield from files.check_site(settings.site, resources.ROOT, SETTINGS_FILE)


def _check_database(settings: Settings, in_force: Rules) -> Iterable[Finding]:
    if not is_current(current_runtime().engine):
        yield database.outdated(settings.database_url)
        return
    if settings.uses_postgresql:  # a file has no clock of its own, and no limit of connections
        yield from database.check_clock(*database.clock_ahead(current_db(), lambda: datetime.now(UTC)))
        yield from database.check_connections(database.allowed_connections(current_db()), settings.database_connections)
    rows = current_db().scalars(select(StoredKey).order_by(*RING_ORDER)).all()
    yield from key_ring.check_decryption(rows, settings.secret_key, settings.secret_key_fallbacks)
    yield from key_ring.check_choice(rows, settings.algorithm, datetime.now(UTC))
    yield from rules.check_accounts(in_force, _accounts(), settings.signup)


def _accounts() -> Accounts:
    accounts = current_db().execute(select(Account.name, Account.roles)).all()
    return Accounts({name for name, _ in accounts}, {role for _, roles in accounts for role in roles})
