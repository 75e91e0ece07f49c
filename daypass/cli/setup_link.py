"""`daypass setup-link`: print a new link that creates the first account."""

import click

from daypass.accounts import setup_link
from daypass.accounts.errors import SetupComplete
from daypass.cli.command_context import current_db, current_runtime
from daypass.cli.database_command import on_database


@click.command("setup-link")
@on_database
def command() -> None:
    """Print a link that creates the first account. It is valid for an hour, and replaces the links before it."""
    if setup_link.create_setup_link(current_db(), current_runtime().settings, click.echo) is None:
        raise SetupComplete("set-up is complete")
