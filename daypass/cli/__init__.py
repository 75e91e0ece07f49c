"""Command-line commands, one file per group: `daypass user`, `daypass sessions`, `daypass keys` and others."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from daypass.cli.lazy_command import LazyCommand

if TYPE_CHECKING:
    from daypass.runtime import Runtime

COMMANDS = (
    LazyCommand("user", "daypass.cli.users:group", "Add, import, invite, list, change and delete accounts."),
    LazyCommand("sessions", "daypass.cli.sessions:group", "List, end and prune sessions."),
    LazyCommand("keys", "daypass.cli.keys:group", "List, rotate, drop and re-encrypt the signing keys."),
    LazyCommand("token", "daypass.cli.token:group", "Create and verify tokens with your own keys."),
    LazyCommand("rules", "daypass.cli.rules:group", "Check the rules, and explain which one decides."),
    LazyCommand(
        "guest-links",
        "daypass.cli.guest_links:group",
        "Create, list and revoke links for guests.",
    ),
    LazyCommand("audit", "daypass.cli.audit:group", "Verify and list the stored audit events."),
    LazyCommand("backup", "daypass.cli.backup:backup", "Write a backup of the database to FILE."),
    LazyCommand("restore", "daypass.cli.restore:restore", "Replace the content of the database by the backup FILE."),
    LazyCommand(
        "migrate-database",
        "daypass.cli.migrate_database:migrate_database",
        "Copy the whole database to the empty database TARGET_URL.",
    ),
    LazyCommand("setup-link", "daypass.cli.setup_link:command", "Print a link that creates the first account."),
    LazyCommand("doctor", "daypass.cli.doctor:doctor", "Check the setup."),
)


def add_commands(group: click.Group, load_runtime: "Callable[[], Runtime]") -> None:
    """Add all commands to this group. load_runtime: returns what they work with; called only if a command needs it."""
    for command in COMMANDS:
        group.add_command(command.working_with(load_runtime))
