"""`daypass migrate-database`: move from SQLite to PostgreSQL, or back."""

from collections.abc import Mapping

import click
from sqlalchemy import URL, create_engine
from sqlalchemy.orm import Session

from daypass.audit.events import Event
from daypass.backup import restoring
from daypass.backup.errors import BackupError
from daypass.cli import terminal_events
from daypass.cli.backup_texts import check_exists, row_summary, secret_key_place
from daypass.cli.command_context import current_runtime
from daypass.cli.database_command import reports_errors
from daypass.database import schema
from daypass.database.copying import snapshot
from daypass.database.engine import engine_options, prepare
from daypass.database.transactions import write_transaction
from daypass.settings import parsers
from daypass.settings.definitions import Settings


@click.command("migrate-database")
@click.argument("target", metavar="TARGET_URL")
@reports_errors
def migrate_database(target: str) -> None:
    """Copy the whole database to the empty database TARGET_URL, and leave this one as it is.

    From SQLite to PostgreSQL or back. Stop Daypass first: what it writes after the copy has begun stays here.
    """
    source = current_runtime().engine
    check_exists(source.url)
    url = _target_url(target)
    if not schema.is_current(source):
        raise BackupError(
            "The database does not have the tables of this version. Start this version of Daypass once, stop it, and "
            "try again."
        )
    rows = _copy_to(url)
    terminal_events.record(Event.DATABASE_COPIED, target=url.get_backend_name())
    click.echo(f"Copied {row_summary(rows)} to {url.render_as_string(hide_password=True)}. The sessions stay valid.")
    click.echo("Now set DAYPASS_DATABASE_URL to that address on every node, and start Daypass.")
    click.echo(_secret_key_stays(current_runtime().settings))


def _copy_to(url: URL) -> Mapping[str, int]:
    engine = create_engine(**engine_options(url, threads=1))
    prepare(engine)
    try:
        schema.migrate(engine)
        with snapshot(current_runtime().engine) as source, Session(engine) as db, write_transaction(db):
            restoring.check_empty(db)
            return restoring.copy_into(db, source)
    finally:
        engine.dispose()


def _target_url(text: str) -> URL:
    try:
        return parsers.database_url(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="TARGET_URL") from None


def _secret_key_stays(settings: Settings) -> str:
    return f"The secret key stays the same: set DAYPASS_SECRET_KEY there to {secret_key_place(settings)}."
