"""A command whose module is imported when the command runs, so that the others start faster."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

import click

from daypass.cli.command_context import CommandContext

if TYPE_CHECKING:
    from daypass.runtime import Runtime


class LazyCommand(click.Command):
    """Stands for a command or a group in lists.

    source: where the real one is, `module:name`. load_runtime: returns what it works with; None for `serve`, and for
    commands in a group, which has it.
    """

    def __init__(
        self, name: str, source: str, short_help: str, load_runtime: "Callable[[], Runtime] | None" = None
    ) -> None:
        super().__init__(name, short_help=short_help)
        self._source = source
        self._load_runtime = load_runtime

    def working_with(self, load_runtime: "Callable[[], Runtime]") -> "LazyCommand":
        """The same command, which works with this runtime."""
        return LazyCommand(self.name or "", self._source, self.short_help or "", load_runtime)

    def load(self) -> click.Command:
        """Import the real command."""
        module, _, name = self._source.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        """Parse the arguments of the real command: the context refers to it, so Click goes on with it."""
        if self._load_runtime is None:
            return self.load().make_context(info_name, args, parent, **extra)
        command_context = CommandContext(self._load_runtime)
        context = self.load().make_context(info_name, args, parent, obj=command_context, **extra)
        context.call_on_close(command_context.close)
        return context
