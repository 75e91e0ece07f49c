"""`flask user ...`, `flask sessions ...`, `flask keys ...`, `flask token ...`: what can be done from a terminal."""

from flask import Flask

from daypass.cli import keys, sessions, token, users


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(users.group)
    app.cli.add_command(sessions.group)
    app.cli.add_command(keys.group)
    app.cli.add_command(token.group)
