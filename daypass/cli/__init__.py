"""`flask user ...`, `flask sessions ...`, `flask rules ...`: what can be done from a terminal."""

from flask import Flask

from daypass.cli import rules, sessions, users


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(users.group)
    app.cli.add_command(sessions.group)
    app.cli.add_command(rules.group)
