"""The command `daypass`: serves, or runs one of the commands. It imports only what the command needs."""

import atexit
import gc
import os
from typing import TYPE_CHECKING

import click

from daypass.cli import add_commands
from daypass.cli.lazy_command import LazyCommand
from daypass.settings.version import VERSION

if TYPE_CHECKING:
    from daypass.runtime import Runtime

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


def _load_runtime() -> "Runtime":
    """Load what a command works with. Collections run from then on, but skip the modules, which all stay."""
    from daypass.program import command_runtime

    runtime = command_runtime.load_runtime()
    gc.freeze()
    gc.enable()
    return runtime


@click.group(
    epilog=EPILOG,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
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
    gc.disable()  # imports create many objects and little garbage
    atexit.register(gc.freeze)  # without it, the process would end with a collection of all of them
    given = {"DAYPASS_SITE": site, "DAYPASS_PORT": port}
    os.environ.update({name: value for name, value in given.items() if value is not None})
    if context.invoked_subcommand is None:
        context.invoke(SERVE.load())


main.add_command(SERVE)
add_commands(main, _load_runtime)

if __name__ == "__main__":
    main(prog_name="daypass")
