"""`daypass user ...`: manage accounts."""

import sys
from collections.abc import Callable
from datetime import date

import click
from sqlalchemy.orm import Session

from daypass.accounts import accounts, email, end_dates, names, queries, recovery
from daypass.accounts.errors import FormerNameTaken, InvalidEndDate
from daypass.accounts.mail_links import signed_link
from daypass.accounts.notices import notify
from daypass.accounts.status import accepts_links, has_ended, has_password, why_inactive
from daypass.audit.events import Event
from daypass.cli import terminal_events
from daypass.cli.command_context import current_db, current_runtime
from daypass.cli.database_command import on_database
from daypass.cli.lazy_command import LazyCommand
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.mail.kinds import Kind
from daypass.tokens import purposes

FORMER = (
    "{name} was the name of an account that has been deleted. Apps behind the gate identify people by name "
    "(Remote-User), and would give the new account everything that belonged to the old one. Use --reuse to add it "
    "anyway."
)

BY_TERMINAL = {"by": "an administrator, at the terminal of the server"}

group = click.Group("user", help="Add, import, invite, list, change and delete accounts.")
for command in (
    LazyCommand("import", "daypass.cli.import_users:import_users", "Create the accounts in FILE, all or none."),
    LazyCommand("invite", "daypass.cli.invitations:invite", "Print a link that creates an account, once."),
    LazyCommand("invitations", "daypass.cli.invitations:show_invitations", "List the unused invitations."),
    LazyCommand("uninvite", "daypass.cli.invitations:uninvite", "Revoke the unused invitation ID."),
    LazyCommand("requests", "daypass.cli.requests:show_requests", "List the accounts that wait for approval."),
    LazyCommand("approve", "daypass.cli.requests:approve", "Let NAME, who asked for an account, sign in."),
    LazyCommand("reject", "daypass.cli.requests:reject", "Delete the account of NAME, who asked for it."),
):
    group.add_command(command)
from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@group.command("add")
@click.argument("name")
@click.option("--admin", is_flag=True, help="Give the account the role admin.")
@click.option("--reuse", is_flag=True, help="Allow the name of a deleted account. Apps cannot tell the two apart.")
@from_stdin
@on_database
def add(name: str, admin: bool, reuse: bool, password_stdin: bool) -> None:
    """Add the account NAME."""
    name = names.canonical(name)
    password_hash = _new_password_hash(name, password_stdin)
    roles = [accounts.ADMIN] if admin else []
    try:
        with write_transaction(current_db()):
            account_id = accounts.create(current_db(), name, password_hash, roles, reuse=reuse).id
    except FormerNameTaken:
        raise click.ClickException(FORMER.format(name=name)) from None
    terminal_events.record(Event.ACCOUNT_CREATED, account=account_id)
    click.echo(f"Added {name}.")


@group.command("list")
@on_database
def list_users() -> None:
    """List the accounts, with their roles and state."""
    for account in queries.iterate(current_db()):
        click.echo("\t".join([account.name, ",".join(account.roles) or "-", _state(account)]))


def _state(account: Account) -> str:
    """Whether the account can be used, in words."""
    if account.disabled_at is not None:
        return why_inactive(account) or ""
    state = "enabled" if has_password(account) else "has no password yet"
    if account.ends_at is None:
        return state
    last_day = end_dates.last_day(account.ends_at)
    return f"ended after {last_day}" if has_ended(account) else f"{state} until {last_day}"


@group.command("disable")
@click.argument("name")
@on_database
def disable(name: str) -> None:
    """Prevent NAME from signing in, and end all its sessions."""
    _change(name, accounts.disable, Event.ACCOUNT_DISABLED, Kind.ACCOUNT_DISABLED)
    click.echo(f"Disabled {name}. Its sessions have ended.")


@group.command("enable")
@click.argument("name")
@on_database
def enable(name: str) -> None:
    """Let NAME sign in again, also if its owner has locked it."""
    _change(name, accounts.enable, Event.ACCOUNT_ENABLED)
    click.echo(f"Enabled {name}.")


@group.command("password")
@click.argument("name")
@from_stdin
@on_database
def password(name: str, password_stdin: bool) -> None:
    """Set the password of NAME and end all its sessions."""
    known = queries.find(current_db(), name).name
    current_db().rollback()  # so that no transaction stays open at the password prompt
    password_hash = _new_password_hash(known, password_stdin)

    def change(db: Session, account: Account) -> None:
        accounts.set_password(db, account, password_hash)

    _change(name, change, Event.PASSWORD_SET, Kind.PASSWORD_CHANGED)
    click.echo(f"Set the password of {name}. Its sessions have ended.")


@group.command("email")
@click.argument("name")
@click.argument("address", required=False)
@click.option("--none", "remove", is_flag=True, help="Remove the address.")
@on_database
def set_email(name: str, address: str | None, remove: bool) -> None:
    """Set the e-mail address of NAME, which needs no confirmation then. The former address gets a notice."""
    if (address is None) != remove:
        raise click.UsageError("Use exactly one of ADDRESS and --none.")
    new, settings = None if address is None else email.parse(address), current_runtime().settings
    _change(name, lambda db, account: email.change(db, settings, account, new, BY_TERMINAL), Event.ADDRESS_CHANGED)
    click.echo(f"The address of {name} is now {new}." if new else f"{name} has no address any more.")


@group.command("reset")
@click.argument("name")
@on_database
def reset(name: str) -> None:
    """Print a link with which NAME sets a new password. It works once, for 30 minutes, and replaces earlier ones.

    It also opens an account that its owner has locked.
    """
    runtime, created = current_runtime(), list[tuple[str, str]]()
    ring = runtime.keys.current()

    def create(db: Session, account: Account) -> None:
        if not accepts_links(account):
            inactive = why_inactive(account)
            raise click.ClickException(f"{name} is {inactive}, so a link would not work. Change that first.")
        created.append((account.id, recovery.new_link(account)))

    _change(name, create, Event.RESET_LINK_CREATED)
    click.echo(signed_link(runtime.settings, ring, purposes.RESET, *created[0]))


@group.command("roles")
@click.argument("name")
@click.argument("roles", nargs=-1)
@click.option("--add", multiple=True, metavar="ROLE", help="Add this role, and keep the others. Repeatable.")
@click.option("--remove", multiple=True, metavar="ROLE", help="Remove this role, and keep the others. Repeatable.")
@on_database
def roles(name: str, roles: tuple[str, ...], add: tuple[str, ...], remove: tuple[str, ...]) -> None:
    """Give NAME exactly these ROLES, or add and remove some. Ends all its sessions."""
    if roles and (add or remove):
        raise click.UsageError("Use either ROLES or --add and --remove.")
    now = list[str]()

    def change(db: Session, account: Account) -> None:
        if add or remove:
            accounts.change_roles(db, account, add=add, remove=remove)
        else:
            accounts.set_roles(db, account, roles)
        now.extend(account.roles)

    _change(name, change, Event.ROLES_SET)
    click.echo(f"{name} now has {', '.join(now) or 'no roles'}. Its sessions have ended.")


@group.command("until")
@click.argument("name")
@click.argument("day", required=False)
@click.option("--never", is_flag=True, help="Remove the end date.")
@on_database
def until(name: str, day: str | None, never: bool) -> None:
    """Let NAME sign in until the end of DAY (UTC), such as 2026-12-31. Ends the sessions that would last longer."""
    if (day is None) != never:
        raise click.UsageError("Use exactly one of DAY and --never.")
    ends_at = None if day is None else end_dates.end_of(_day(day))
    _change(name, lambda db, account: accounts.set_end(db, account, ends_at), Event.END_DATE_SET)
    click.echo(f"{name} can sign in until {day}." if day else f"{name} has no end date any more.")


def _day(text: str) -> date:
    try:
        return end_dates.parse(text)
    except InvalidEndDate as error:
        raise click.UsageError(error.message) from None


@group.command("delete")
@click.argument("name")
@click.confirmation_option(prompt="Delete the account permanently?")
@on_database
def delete(name: str) -> None:
    """Delete NAME permanently, and end all its sessions."""
    _change(name, accounts.delete, Event.ACCOUNT_DELETED)
    click.echo(f"Deleted {name}. Its sessions have ended.")


def _change(name: str, change: Callable[[Session, Account], object], event: Event, notice: Kind | None = None) -> None:
    with write_transaction(current_db()):
        account = queries.find(current_db(), name)
        account_id = account.id
        change(current_db(), account)
        if notice is not None:
            notify(current_db(), current_runtime().settings, account, notice, BY_TERMINAL, to=account.email)
    terminal_events.record(event, account=account_id)


def _new_password_hash(name: str, password_stdin: bool) -> str:
    """Prompt for a new password without echo, or read it from standard input, and return its hash."""
    if password_stdin:
        typed = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    else:
        typed = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return current_runtime().hasher.hash_new(typed, name)
