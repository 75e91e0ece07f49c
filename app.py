"""Daypass from a clone: `python app.py` is the command `daypass`, and `flask` finds `create_app` here.

Flask is imported in `create_app`, since the command needs it only to serve.
"""

from typing import TYPE_CHECKING

import click

from daypass.__main__ import main
from daypass.cli import add_commands

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> "Flask":
    """Create the app: without pages if `flask` asks for it only to look up one of our commands.

    Flask knows its own commands, such as `flask routes`, before it asks for the app.
    """
    from flask.cli import FlaskGroup

    current = click.get_current_context(silent=True)
    if current is not None and isinstance(current.command, FlaskGroup):
        return _create_app_for_commands()
    from daypass.program import app  # imports all pages

    return app.create_app()


def _create_app_for_commands() -> "Flask":
    from flask import Flask

    from daypass.program.command_runtime import load_runtime

    app = Flask("daypass")
    add_commands(app.cli, load_runtime)
    return app


if __name__ == "__main__":
    main(prog_name="daypass")
