"""`daypass user invite` and other commands about invitations."""

import click

from daypass.accounts import invitations
from daypass.accounts.invitation_list import list_invitations
from daypass.accounts.invitations import MAX_HOURS, Terms
from daypass.audit.events import Event
from daypass.cli import terminal_events
from daypass.cli.command_context import current_db, current_runtime
from daypass.cli.database_command import on_database
from daypass.database.transactions import write_transaction
from daypass.tokens.link_codes import code_url

DEFAULT_HOURS = 72


@click.command("invite")
@click.argument("name", required=False)
@click.option("--role", "roles", multiple=True, help="Give the account this role. Can be repeated.")
@click.option("--hours", type=click.IntRange(1, MAX_HOURS), help="How long the link works.")
@click.option("--days", type=click.IntRange(1, MAX_HOURS // 24), help="The same in days; 3 by default.")
@on_database
def invite(name: str | None, roles: tuple[str, ...], hours: int | None, days: int | None) -> None:
    """Print a link that creates an account, once: for NAME, or for a name that the invited person chooses."""
    if hours and days:
        raise click.UsageError("Use one of --hours and --days.")
    terms = Terms(hours or (days or 0) * 24 or DEFAULT_HOURS, name, roles)
    db, settings = current_db(), current_runtime().settings
    with write_transaction(db):
        code = invitations.create(db, None, terms, settings.signup)
        terminal_events.record_with(db, Event.INVITATION_CREATED, roles=", ".join(roles) or None)
    click.echo(code_url(settings.pages_url + invitations.PATH, code))


@click.command("invitations")
@on_database
def show_invitations() -> None:
    """List the unused invitations: id, name, roles, inviter, and until when the link works."""
    for row in list_invitations(current_db()):
        if row.is_open:
            until = f"{row.expires_at:%Y-%m-%d %H:%M UTC}"
            click.echo(
                "\t".join([row.id, row.name or "-", ",".join(row.roles) or "-", row.inviter or "terminal", until])
            )


@click.command("uninvite")
@click.argument("invitation_id", metavar="ID")
@on_database
def uninvite(invitation_id: str) -> None:
    """Revoke the unused invitation ID, as `daypass user invitations` lists it."""
    db = current_db()
    with write_transaction(db):
        inviter_id = invitations.revoke(db, invitation_id)
        terminal_events.record_with(db, Event.INVITATION_REVOKED, account=inviter_id)
    click.echo("Revoked. The link is not valid any more.")
