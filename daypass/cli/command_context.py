"""What a command works with: the runtime of the app and a database session, each created when it is first used."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # both take a while, and `--help` needs neither
    from sqlalchemy.orm import Session

    from daypass.runtime import Runtime


class CommandContext:
    """The runtime and the database session of one command."""

    def __init__(self, load_runtime: "Callable[[], Runtime]") -> None:
        self._load_runtime = load_runtime

    @cached_property
    def runtime(self) -> "Runtime":
        """The runtime, loaded once."""
        return self._load_runtime()

    @cached_property
    def db(self) -> "Session":
        """The session, which is closed when the command ends. Its first query opens a connection."""
        return click.get_current_context().with_resource(self.runtime.session_factory())


def current_runtime() -> "Runtime":
    """The runtime that the current command works with."""
    return _current().runtime


def current_db() -> "Session":
    """The database session of the current command."""
    return _current().db


def _current() -> CommandContext:
    found = click.get_current_context().find_object(CommandContext)
    if found is None:
        raise RuntimeError("This command was not added by `daypass.cli.add_commands`.")
    return found
