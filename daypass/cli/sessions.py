"""`flask sessions ...`: see, end and prune sessions from a terminal."""

from datetime import UTC, datetime, timedelta

import click
from flask.cli import AppGroup

from daypass import accounts, chores, events, sessions
from daypass.cli.running import on_database
from daypass.database import writing
from daypass.extensions import db

group = AppGroup("sessions", help="List, end and prune sessions.")


@group.command("list")
@click.argument("name")
@on_database
def list_sessions(name: str) -> None:
    """List the live sessions of NAME: id, kind, last seen, address, browser."""
    account = accounts.named(db.session, name)
    for session in sessions.of_account(db.session, account.id, datetime.now(UTC), timedelta(0)):
        seen = session.last_seen_at.isoformat(timespec="seconds")
        click.echo("\t".join([session.id, session.kind, seen, session.address, session.name or session.user_agent]))


@group.command("end")
@click.argument("session_id", metavar="ID", required=False)
@click.option("--user", metavar="NAME", help="End all sessions of this account.")
@click.option("--all", "everybody", is_flag=True, help="End all sessions of everybody.")
@on_database
def end(session_id: str | None, user: str | None, everybody: bool) -> None:
    """End one session, all of an account, or all there are."""
    if sum(map(bool, (session_id, user, everybody))) != 1:
        raise click.UsageError("Name one of ID, --user NAME, --all.")
    with writing(db.session):
        if session_id:
            ended = int(sessions.end(db.session, session_id, "ended_by_admin"))
        elif user:
            ended = sessions.end_all(db.session, accounts.named(db.session, user).id, "ended_by_admin")
        else:
            ended = sessions.end_everybodys(db.session, "ended_by_admin")
    events.record("sessions_ended", "success", session=session_id, by="terminal", count=str(ended))
    click.echo(f"Ended {_sessions(ended)}.")


@group.command("prune")
@on_database
def prune() -> None:
    """Delete the sessions whose tokens are long dead."""
    click.echo(f"Deleted {_sessions(chores.prune(db.session))}.")


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count} sessions"
