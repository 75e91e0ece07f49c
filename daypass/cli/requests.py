"""`daypass user requests`, `daypass user approve` and `daypass user reject`: accounts that wait for approval."""

import click

from daypass.accounts import requests
from daypass.audit.events import Event
from daypass.cli import terminal_events
from daypass.cli.command_context import current_db
from daypass.cli.database_command import on_database
from daypass.database.transactions import write_transaction


@click.command("requests")
@on_database
def show_requests() -> None:
    """List the accounts that wait for approval, the oldest first."""
    for account in requests.list_waiting(current_db()):
        click.echo(f"{account.name}\t{account.requested_at:%Y-%m-%d %H:%M UTC}")


@click.command("approve")
@click.argument("name")
@on_database
def approve(name: str) -> None:
    """Let NAME, who asked for an account, sign in."""
    db = current_db()
    with write_transaction(db):
        account = requests.approve(db, requests.find(db, name).id)
        terminal_events.record_with(db, Event.ACCOUNT_APPROVED, account=account.id)
    click.echo(f"Approved {name}.")


@click.command("reject")
@click.argument("name")
@on_database
def reject(name: str) -> None:
    """Delete the account of NAME, who asked for it. The name is free again."""
    db = current_db()
    with write_transaction(db):
        account_id = requests.find(db, name).id
        requests.reject(db, account_id)
        terminal_events.record_with(db, Event.ACCOUNT_REJECTED, account=account_id)
    click.echo(f"Rejected {name}. The account was deleted.")
