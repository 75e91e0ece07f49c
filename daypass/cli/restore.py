"""`daypass restore`: replace the content of the database by a backup."""

from pathlib import Path

import click
from sqlalchemy.orm import Session

from daypass.audit.events import Event
from daypass.backup import restoring
from daypass.backup.errors import BackupError
from daypass.backup.reading import Backup, open_backup
from daypass.backup.restoring import Restored
from daypass.cli import terminal_events
from daypass.cli.backup_texts import row_summary
from daypass.cli.command_context import current_db, current_runtime
from daypass.cli.database_command import reports_errors
from daypass.database import schema
from daypass.database.transactions import write_transaction
from daypass.keys import signing_key

CHANGES_LOST = (
    "Changes since then are lost. Check for accounts that were disabled or deleted since, "
    "and for passwords and roles that were changed."
)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace the accounts that the database has.")
@click.option("--keep-sessions", is_flag=True, help="Also revives the sessions that ended after the backup.")
@click.option("--drop-keys", is_flag=True, help="Leave out the signing keys, if their secret key is lost.")
@reports_errors
def restore(file: Path, force: bool, keep_sessions: bool, drop_keys: bool) -> None:
    """Replace the content of the database by the backup FILE, all or nothing.

    All sessions end, since the backup does not know which of them ended after it was made.
    """
    if keep_sessions and drop_keys:
        raise click.UsageError("Use either --keep-sessions or --drop-keys: no session outlives its key.")
    with open_backup(file) as opened:
        schema.migrate(current_runtime().engine)
        restored = _restore(opened, force, keep_sessions, drop_keys)
    terminal_events.record(Event.BACKUP_RESTORED, count=str(restored.ended))
    created = opened.facts.created_at.strftime("%Y-%m-%d %H:%M UTC")
    click.echo(f"Restored {row_summary(restored.rows)} from the backup of {created} (Daypass {opened.facts.version}).")
    click.echo(_fate_of_sessions(restored, keep_sessions))
    click.echo(CHANGES_LOST)


def _restore(opened: Backup, force: bool, keep_sessions: bool, drop_keys: bool) -> Restored:
    """Replace the rows in one transaction."""
    settings = current_runtime().settings
    new_key = signing_key.generate(settings.algorithm)  # before the transaction: an RSA key takes a while
    with write_transaction(current_db()) as db:
        if not force:
            _check_empty(db)
        return restoring.restore(
            db,
            opened,
            secret_keys=settings.secret_keys,
            new_key=new_key,
            keep_sessions=keep_sessions,
            drop_keys=drop_keys,
        )


def _check_empty(db: Session) -> None:
    try:
        restoring.check_empty(db)
    except BackupError as error:
        raise BackupError(f"{error} To replace everything, use --force.") from None


def _fate_of_sessions(restored: Restored, kept: bool) -> str:
    if kept:
        return "The sessions of the backup are active again, including those that were ended since."
    ended = "1 session" if restored.ended == 1 else f"{restored.ended} sessions"
    return f"Ended {ended}: everybody has to sign in again, and API tokens have to be created again."
