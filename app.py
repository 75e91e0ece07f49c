"""Daypass from a clone: `python app.py` is the command `daypass`, and `flask` finds `create_app` here."""

import click
from flask import Flask
from flask.cli import FlaskGroup

from daypass.__main__ import main
from daypass.cli import add_commands
from daypass.program.command_runtime import load_runtime


def create_app() -> Flask:
    """Create the app: without pages if `flask` asks for it only to look up one of our commands.

    Flask knows its own commands, such as `flask routes`, before it asks for the app.
    """
    current = click.get_current_context(silent=True)
    if current is not None and isinstance(current.command, FlaskGroup):
        commands_only = Flask("daypass")
        add_commands(commands_only.cli, load_runtime)
        return commands_only
    from daypass.program import app  # imports all pages

    return app.create_app()


if __name__ == "__main__":
    main(prog_name="daypass")
