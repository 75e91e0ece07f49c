"""The command `daypass`: serves, or runs one of the commands. It imports only what the command needs."""

import gc
import os

import click
from flask import Flask
from flask.cli import ScriptInfo

from daypass.cli import add_commands
from daypass.cli.lazy_command import LazyCommand
from daypass.settings.version import VERSION

EPILOG = """\b
Examples:
  daypass                      sign in, look at your token, attack it in the lab
  daypass --site ./public      put a login in front of a folder
  daypass user invite bob      print a link with which bob creates an account
  daypass user --help          explain the commands about accounts

Settings are environment variables, or lines of a file .env in the current folder:

\b
  DAYPASS_BASE_URL=https://login.example.org daypass
"""

SERVE = LazyCommand("serve", "daypass.program.serving:command", "Serve; what `daypass` does without a command.")


def _create_app() -> Flask:
    from daypass.program.command_app import create_command_app

    app = create_command_app()
    gc.enable()
    return app


@click.group(
    epilog=EPILOG,
    invoke_without_command=True,
    context_settings={"obj": ScriptInfo(create_app=_create_app), "help_option_names": ["-h", "--help"]},
)
@click.option("--site", metavar="FOLDER", help="Serve this folder at /, to visitors who are signed in.")
@click.option("--port", metavar="N", help="Listen on this port.  [default: 8000]")
@click.version_option(VERSION, message="Daypass %(version)s")
@click.pass_context
def main(context: click.Context, site: str | None, port: str | None) -> None:
    """Put a login in front of pages.

    Without a COMMAND, serve on http://127.0.0.1:8000. The database is in ./instance, or in the folder
    DAYPASS_INSTANCE. The first start prints a link that creates the first account.
    """
    gc.disable()  # importing creates many objects, and no garbage
    given = {"DAYPASS_SITE": site, "DAYPASS_PORT": port}
    os.environ.update({name: value for name, value in given.items() if value is not None})
    if context.invoked_subcommand is None:
        context.invoke(SERVE.load())


main.add_command(SERVE)
add_commands(main)

if __name__ == "__main__":
    main(prog_name="daypass")
