"""A command whose module is imported when the command runs, so that the others start faster."""

from collections.abc import Callable
from copy import copy
from importlib import import_module
from typing import TYPE_CHECKING

import click

from daypass.cli.command_context import CommandContext

if TYPE_CHECKING:
    from daypass.runtime import Runtime


class LazyCommand(click.Command):
    """Stands for a command or a group in lists. `source` is where the real one is: `module:name`."""

    _load_runtime: "Callable[[], Runtime] | None" = None  # `serve` needs none, and commands in a group use the group's

    def __init__(self, name: str, source: str, short_help: str) -> None:
        super().__init__(name, short_help=short_help)
        self._source = source

    def working_with(self, load_runtime: "Callable[[], Runtime]") -> "LazyCommand":
        """A copy of the command that works with this runtime."""
        bound = copy(self)
        bound._load_runtime = load_runtime
        return bound

    def load(self) -> click.Command:
        """Import the real command."""
        module, _, name = self._source.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        """Parse the arguments of the real command: the context refers to it, so Click goes on with it."""
        if self._load_runtime is not None:
            extra["obj"] = CommandContext(self._load_runtime)
        return self.load().make_context(info_name, args, parent, **extra)
