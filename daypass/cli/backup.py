"""`daypass backup`: write a backup of the database."""

from datetime import UTC, datetime
from pathlib import Path

import click

from daypass.audit.events import Event
from daypass.backup.facts import Facts
from daypass.backup.writing import write_backup
from daypass.cli import terminal_events
from daypass.cli.backup_texts import check_exists, row_summary, secret_key_place
from daypass.cli.command_context import current_runtime
from daypass.cli.database_command import reports_errors
from daypass.settings.definitions import Settings

INCLUDED_WARNING = (
    "The backup contains the secret key: with this one file, anybody can sign passes for every account. "
    "Store it like a password, for example encrypted."
)


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
@click.option(
    "--with-secret-key",
    is_flag=True,
    help="Include the secret key. Anybody who can read the file can then sign passes for every account.",
)
@reports_errors
def backup(file: Path, force: bool, with_secret_key: bool) -> None:
    """Write a backup of the database to FILE, also while Daypass serves.

    The backup is consistent, and can be restored into SQLite and PostgreSQL. Only its owner can read it. Treat it like
    the database: it contains the password hashes.
    """
    settings = current_runtime().settings
    check_exists(settings.database_url)
    secret_key = settings.secret_key if with_secret_key else None
    facts = Facts(datetime.now(UTC), settings.database_url.get_backend_name(), secret_key)
    rows = write_backup(current_runtime().engine, file, facts, overwrite=force)
    terminal_events.record(Event.BACKUP_CREATED, secret_key="yes" if with_secret_key else "no")
    click.echo(f"Wrote {file} with {row_summary(rows)}.")
    click.echo(INCLUDED_WARNING if with_secret_key else _kept_apart(settings))


def _kept_apart(settings: Settings) -> str:
    return f"The secret key is not in it. Keep a copy of it elsewhere: {secret_key_place(settings)}."
