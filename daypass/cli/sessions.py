"""`daypass sessions ...`: list, end and prune sessions."""

from datetime import UTC, datetime, timedelta

import click

from daypass import maintenance
from daypass.accounts import queries
from daypass.audit.events import Event
from daypass.cli import terminal_events
from daypass.cli.command_context import current_db
from daypass.cli.database_command import on_database
from daypass.database.transactions import in_batches, write_transaction
from daypass.sessions import lifecycle

group = click.Group("sessions", help="List, end and prune sessions.")


@group.command("list")
@click.argument("name")
@on_database
def list_sessions(name: str) -> None:
    """List the active sessions of NAME: ID, kind, last seen, address, browser."""
    account = queries.find(current_db(), name)
    for session in lifecycle.list_sessions(current_db(), account.id, datetime.now(UTC), timedelta(0)):
        seen = session.last_seen_at.isoformat(timespec="seconds")
        click.echo("\t".join([session.id, session.kind, seen, session.address, session.name or session.user_agent]))


@group.command("end")
@click.argument("session_id", metavar="ID", required=False)
@click.option("--user", metavar="NAME", help="End all sessions of this account.")
@click.option("--all", "everybody", is_flag=True, help="End all sessions of all accounts.")
@on_database
def end(session_id: str | None, user: str | None, everybody: bool) -> None:
    """End the session ID, all sessions of an account, or all sessions."""
    if sum(map(bool, (session_id, user, everybody))) != 1:
        raise click.UsageError("Use exactly one of ID, --user NAME and --all.")
    account = None
    if everybody:
        ended = in_batches(current_db(), lambda db: lifecycle.end_batch(db, "ended_by_admin"))
    else:
        with write_transaction(current_db()) as db:
            if session_id:
                ended = int(lifecycle.end(db, session_id, "ended_by_admin"))
            else:
                account = queries.find(db, user or "").id
                ended = lifecycle.end_all(db, account, "ended_by_admin")
    terminal_events.record(Event.SESSIONS_ENDED, account=account, session=session_id, count=str(ended))
    click.echo(f"Ended {_sessions(ended)}.")


@group.command("prune")
@on_database
def prune() -> None:
    """Delete sessions whose tokens expired long ago."""
    click.echo(f"Deleted {_sessions(maintenance.prune(current_db()))}.")


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count} sessions"
