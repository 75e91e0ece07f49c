"""Command-line commands, one file per group: `flask user`, `flask sessions`, `flask keys` and others."""

from flask import Flask

from daypass.cli import audit, backup, doctor, keys, migrate_database, restore, rules, sessions, token, users


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(users.group)
    app.cli.add_command(sessions.group)
    app.cli.add_command(keys.group)
    app.cli.add_command(token.group)
    app.cli.add_command(rules.group)
    app.cli.add_command(audit.group)
    app.cli.add_command(backup.backup)
    app.cli.add_command(restore.restore)
    app.cli.add_command(migrate_database.migrate_database)
    app.cli.add_command(doctor.doctor)
