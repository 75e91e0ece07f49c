"""A command whose module is imported when the command runs, so that the others start faster."""

from importlib import import_module

import click


class LazyCommand(click.Command):
    """Stands for a command or a group in lists. `source` is where the real one is: `module:name`."""

    def __init__(self, name: str, source: str, short_help: str) -> None:
        super().__init__(name, short_help=short_help)
        self._source = source

    def load(self) -> click.Command:
        """Import the real command."""
        module, _, name = self._source.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        """Parse the arguments of the real command: the context refers to it, so Click goes on with it."""
        return self.load().make_context(info_name, args, parent, **extra)
