"""Decorators for commands that use the database."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import DBAPIError

from daypass.audit import log as audit_log
from daypass.cli.command_context import current_runtime
from daypass.database import schema
from daypass.errors import DaypassError

P = ParamSpec("P")
R = TypeVar("R")


def on_database(command: Callable[P, R]) -> Callable[P, R]:
    """Upgrade the database before the command; report errors as `reports_errors` does."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        schema.migrate(current_runtime().engine)
        return command(*args, **kwargs)

    return reports_errors(wrapped)


def reports_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Print an error of the command as one sentence, and exit with 1.

    At a terminal, audit events are not printed, since the output of the command is enough.
    """

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        runtime = current_runtime()
        if sys.stderr.isatty():
            audit_log.silence()
        try:
            return command(*args, **kwargs)
        except DaypassError as error:
            raise click.ClickException(error.message if error.status < 500 else str(error)) from None
        except DBAPIError as error:
            raise click.ClickException(f"The database failed: {error.orig}") from None
        finally:
            runtime.audit.close()

    return wrapped
